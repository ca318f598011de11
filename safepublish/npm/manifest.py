"""package.json as npm reads it before it publishes (@npmcli/package-json 8.0.0 of npm 12.2.0: `fix`, then `prepare`).

The same in npm 10 and 11, as far as it is described here.
"""

import re
from collections.abc import Mapping
from typing import NoReturn

from safepublish.facts.run import Manifest
from safepublish.npm.git_hosts import rewritten
from safepublish.npm.versions import PackageVersion

BEFORE_REREAD = ("prepublishOnly", "prepack", "prepare", "postpack")
"""The scripts that npm runs before it reads the manifest it sends (npm 12.2.0 lib/commands/publish.js; libnpmpack
10.0.0 lib/index.js; pacote 22.0.0 lib/dir.js runs ``prepare``)."""

_BLANK = " \t\n\r\f\v\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
"""What JavaScript's trim() strips."""

_URL_SAFE = r"[A-Za-z0-9\-_.!~*'()]+"
_NAME = re.compile(rf"(?:@{_URL_SAFE}/)?{_URL_SAFE}")
_IDENTIFIER = r"(?:[0-9]*[A-Za-z-][A-Za-z0-9-]*|[0-9]+)"
_LOOSE_VERSION = re.compile(
    rf"[v={_BLANK}]*([0-9]+)\.([0-9]+)\.([0-9]+)"
    rf"(?:-?({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?"
)
_RAISES = re.compile(r"version|bump|release|tag|\bsed\b|\bjq\b|pkg set", re.IGNORECASE)
"""What a script that raises the version is likely to say; one that only builds seldom does."""
_PACKING = (
    *("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"),
    *("overrides", "workspaces", "files"),
)
"""The fields that npm reads when it packs."""
_SAFE_PROGRAMS = frozenset(
    (
        *(
            ":",
            "ava",
            "babel",
            "c8",
            "echo",
            "esbuild",
            "eslint",
            "exit",
            "false",
            "husky",
            "jest",
            "lint-staged",
            "mkdir",
        ),
        *(
            "mocha",
            "nyc",
            "rimraf",
            "rollup",
            "sleep",
            "swc",
            "tap",
            "tape",
            "test",
            "true",
            "tsc",
            "tsd",
            "tsup",
            "vite",
        ),
        *("vitest", "vue-tsc", "webpack", "xo"),
    )
)
"""Programs that write no package.json, by their name."""
_RUNS_SCRIPT = re.compile(
    r"(?:npm|pnpm|yarn) run(?:-script)? ([A-Za-z][\w:.-]*)|(?:npm|pnpm|yarn) (?:t|test)"
    r"|(?:pnpm|yarn) "
    r"(?!(?:add|config|dlx|exec|import|init|install|link|npm|pack|publish|remove|set|up|upgrade|version)$)"
    r"([A-Za-z][\w:.-]*)"
)
_DURING_PUBLISH = (*BEFORE_REREAD, "publish", "postpublish")
_PUBLISH = re.compile(r"(?:\w+=\S* )*(?:npx )?(?:npm|pnpm|yarn(?: npm)?) publish(?: |$)")
_HARMLESS_WORDS = re.compile(r"[\w ./@:=,+-]*")
_DEEPEST_SCRIPT = 8
_TOO_DEEP = 4000
"""Collections in each other that no registry reads; npm itself reads and sends them."""
_LONGEST_VERSION = 256
_MAX_SAFE_INTEGER = 2**53 - 1


def read(text: str) -> tuple[Manifest, Mapping[str, object]]:
    """What npm makes of the text of a package.json, and its publishConfig.

    publishConfig stands apart because it may hold a token.
    """
    document = _document(text)
    return document if isinstance(document, tuple) else (_manifest(document), _publish_config(document))


def name_trouble(name: str) -> str | None:
    """Why npm stops at *name*, or None.

    (@npmcli/package-json 8.0.0, `fixName`; validate-npm-package-name 8.0.0, `validForOldPackages`. Capital letters are
    the registry's affair; a leading hyphen stops npm 11.10 and newer, and is the registry's affair before.)
    """
    if not name:
        return "it is empty"
    if name != name.strip(_BLANK):
        return "it begins or ends with a blank"
    if name.startswith((".", "_")):
        return f"it begins with {name[0]!r}"
    if name.lower() in {"node_modules", "favicon.ico"}:
        return "that name is reserved"
    if _NAME.fullmatch(name) is None:
        return "it has a character that a URL would escape"
    if name.partition("/")[2].startswith("."):
        return "its part behind the scope begins with '.'"
    return None


def _document(text: str) -> dict[str, object] | tuple[Manifest, Mapping[str, object]]:
    """The object that *text* holds, as json-parse-even-better-errors 6.0.0 and JSON.parse read it."""
    import json  # the causes that judge a name need none

    document, too_deep_for_python = None, False
    try:
        document = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant, parse_int=float)
    except json.JSONDecodeError as error:
        return Manifest(trouble=f"line {error.lineno} column {error.colno}: {error.msg}"), {}
    except RecursionError:
        too_deep_for_python = True  # for 3.11; a newer one reads more than that
    except ValueError as error:
        return Manifest(trouble=str(error)), {}
    if text.count("[") + text.count("{") >= _TOO_DEEP and _depth(text) >= _TOO_DEEP:
        return Manifest(trouble="it is nested too deeply"), {}
    if too_deep_for_python:
        return Manifest(unread="it is nested too deeply"), {}
    if not isinstance(document, dict):
        return Manifest(trouble="it is not a JSON object"), {}
    return document


