"""The situations of `situations.py` as workflows, for holding `safepublish rehearse` against the real npm.

`python -m campaigns rehearsals` lays out each that a workflow file can hold, lets npm alone publish in the situation
itself, rehearses the workflow, and prints where the two came out differently; `--jobs`, `--only TEXT` and `--every N`
narrow it. The order is random and `--seed`'s, so that what `--minutes N` or a signal cuts off leaves a fair sample.
The rehearsal asks a registry on loopback what is published, as it asks npmjs.com elsewhere.
"""

import itertools
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import yaml

from campaigns import campaign, situations
from campaigns.situations import CANARY, Situation
from safepublish.rehearsal import GitHubJob, Registry
from tests.support import world

HOST = "registry.npmjs.org"
NODES = {"9.9.4": None, "10.8.2": "20.18.0", "10.9.4": "22.21.0", "11.3.0": "24.0.0", "11.4.2": "24.4.0",
         "11.5.1": "24.5.0", "11.11.0": "24.14.1"}  # fmt: skip
"""The Node that brings each npm; the others are put in place by an upgrade."""

_ON_THE_MACHINE = "http://127.0.0.1:9/"
_PERMISSION = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")


class Result(NamedTuple):
    """How npm alone and the rehearsal ended in the same situation."""

    situation: str
    npm: str  # oidc, token, fails
    rehearsed: str  # the same, or what else it did
    text: str
    wrong: str | None


def can(one: Situation) -> bool:
    """Whether a workflow file can hold *one*, and a person's machine can know of it."""
    held = one.package
    return (
        one.ci
        and not one.faults
        and not one.claims
        and not one.programs
        and not one.files
        and one.directory == "."
        and not one.dry_run
        and one.id_token is None
        and isinstance(one.job, GitHubJob)
        and one.job.visibility == "public"  # no file says that a repository is private
        and one.job.called is None
        and (held is None or (held.public and not held.stage_only))  # nor what the package's settings are
        and CANARY not in (one.npmrc or "")  # a token in a file of the repository is for this registry to know
        and not any(CANARY in word for word in one.words)
        and set(one.env) & set(_PERMISSION) in (set(), set(_PERMISSION))
        and "{host}" not in "".join(one.env)  # no workflow's env holds such a name
        and "JENKINS_URL" not in one.env
        and "--userconfig" not in one.words  # what it hides names the registry here
        and "./nowhere" not in one.words  # what is not here is asked for, and not played
        and _ON_THE_MACHINE not in f"{one.env}{one.npmrc}{one.manifest}"  # no publish step, for a reader of workflows
    )


def lay(one: Situation, root: Path, loopback: world.Loopback) -> list[str]:
    """Lay *one* out as a repository at *root*; returns the options with which it is rehearsed."""
    job: dict[str, Any] = {"runs-on": "ubuntu-latest" if one.job.runner == "github-hosted" else "self-hosted"}
    if one.job.environment:
        job["environment"] = one.job.environment
    if _PERMISSION[0] not in one.env:
        job["permissions"] = {"id-token": "write", "contents": "read"}
    words = [_filled(word) for word in one.words]
    if one.layout != "here":
        project = loopback.project(f"{root.name}/project", **one.manifest)
        words = [situations.lay(one.layout, project), *words]
    command = ["npm", *(["stage"] if one.stage else []), "publish", *words]
    publish: dict[str, Any] = {"run": shlex.join(command)}
    env = {name: _value(value) for name, value in one.env.items() if name not in _PERMISSION and value is not None}
    if env:
        publish["env"] = env
    if one.layout != "here":
        (root / "elsewhere").mkdir(parents=True)
        publish["working-directory"] = "elsewhere"
    job["steps"] = [*_before(one), publish]
    document = {"on": {"release": {"types": ["published"]}}, "jobs": {"publish": job}}
    workflows = root / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "publish.yml").write_text(yaml.safe_dump(document, sort_keys=False))
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:octo-org/hello-oidc.git\n')
    npmrc = _filled(one.npmrc) if one.npmrc is not None else None
    if one.layout == "here":
        loopback.project(root.name, npmrc=npmrc, **one.manifest)
    options = [f"--publisher={_publisher(one)}"]
    if "{url}" in (one.npmrc or ""):  # which would be asked, and is not on this machine
        assert one.package is not None
        (version,) = one.package.records()
        options.append(f"--assume-published={version}")
    return options


