"""The configuration against the real npm's own: situations are made up, and npm and we say what they come to.

SAFEPUBLISH_CAMPAIGN=500 makes up 500 batches for each npm instead of one, and other ones each time;
SAFEPUBLISH_WHOLE=1 makes up two.
"""

import json
import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from packaging.version import Version

from safepublish.detect import config
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import PLACEHOLDER, Credential, Npm, PackageSettings
from safepublish.npm import options, tool_versions
from safepublish.npm.arguments import text, truthy
from safepublish.npm.config.package import package_settings
from safepublish.npm.floors import Floor
from tests.support import world

pytestmark = pytest.mark.real_process

CAMPAIGN = int(os.environ.get("SAFEPUBLISH_CAMPAIGN", "0"))
SEED = Random().randrange(10**9) if CAMPAIGN else 0
EACH = 100  # situations that one npm process answers
SHOWN = 8
VERSIONS = ("9.9.4", "10.8.2", "10.9.4", "11.3.0", "11.5.1", "11.10.0", "11.15.0", "11.21.2", "12.0.0", "12.2.0")
SCRIPT = Path(__file__).with_name("npm_config.cjs")

HOSTS = ("registry.npmjs.org", "npm.example", "h.example:4873", "npm.example/path", "npm.example/path/to")
REGISTRIES = (
    "https://registry.npmjs.org/", "https://registry.npmjs.org", "http://npm.example/", "https://npm.example/path",
    "https://npm.example/path/", "https://npm.example/path/to/", "http://h.example:4873", "https://NPM.example:443/x/../",
    "h.example:4873", "not a url", "", "//npm.example/", "https://${HOST}/", "https://npm.example/?q=1", "null", "true",
)  # fmt: skip
TOKENS = (
    "npm_canary", "${NODE_AUTH_TOKEN}", "${UNSET}", "${UNSET?}", "${EMPTY}", "", PLACEHOLDER, "${HELD}", "null", "true",
    "false", "dXNlcjpwYXNz", "OnBhc3M=", "\\${NODE_AUTH_TOKEN}", "a${UNSET}b", '"npm_quoted"', "npm_x # why", "'5'",
)  # fmt: skip
SUFFIXES = ("_authToken", "_auth", "username", "_password", "certfile", "keyfile", "email", "foo")