def _depth(text: str) -> int:
    """How deep the collections of JSON *text* lie in each other."""
    deepest = depth = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"|[^][{}"]', "", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _manifest(document: Mapping[str, object]) -> Manifest:
    scripts = document.get("scripts")
    present = scripts if isinstance(scripts, dict) else {}
    run = tuple(event for event in BEFORE_REREAD if present.get(event) and isinstance(present[event], str))
    read_so_far = Manifest(
        private=_truthy(document.get("private")),
        repository=_repository(document),
        runs_scripts=bool(run),
        publishing_script=next((event for event in _DURING_PUBLISH if _publishes(present.get(event), present)), None),
        scripts_may_change_manifest=any(_may_change_manifest(present[event], present) for event in run),
        script_bumps_version=any(_RAISES.search(present[event]) for event in run),
        pack_trouble=_pack_trouble(document),
        package_extensions="packageExtensions" in document and not _truthy(document.get("private")),
    )
    policy = document.get("contentPolicy")
    if isinstance(policy, dict) and policy.get("class") == "dual-use":
        read_so_far = read_so_far._replace(dual_use=True, packs_disclosure=_packs_disclosure(document.get("files")))
    name, version, main = document.get("name"), document.get("version"), document.get("main")
    if _truthy(name) and not isinstance(name, str):
        return read_so_far._replace(trouble="its name is not a string")
    read_so_far = read_so_far._replace(name=str(name).strip(_BLANK) if _truthy(name) else None)
    cleaned = _version(version) if isinstance(version, str) else None
    if _truthy(version) and cleaned is None:
        return read_so_far._replace(trouble=f"its version is not a valid semver version: {_shown(version)}")
    if _truthy(main) and not isinstance(main, str):
        return read_so_far._replace(version=cleaned, trouble="its main is not a string")
    return read_so_far._replace(version=cleaned)


def _pack_trouble(document: Mapping[str, object]) -> str | None:
    if not any(document.get(field) for field in _PACKING):
        return None
    from safepublish.npm.packing import trouble  # which reads specs, and they are checked as names are here

    return trouble(document)


def _publishes(script: object, scripts: Mapping[object, object], depth: int = 0) -> bool:
    """Whether a command of *script*, or of a script that it runs, is a publish."""
    if not isinstance(script, str) or depth > _DEEPEST_SCRIPT:
        return False
    for command in re.split(r"&&|\|\||;|\n", script):
        text = " ".join(command.split())
        if _PUBLISH.match(text) and "--dry-run" not in text:
            return True
        runs = _RUNS_SCRIPT.fullmatch(text)
        if runs is not None and _publishes(scripts.get(runs[1] or runs[2] or "test"), scripts, depth + 1):
            return True
    return False


def _may_change_manifest(script: str, scripts: Mapping[object, object], depth: int = 0) -> bool:
    """Whether a command of *script* may write package.json: any but those that are known not to."""
    if depth > _DEEPEST_SCRIPT or "package.json" in script:
        return True
    for command in re.split(r"&&|\|\||;|\n", script):
        text = " ".join(command.split())
        runs = _RUNS_SCRIPT.fullmatch(text)
        if runs is not None:
            name = runs[1] or runs[2] or "test"
            called = [scripts[each] for each in (f"pre{name}", name, f"post{name}") if scripts.get(each)]
            if scripts.get(name) and all(isinstance(each, str) for each in called):
                if any(_may_change_manifest(str(each), scripts, depth + 1) for each in called):
                    return True
                continue
        program = text.removeprefix("npx ").partition(" ")[0].rpartition("/")[2]
        if not _HARMLESS_WORDS.fullmatch(text) or (text and program not in _SAFE_PROGRAMS):
            return True
    return False


def _packs_disclosure(files: object) -> bool | None:
    """Whether *files* of package.json lets npm pack a file DISCLOSURE at the root; None where that is unknown."""
    from safepublish.npm import globs  # for a dual-use package only

    if not isinstance(files, list):
        return True
    patterns = [pattern.removeprefix("./").removeprefix("/") for pattern in files if isinstance(pattern, str)]
    if any(pattern.startswith("!") for pattern in patterns):
        return None
    try:
        return any(pattern in {"", "."} or globs.matches("DISCLOSURE", pattern) for pattern in patterns)
    except globs.TooInvolvedError:
        return None


def _shown(value: object) -> str:
    return f"{value:.80}" if isinstance(value, str) else type(value).__name__


def _version(text: str) -> str | None:
    """*text* as semver's clean() leaves it in loose mode, or None where valid() says no (npm's semver 7)."""
    match = _LOOSE_VERSION.fullmatch(text.strip(_BLANK)) if len(text) <= _LONGEST_VERSION else None
    if match is None:
        return None
    major, minor, patch = (int(match.group(number)) for number in (1, 2, 3))
    if max(major, minor, patch) > _MAX_SAFE_INTEGER:
        return None
    prerelease = match.group(4).split(".") if match.group(4) else ()
    return str(PackageVersion(major, minor, patch, tuple(map(_identifier, prerelease))))


def _identifier(text: str) -> str:
    return str(int(text)) if text.isdigit() and int(text) < _MAX_SAFE_INTEGER else text


def _repository(document: Mapping[str, object]) -> str | None:
    repositories = document.get("repositories")
    repository = document.get("repository")
    if isinstance(repositories, list):
        repository = repositories[0] if repositories else None
    elif _truthy(repositories):
        repository = None
    url = repository.get("url") if isinstance(repository, dict) else repository
    return rewritten(url) if isinstance(url, str) and url else None


def _publish_config(document: Mapping[str, object]) -> Mapping[str, object]:
    found = document.get("publishConfig")
    return found if isinstance(found, dict) else {}


def _truthy(value: object) -> bool:
    """Whether JavaScript takes *value* for true: an empty list or object is."""
    return isinstance(value, dict | list) or bool(value)
