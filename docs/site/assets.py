"""Puts what the pages load beside them: styles, the bundled scripts, Python as WebAssembly, and safepublish itself."""

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLAYGROUND = HERE / "playground"
SCRIPTS = ("log.js", "workflow.js", "worker.js")
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
"""The files of npm's package `pyodide` that a browser needs for Python alone."""
STORY = ROOT / "examples" / "hello-oidc" / ".github" / "workflows" / "publish.yml"
LOGS = {
    "missing-id-token-permission": "eusage.log",
    "publisher-mismatch": "verbose.log",
    "publisher-tool-without-oidc": "semantic-release.log",
}
"""The logs of the tests that the playground offers, by cause."""
_IGNORED = {"__pycache__", ".so", ".pyd"}


def write(directory: Path, build: Path, wheel: Path | None) -> None:
    """Write all assets into *directory*; *build* keeps what took time to download or make.

    Raises `CalledProcessError` where npm, esbuild or the build of the wheel fails.
    """
    target = directory / "playground"
    shutil.copytree(HERE / "static", directory, dirs_exist_ok=True)
    modules = packages(build)
    _bundle(modules, target)
    engine = target / "engine"
    engine.mkdir(parents=True, exist_ok=True)
    for name in PYODIDE:
        shutil.copyfile(modules / "pyodide" / name, engine / name)
    built = wheel or _wheel(build)
    shutil.copyfile(built, engine / built.name)
    _library(engine / "library.zip")
    files = {path.name: path.stat().st_size for path in sorted(engine.iterdir())}
    _examples(target / "examples")
    (target / "engine.json").write_text(json.dumps({"wheel": built.name, "files": files}), encoding="utf-8")


def packages(build: Path) -> Path:
    """The node_modules of the pinned packages; npm installs them where the lock file has changed."""
    lock = PLAYGROUND / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    home = build / f"npm-{digest}"
    if not (home / "node_modules" / ".package-lock.json").exists():
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(PLAYGROUND / name, home / name)
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=home, check=True)
    return home / "node_modules"


def _bundle(modules: Path, target: Path) -> None:
    """Bundle the scripts of the playground with esbuild."""
    command = [
        str(modules / "@esbuild" / _platform() / "bin" / "esbuild"),
        *(str(PLAYGROUND / name) for name in SCRIPTS),
        "--bundle",
        "--splitting",
        "--format=esm",
        "--target=es2022",
        "--minify",
        "--legal-comments=linked",
        "--log-level=warning",
        f"--outdir={target}",
    ]
    subprocess.run(command, check=True, env={**os.environ, "NODE_PATH": str(modules)})


def _platform() -> str:
    system = {"linux": "linux", "darwin": "darwin"}[sys.platform]
    return f"{system}-{ {'x86_64': 'x64', 'aarch64': 'arm64', 'arm64': 'arm64'}[platform.machine()] }"


def _wheel(build: Path) -> Path:
    """A wheel of the package as it stands."""
    directory = build / "wheel"
    shutil.rmtree(directory, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(directory), str(ROOT)]
    subprocess.run(command, check=True)
    (built,) = directory.glob("*.whl")
    return built


def _library(path: Path) -> None:
    """What the pure core imports: packaging, PyYAML without its C part; and what the worker calls."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("packaging", "yaml"):
            for file in sorted(_directory(name).rglob("*")):
                if file.is_file() and not _IGNORED & {*file.parts, file.suffix}:
                    archive.write(file, f"{name}/{file.relative_to(_directory(name)).as_posix()}")
        for name in ("answers.py", "pydantic.py"):
            archive.write(PLAYGROUND / name, name)


def _examples(directory: Path) -> None:
    """The logs and workflows to try: the story's, logs of the tests, and the story with one thing changed."""
    shutil.copytree(PLAYGROUND / "examples", directory)
    for cause, log in LOGS.items():
        shutil.copyfile(ROOT / "tests" / "logs" / "pasted" / cause / log, directory / f"{cause}.log")
    story = STORY.read_text(encoding="utf-8")
    node = ('node-version: "22"', 'node-version: "24"')
    publish = "      - run: npm publish"
    token = f"      - env:\n          NODE_AUTH_TOKEN: ${{{{ secrets.NPM_TOKEN }}}}\n        {publish.strip(' -')}"
    for name, changes in {
        "story.yml": (),
        "permission.yml": (node, ("  id-token: write\n", "")),
        "token.yml": (node, (publish, token)),
    }.items():
        text = story
        for old, new in changes:
            if old not in text:
                raise ValueError(f"the story has no {old!r}")
            text = text.replace(old, new)
        (directory / name).write_text(text, encoding="utf-8")


def _directory(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(package)
    return Path(found.origin).parent