SIMPLE = (
    "tag=next", "tag=1.x", "tag=", "access=public", "access=private", "access=bogus", "access=null", "provenance=true",
    "provenance=false", "provenance=", "provenance=0", "provenance=yes", "provenance-file=./x.json", "dry-run=true",
    "scope=scope", "scope=@other", "proxy=http://proxy.example:8080", "proxy=false", "proxy=null",
    "https-proxy=proxy.example", "noproxy=a.example,b.example", "strict-ssl=false", "fetch-timeout=5", "fetch-timeout=x",
    "global=true", "location=global", "location=nowhere", "loglevel=verbose", "loglevel=loud", "json=true", "ca=one",
    "cafile=~/ca.pem", "unknown-key=x", "strict-npmrc=true", "save-dev=true", "save-prod=true", "workspaces=true",
    "workspaces=false", "workspace=a", "userconfig=~/other", "include-workspace-root=true", "otp=123456", "force=1",
    "email=a@b.example", "extension-file=x.js", "registry=https://registry.npmjs.org/", "umask=022", "browser=x",
)  # fmt: skip
LINES = ("# registry=https://x.example/", "[section]", "[a.b]", "", "=x", ";;", "\ufeffregistry=https://b/", "[a]b=c")
LOOSE = (
    "--dry-run", "--tag=next", "--access", "public", "--acc", "--ta", "--prov", "--provenance", "--regi", "--reg",
    "https://r.example/", "false", "true", "null", "-w", "a", "-ws", "-iwr", "--iwr", "--ws", "-dd", "-d", "-C", ".",
    "--", "-", "---", "x.tgz", "./packages/a", "--no-provenance=false", "--no-no-dry-run", "--provenance=0", "--foo",
    "--foo=bar", "--color", "always", "--depth", "5", "-f", "-g", "-gf", "--workspace", "b", "--otp", "-1", "--yes",
    "--before", "--no-git-checks", "--omit", "dev", "--omit=x", "--lockfile-version", "3", "-=x", "--=x", "--browser",
    "-n", "--no", "--//npm.example/:_authToken=npm_cli", "--@scope:registry=https://scoped.example/", "--verbose", "-s",
    "--silent", "--fetch-timeout", "--expect-results", "--expect-result-count=1", "--include", "--ca=x", "-wa", "-Cdist",
    "-p",
)  # fmt: skip
VARIABLES = (
    "NPM_TOKEN", "NODE_AUTH_TOKEN", "NPM_CONFIG__AUTH", "NPM_CONFIG_REGISTRY", "npm_config_registry",
    "NPM_CONFIG_PROVENANCE", "NPM_CONFIG_USERCONFIG", "npm_config_globalconfig", "NPM_CONFIG_TAG", "NPM_CONFIG_ACCESS",
    "npm_config_//npm.example/:_authToken", "NPM_CONFIG_//registry.npmjs.org/:_authToken", "npm_config_@scope:registry",
    "NPM_CONFIG_WORKSPACE", "NPM_CONFIG_WORKSPACES", "PREFIX", "npm_config_prefix", "NPM_CONFIG_PROVENANCE_FILE",
    "NPM_CONFIG_GLOBAL", "NPM_CONFIG_DRY_RUN", "NPM_CONFIG_SCOPE", "NPM_CONFIG_STRICT_NPMRC", "NPM_CONFIG_LOCATION",
    "NPM_CONFIG_SAVE_DEV", "NPM_CONFIG_NOPROXY",
)  # fmt: skip
VALUES = (
    "", "true", "false", "0", "1", "npm_env", PLACEHOLDER, "https://env.example/", "https://env.example", "next",
    "HOME/other", "HOME/.npmrc", "HOME/project/.npmrc", "HOME", "${HELD}", "${UNSET}", "public", "a", "user", "@scope",
)  # fmt: skip
PUBLISH_CONFIG_KEYS = (
    "registry",
    "tag",
    "access",
    "provenance",
    "@scope:registry",
    "//npm.example/:_authToken",
    "scope",
)
PUBLISH_CONFIG_VALUES = (
    "https://pc.example/", "https://npm.example/path/", "", None, True, False, "next", "restricted", "@other", "${UNSET}",
    "private",
)  # fmt: skip
GLOBS = ("packages/*", "packages/{a,b}", "packages/**", "!packages/b", "./packages/a", "other/", "*", "none", "p*/[ab]")


class Situation(NamedTuple):
    """A machine with its files, and the command that is given on it."""

    project: str
    user: str
    other: str
    words: list[str]
    env: dict[str, str]
    cwd: str
    name: str
    publish_config: dict[str, Any]
    globs: list[str]
    member: str


def make_up(random: Random) -> Situation:
    """A situation, about a third of which npm stops at."""
    few = random.choice((0, 0, 1, 1, 2, 3))
    return Situation(
        project=_file(random),
        user=_file(random),
        other=_file(random),
        words=["publish", *(word for _ in range(few) for word in _words(random))],
        env={random.choice(VARIABLES): random.choice(VALUES) for _ in range(random.choice((0, 0, 1, 2, 3)))},
        cwd=random.choice((".", ".", "packages/a", "packages/b/deep", "packages", "other")),
        name=random.choice(("plain", "@scope/pkg", "@other/x")),
        publish_config={
            random.choice(PUBLISH_CONFIG_KEYS): random.choice(PUBLISH_CONFIG_VALUES)
            for _ in range(random.choice((0, 0, 1, 2)))
        },
        globs=random.choices(GLOBS, k=random.choice((0, 1, 2, 3))),
        member=_file(random),
    )


def _pair(random: Random) -> str:
    kind = random.randrange(20)
    if kind < 6:
        dart = random.choice(("//", "//", "//", "", "https://")) + random.choice(HOSTS)
        dart += random.choice(("/", "/", "/", "", "/plain", "/@scope%2fpkg", "/pa", "/path/"))
        return f"{dart}:{random.choice((*SUFFIXES, '_authToken', '_authToken'))}={random.choice(TOKENS)}"
    if kind < 10:
        scope = random.choice(("", "", "@scope:", "@other:", "@SCOPE:"))
        return f"{scope}registry={random.choice(REGISTRIES)}"
    if kind < 11:
        return f"{random.choice((*SUFFIXES[:6], '-authtoken'))}={random.choice(TOKENS)}"
    return random.choice(SIMPLE)