def _before(one: Situation) -> list[dict[str, Any]]:
    """The steps before the one that publishes."""
    node = NODES.get(one.npm)
    setup: dict[str, Any] = {"node-version": node or "24.15.0"}
    action = "actions/setup-node@v7"
    if one.setup_node is not None:
        setup["registry-url"] = f"https://{HOST}"
        action = "actions/setup-node@v7" if one.setup_node == "unset" else "actions/setup-node@v6"
    steps: list[dict[str, Any]] = [{"uses": "actions/checkout@v6"}, {"uses": action, "with": setup}]
    if node is None:
        steps.append({"run": f"npm install --global npm@{one.npm}"})
    if one.user:
        value = "${{ secrets.NPM_TOKEN }}" if CANARY in one.user else ""
        steps.append({"run": f"npm config set //{HOST}/:_authToken={value}"})
    return steps


def _publisher(one: Situation) -> str:
    ours = [each for each in (one.package.publishers if one.package else ()) if each.provider == "github"]
    if not ours:
        return "nobody/nothing:none.yml"
    return f"{ours[0].repository}:{ours[0].workflow}" + (f":{ours[0].environment}" if ours[0].environment else "")


def _filled(text: str) -> str:
    return text.replace("{host}", HOST).replace("{url}", f"https://{HOST}/")


def _value(text: str) -> str:
    return "${{ secrets.NPM_TOKEN }}" if text == CANARY else _filled(text)


def rehearse(one: Situation) -> tuple[str, str]:
    """How the rehearsal of *one* comes out, and what it said."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as directory:
        name = one.manifest.get("name") or "hello-oidc"
        registry = Registry({name: one.package} if one.package else {})
        with world.Loopback(Path(directory), registry) as loopback:
            root = loopback.directory / "project"
            options = lay(one, root, loopback)
            outcome = loopback.run(
                [sys.executable, "-m", "safepublish", "rehearse", *options], cwd=root, env=environment(loopback)
            )
    text = outcome.stdout + outcome.stderr
    if world.crashed(text):
        return "crash", text
    if outcome.returncode == 0:
        return "oidc", text
    if outcome.returncode == 3:
        return ("token" if "with a long-lived token, not through OIDC" in text else "fails"), text
    return f"ends with {outcome.returncode}", text


def environment(loopback: world.Loopback, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """A person's machine: a real Node and npm, the versions that rehearsals fetch already fetched, no CI."""
    found = loopback.environment(world.NEWEST, {"SAFEPUBLISH_CACHE": str(world.root()), **(more or {})}, ci=False)
    del found["NODE_OPTIONS"]  # what keeps npm on this machine is the rehearsal's to set
    return found


def run(one: Situation, alone: str | None = None) -> Result:
    """Let npm alone publish in *one*, unless how it ended is known, and rehearse it as a workflow."""
    alone = alone or situations.alone(one)
    rehearsed, text = rehearse(one)
    wrong = None
    if CANARY in text:
        wrong = "a secret was printed"
    elif alone != rehearsed:
        wrong = f"npm: {alone}, rehearsed: {rehearsed}"
    elif "had not predicted this" in " ".join(text.split()) and not one.unknowable:
        wrong = "safepublish had not predicted this"
    return Result(one.id, alone, rehearsed, text, wrong)


def run_all(same: Sequence[Situation]) -> list[Result]:
    """Rehearse each of *same*, in which npm alone finds the same and is played once."""
    try:
        alone = situations.alone(same[0])
        return [run(one, alone) for one in same]
    except subprocess.TimeoutExpired as error:
        return [Result(one.id, "-", "hangs", "", str(error)) for one in same]


def by_reference(laid: Sequence[Situation], seed: int) -> list[list[Situation]]:
    """*laid* in *seed*'s order, with those together that differ in nothing but their names."""
    found: dict[str, list[Situation]] = {}
    for one in laid:
        found.setdefault(repr(one._replace(id="", unknowable=False)), []).append(one)
    groups = list(found.values())
    Random(seed).shuffle(groups)
    return groups


def main() -> int:
    """Run the campaign, and print what came out differently."""
    parser = campaign.options(__doc__)
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    table = [one for one in situations.situations() if chosen.only in one.id]
    laid = [one for one in table if can(one)]
    groups = by_reference(laid, chosen.seed)[:: chosen.every]
    started, tally, wrong = time.monotonic(), Counter[str](), 0
    batches = campaign.played(run_all, groups, jobs=chosen.jobs, minutes=chosen.minutes)
    for result in campaign.counted(itertools.chain.from_iterable(batches), len(laid)):
        tally[f"npm {result.npm:6} rehearsed {result.rehearsed}"] += 1
        if result.wrong is not None:
            wrong += 1
            print(f"{result.situation}: {result.wrong}", flush=True)
            if chosen.verbose:
                print(result.text, flush=True)
    for line, number in sorted(tally.items()):
        print(f"{number:5}  {line}")
    told = f"{sum(tally.values())} of {len(laid)} played (seed {chosen.seed}), {wrong} different"
    print(f"{told}; {len(table)} situations in all, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if wrong or not tally else 0
