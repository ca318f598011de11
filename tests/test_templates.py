"""The templates for GitLab CI and CircleCI: a shell runs their lines as that CI would, and the real npm publishes."""

import re
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from safepublish.rehearsal import CircleCIJob, GitLabJob, PublishedPackage, Registry, TrustedPublisher
from tests.support import documented, world

Make = Callable[..., world.Loopback]

GITLAB: dict[str, Any] = yaml.safe_load(documented.block(".gitlab-ci.yml"))
CIRCLECI: dict[str, Any] = yaml.safe_load(documented.block(".circleci/config.yml"))
GUARD = shlex.join([sys.executable, "-m", "safepublish"])


def ours(script: str) -> str:
    """*script* with the guard of this checkout in the place of the one on PyPI."""
    replaced = re.sub(r"pipx run safepublish==\d+\.\d+\.\d+", lambda _: GUARD, script)
    assert replaced != script
    return replaced


def gitlab(make_loopback: Make, publisher: str = ".gitlab-ci.yml", **more: str | None) -> world.Outcome:
    """Run the template's `script` as GitLab's runner does: one shell for all lines, each has to succeed."""
    job = GitLabJob()
    trusted = TrustedPublisher(job.project, publisher, provider="gitlab")
    loopback = make_loopback(Registry({"hello-oidc": PublishedPackage(("0.9.0",), publishers=(trusted,))}, job=job))
    sigstore = loopback.registry.id_token(GITLAB["publish"]["id_tokens"]["SIGSTORE_ID_TOKEN"]["aud"])
    given: Mapping[str, str | None] = {"CI_COMMIT_TAG": "v1.0.0", "SIGSTORE_ID_TOKEN": sigstore, **more}
    repository = {"type": "git", "url": f"https://gitlab.com/{job.project}.git"}
    script = ours("\n".join(GITLAB["publish"]["script"]))
    project, env = loopback.project(repository=repository), loopback.environment(more=given)
    return loopback.run(["bash", "-eo", "pipefail", "-c", script], cwd=project, env=env)


def circleci(make_loopback: Make, *, token: bool = True) -> world.Outcome:
    """Run the template's step Publish as CircleCI does, with a `circleci` that hands out the job's id token."""
    job = CircleCIJob()
    trusted = TrustedPublisher(job.origin, job.pipeline_definition, provider="circleci")
    loopback = make_loopback(Registry({"hello-oidc": PublishedPackage(("0.9.0",), publishers=(trusted,))}, job=job))
    tool = loopback.directory / "tools" / "circleci"
    tool.parent.mkdir()
    said = f"echo {loopback.registry.id_token('npm:127.0.0.1')}" if token else "echo no such organization >&2; exit 1"
    tool.write_text(
        f'#!/bin/sh\n[ "$*" = \'run oidc get --claims {{"aud":"npm:registry.npmjs.org"}}\' ] || exit 2\n{said}\n'
    )
    tool.chmod(0o755)
    env = loopback.environment(more={"NPM_ID_TOKEN": None})
    env["PATH"] = f"{tool.parent}:{env['PATH']}"
    (script,) = (
        step["run"]["command"]
        for step in CIRCLECI["jobs"]["publish"]["steps"]
        if isinstance(step, dict) and step["run"]["name"] == "Publish"
    )
    return loopback.run(["bash", "-eo", "pipefail", "-c", ours(script)], cwd=loopback.project(), env=env)


def uploads(outcome: world.Outcome) -> list[tuple[str, bool]]:
    """The publishes: with what, and whether with provenance."""
    return [(one.credential, one.provenance) for one in outcome.published]


def test_gitlab_has_both_audiences() -> None:
    assert GITLAB["publish"]["id_tokens"] == {
        "NPM_ID_TOKEN": {"aud": "npm:registry.npmjs.org"},
        "SIGSTORE_ID_TOKEN": {"aud": "sigstore"},
    }


def test_gitlab_publishes_a_tag(make_loopback: Make) -> None:
    outcome = gitlab(make_loopback)
    assert outcome.returncode == 0, outcome.stderr
    assert uploads(outcome) == [("oidc", True)]
    assert outcome.stderr.endswith("safepublish: published hello-oidc@1.0.0 through OIDC (trusted publishing).\n")


def test_gitlab_only_checks_what_a_person_starts(make_loopback: Make) -> None:
    outcome = gitlab(make_loopback, CI_COMMIT_TAG=None)
    assert outcome.returncode == 0, outcome.stderr
    assert uploads(outcome) == []
    assert outcome.stdout.startswith("safepublish: hello-oidc@1.0.0 can be published through OIDC")


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"NPM_ID_TOKEN": None}, "id-token-missing"),
        ({"NPM_ID_TOKEN": "x"}, "id-token-malformed"),
        ({"publisher": "release.yml"}, "publisher-mismatch"),
    ],
)
def test_gitlab_is_refused(more: dict[str, Any], cause: str, make_loopback: Make) -> None:
    outcome = gitlab(make_loopback, **more)
    assert (outcome.returncode, uploads(outcome)) == (3, [])
    assert f"error[{cause}]: " in outcome.stderr


def test_circleci_publishes_without_provenance(make_loopback: Make) -> None:
    outcome = circleci(make_loopback)
    assert outcome.returncode == 0, outcome.stderr
    assert uploads(outcome) == [("oidc", False)]


def test_circleci_ends_where_the_token_cannot_be_had(make_loopback: Make) -> None:
    outcome = circleci(make_loopback, token=False)
    assert (outcome.returncode, outcome.received) == (1, ())
    assert outcome.stderr == "no such organization\n"


def test_circleci_publishes_tags_only() -> None:
    (job,) = CIRCLECI["workflows"]["publish"]["jobs"]
    assert job["publish"]["filters"] == {"branches": {"ignore": "/.*/"}, "tags": {"only": "/^v.*/"}}


def test_the_version_is_this_one() -> None:
    from safepublish import __version__

    texts = [Path(block.page).read_text() for block in documented.blocks()]
    versions = {found for text in texts for found in re.findall(r"safepublish==(\S+?)[` ;\n]", text)}
    assert versions == {__version__}