def _file(random: Random) -> str:
    lines = []
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        key, _, value = _pair(random).partition("=")
        shape = random.choice(
            (
                "{0}={1}",
                "{0}={1}",
                "{0}={1}",
                "{0} = {1}",
                "  {0}={1}",
                '"{0}"={1}',
                "{0}={1} ; why",
                "{0}[]={1}",
                "{0}",
            )
        )
        lines.append(random.choice(LINES) if random.randrange(9) == 0 else shape.format(key, value))
    return random.choice(("\n", "\n", "\r\n")).join(lines)


def _words(random: Random) -> list[str]:
    if random.random() < 0.5:
        return [random.choice(LOOSE)]
    key, _, value = _pair(random).partition("=")
    return random.choice(
        ([f"--{key}={value}"], [f"--{key}={value}"], [f"--{key}", value], [f"--{key}"], [f"--no-{key}"])
    )


def _lay(situation: Situation, home: Path) -> dict[str, Any]:
    """Write the situation's files, and say it as the script wants it."""
    project = home / "project"
    for place, name in (("packages/a", "a"), ("packages/b", "@scope/b"), ("packages/.c", "c"), ("other", "other")):
        (project / place).mkdir(parents=True)
        (project / place / "package.json").write_text(json.dumps({"name": name}))
    (project / "packages/b/deep").mkdir()
    (project / "packages/node_modules/d").mkdir(parents=True)
    (project / "packages/node_modules/d/package.json").write_text("{}")
    (project / "package.json").write_text(json.dumps({"name": "root", "workspaces": situation.globs}))
    (project / ".npmrc").write_text(situation.project)
    (project / "packages/a/.npmrc").write_text(situation.member)
    (home / ".npmrc").write_text(situation.user)
    (home / "other").write_text(situation.other)
    (home / "etc").mkdir()
    (home / "etc/npmrc").write_text(situation.other)
    env = {key: value.replace("HOME", str(home)) for key, value in situation.env.items()}
    return {
        "words": situation.words,
        "env": {"HOME": str(home), "EMPTY": "", "HELD": "npm_held", "HOST": "npm.example", **env},
        "cwd": str(project / situation.cwd),
        "name": situation.name,
        "publishConfig": situation.publish_config,
    }


def real(version: str, told: list[dict[str, Any]], place: Path) -> dict[str, Any]:
    """What npm *version* says to each of the situations *told*, and its tables."""
    (place / "situations.json").write_text(json.dumps(told))
    subprocess.run(
        [world.node(), SCRIPT, world.npm(version), place / "situations.json", place / "answers.json"],
        check=True,
        timeout=300,
        env={"HOME": str(place), "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
    )
    answers: dict[str, Any] = json.loads((place / "answers.json").read_text())
    return answers


def ours(version: str, told: dict[str, Any]) -> config.Configuration:
    executable = str(world.node())
    npm = Npm(executable, str(world.npm(version) / "bin/npm-cli.js"), tool_versions.parse(version), executable, None)
    return config.read(told["words"], env=told["env"], cwd=told["cwd"], npm=npm)


def compare(version: str, told: dict[str, Any], answer: dict[str, Any]) -> None:
    found = ours(version, told)
    effective, credential = package_settings(found, told["name"], told["publishConfig"])
    late = ("registry-without-slash", "empty-token", "provenance-file")  # seen when npm publishes
    stops = [
        each
        for each in (*found.problems, *effective.problems)
        if each.stops_npm and each.kind not in late and "has a query" not in each.text
    ]
    if "error" in answer:
        if answer["error"]["code"] == "ERR_INVALID_ARG_TYPE" or "opts.scope.replace" in answer["error"]["message"]:
            return  # a `_auth` or `scope` that is no text: not foreseen
        assert stops, answer["error"]
        return
    assert stops == []
    assert found.local_prefix == answer["localPrefix"]
    assert list(found.positionals) == answer["positionals"]
    cli = {key: _plain(value) for key, value in found.layers["cli"].raw.items()}
    cli["before"] = answer["cli"]["before"] = None  # npm makes a date of it, or not
    if "globalconfig" in answer["cli"]:
        cli["globalconfig"] = answer["cli"]["globalconfig"]
    assert cli == answer["cli"]
    for key, value in answer["settings"].items():
        assert _plain(found.get(key)) == value, key
        where = answer["where"][key]
        assert (found.origin(key).layer if found.origin(key) else "default") == where, key  # type: ignore[union-attr]
        assert found.is_default(key) == answer["isDefault"][key], key
    assert list(found.workspace_dirs()) == answer.get("workspaces", [])
    assert effective.registry is not None
    assert effective.registry.value == answer["registry"]
    opts = answer["opts"]
    if opts["tag"]:
        assert effective.dist_tag == text(opts["tag"])
    assert effective.access == (text(opts["access"]) if truthy(opts["access"]) else None)
    assert (effective.provenance is True) == (opts["provenance"] is True)
    assert effective.provenance_file == opts["provenanceFile"]
    transport = found.transport
    assert (transport.https_proxy or transport.proxy) == (text(opts["proxy"]) if opts["proxy"] else None)
    assert transport.noproxy == (opts["noProxy"] if isinstance(opts["noProxy"], str) else "")
    assert transport.strict_ssl == (opts["strictSSL"] is not False)
    compare_credential(version, effective, credential, answer)


def compare_credential(version: str, effective: PackageSettings, held: Credential, answer: dict[str, Any]) -> None:
    oidc = Version(version) in Floor.PUBLISH
    assert held.beats_oidc == (not answer["sendsExchanged"])
    lost = [each for each in effective.problems if each.kind in {"registry-without-slash", "empty-token"}]
    assert bool(lost) == (oidc and not answer["loggedInByOidc"])
    if not answer["loggedIn"] and answer["sendsExchanged"]:
        assert held.kind in {CredentialKind.ABSENT, CredentialKind.EMPTY}
        return
    assert held.needs_oidc == (not answer["loggedIn"])
    sent = answer["auth"]
    assert held.origin is not None
    assert held.origin is not None
    assert held.origin.key.rpartition(":")[2] in {sent["suffix"], "_password", "keyfile"}
    if held.origin.layer != "publishConfig" and held.origin.key == sent["key"]:
        assert held.origin.layer == sent["where"]
    if sent["suffix"] in {"_authToken", "_auth"}:
        told = str(sent["value"])
        if "${" in told:
            assert held.kind in {CredentialKind.UNRESOLVED, CredentialKind.SET}  # SET where the .npmrc escapes it
        else:
            assert held.kind is (CredentialKind.PLACEHOLDER if told == PLACEHOLDER else CredentialKind.SET)


def _differing(answer: dict[str, Any]) -> str:
    """npm's answer without what is at its default."""
    told = {key: value for key, value in answer.items() if key not in {"settings", "isDefault", "where"}}
    where = answer.get("where", {})
    told["settings"] = {k: [v, where[k]] for k, v in answer.get("settings", {}).items() if where[k] != "default"}
    return json.dumps(told)


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("batch", range(CAMPAIGN) if CAMPAIGN else world.some([0, 1], 0))
@pytest.mark.parametrize("version", VERSIONS)
def test_made_up_situations_come_to_what_the_real_npm_says(version: str, batch: int, tmp_path: Path) -> None:
    random = Random(f"{SEED}/{version}/{batch}")
    made = [make_up(random) for _ in range(EACH)]
    if version.startswith("9."):  # npm 9 reads negated globs in another way
        made = [one._replace(globs=[glob for glob in one.globs if not glob.startswith("!")]) for one in made]
    told = [_lay(situation, tmp_path / str(number)) for number, situation in enumerate(made)]
    failures = []
    for one, situation, answer in zip(told, made, real(version, told, tmp_path)["told"], strict=True):
        try:
            compare(version, one, answer)
        except AssertionError as error:
            failures.append(f"{situation}\n{_differing(answer)}\n{error}")
    assert not failures, f"seed {SEED}: {len(failures)} of {EACH}:\n" + "\n\n".join(failures[:SHOWN])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_tables_of_options_are_npms_own(version: str, tmp_path: Path) -> None:
    tables = real(version, [], tmp_path)
    parsed = tool_versions.parse(version)
    assert parsed is not None
    ours = dict(options.options(parsed))
    theirs = {key: told["type"] for key, told in tables["options"].items()}
    del ours["local-address"], theirs["local-address"]  # npm lists this machine's addresses
    ours["lockfile-version"] = theirs["lockfile-version"]  # the numbers beside the texts make no difference
    assert ours == theirs
    exclusive = {key: set(told["exclusive"]) for key, told in tables["options"].items() if told["exclusive"]}
    assert {key: set(others) for key, others in options.exclusive(parsed).items()} == exclusive
    assert {key: list(words) for key, words in options.SHORTHANDS.items()} == tables["shorthands"]
    for key, value in options.DEFAULTS.items():
        if key in theirs and key != "progress":  # progress was on up to npm 11.3
            assert tables["options"][key]["default"] == (list(value) if isinstance(value, tuple) else value), key
