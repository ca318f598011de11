"""Situations in which the real npm publishes or fails, for holding the guard against it.

`python -m campaigns situations` runs them all, npm alone and then safepublish, each in a world of its own, and prints
what disagrees; `--jobs`, `--only TEXT` and `--every N` narrow it. `--mixed N` plays N situations instead that each hold
what two or three of the table hold, together; `--seed` draws others.
The judge is npm: no situation says what should happen, only what lies there.
"""

import itertools
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from campaigns import campaign
from safepublish.facts.run import PLACEHOLDER
from safepublish.rehearsal import (
    CircleCIJob,
    Fault,
    GitHubJob,
    GitLabJob,
    Grant,
    PublishedPackage,
    PublishedVersion,
    Registry,
    TrustedPublisher,
)
from tests.support import world

CANARY = "npm_CANARYcanaryCANARYcanaryCANARY123456"
"""A token the registry knows; it must occur in nothing that safepublish writes."""

DEAD = "npm_DEADdeadDEADdeadDEADdeadDEADdeadDEAD"

OURS = TrustedPublisher("octo-org/hello-oidc", "publish.yml")
GITLAB = TrustedPublisher("octo-group/hello-oidc", ".gitlab-ci.yml", provider="gitlab")
CIRCLECI = TrustedPublisher(CircleCIJob().origin, CircleCIJob().pipeline_definition, provider="circleci")
EVERYBODY = (OURS, GITLAB, CIRCLECI)


class Situation(NamedTuple):
    """What lies there when npm is started."""

    id: str
    npm: str = world.NEWEST
    job: Any = GitHubJob()
    ci: bool = True
    env: Mapping[str, str | None] = {}  # {host} and {url} are filled in
    id_token: str | None = None  # NPM_ID_TOKEN: good, audience, expired, malformed, empty
    package: PublishedPackage | None = PublishedPackage(("0.9.0",), publishers=EVERYBODY)
    package_name: str | None = None  # where the registry's package is not the one in the manifest
    npmrc: str | None = None  # the project's
    user: str = ""  # lines added to the user's .npmrc
    setup_node: str | None = None  # the NODE_AUTH_TOKEN that setup-node leaves; "unset" for v7 without a token
    manifest: Mapping[str, Any] = {}
    words: tuple[str, ...] = ()
    files: Mapping[str, str | bytes | None] = {}  # laid in the project, {host} and {url} filled in; None takes one away
    programs: Mapping[str, str | None] = {}  # first on PATH; {npm} and {node} are the real ones, "=path" is a link
    directory: str = "."  # the working directory, in the project
    stage: bool = False
    layout: str = "here"  # what is published: here, the working directory; directory or tarball, from another one
    dry_run: bool = False  # the guard is asked for a dry run: it refuses where the real publish would fail
    faults: Mapping[str, Fault] = {}
    claims: Mapping[str, Any] = {}
    unknowable: bool = False  # nothing tells beforehand: the registry's own rule at the PUT, a fault of a moment


class Result(NamedTuple):
    """How npm alone and safepublish ended in the same situation."""

    situation: str
    npm: str  # oidc, token, fails
    guard: str  # refuses, or what npm did behind it: oidc, token, fails; "crash" for a bug of ours or a leak
    allowed: str  # the same with --allow-token
    causes: str
    wrong: str | None  # the promise that was broken


def situations() -> Iterator[Situation]:
    """Every situation."""
    yield from _identities()
    yield from _registries()
    yield from _arguments()
    yield from _configurations()
    yield from _manifests()
    yield from _provenance()
    yield from _layouts()
    yield from _stages()
    yield from _dry_runs()
    yield from _causes()
    from campaigns import surroundings  # which imports this module

    yield from surroundings.situations()


VERSIONS = (
    "9.9.4",
    "10.8.2",
    "10.9.4",
    "11.3.0",
    "11.4.2",
    "11.5.0",
    "11.5.1",
    "11.5.2",
    "11.11.0",
    "11.21.2",
    "12.2.0",
)
CREDENTIALS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "placeholder": {"setup_node": PLACEHOLDER},
    "unset": {"setup_node": "unset"},
    "token": {"user": "//{host}/:_authToken=" + CANARY + "\n"},
}


def _identities() -> Iterator[Situation]:
    who: dict[str, dict[str, Any]] = {
        "github": {},
        "no-permission": {"env": {"ACTIONS_ID_TOKEN_REQUEST_URL": None, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": None}},
        "url-only": {"env": {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": None}},
        "npm-id-token": {
            "id_token": "good",
            "env": {"ACTIONS_ID_TOKEN_REQUEST_URL": None, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": None},
        },
        "audience": {"id_token": "audience"},
        "expired": {"id_token": "expired"},
        "malformed": {"id_token": "malformed"},
        "empty-id-token": {"id_token": "empty"},
        "ci-false": {"env": {"CI": "false"}},
        "laptop": {"ci": False},
        "laptop-id-token": {"ci": False, "id_token": "good"},
        "jenkins": {"ci": False, "env": {"JENKINS_URL": "http://j/", "BUILD_ID": "1"}},
        "gitlab": {"job": GitLabJob()},
        "gitlab-none": {"job": GitLabJob(), "env": {"NPM_ID_TOKEN": None}},
        "circleci": {"job": CircleCIJob()},
        "circleci-none": {"job": CircleCIJob(), "env": {"NPM_ID_TOKEN": None}},
        "endpoint-500": {"faults": {"id-token": Fault(status=500, body=b"oops")}},
        "endpoint-403": {"faults": {"id-token": Fault(status=403, body=b"{}")}},
        "endpoint-no-value": {"faults": {"id-token": Fault(status=200, body=b"{}")}},
        "endpoint-html": {"faults": {"id-token": Fault(status=200, body=b"<html>")}},
        "private-repository": {"job": GitHubJob(visibility="private")},
        "self-hosted-private": {"job": GitHubJob(visibility="private", runner="self-hosted")},
    }
    for version, (name, fields), (credential, more) in itertools.product(VERSIONS, who.items(), CREDENTIALS.items()):
        yield Situation(f"identity/{version}/{name}/{credential}", npm=version, **{**fields, **more})


def _registries() -> Iterator[Situation]:
    held: dict[str, dict[str, Any]] = {
        "missing": {"package": None},
        "no-publisher": {"package": PublishedPackage(("0.9.0",))},
        "other-workflow": {
            "package": PublishedPackage(("0.9.0",), publishers=(OURS._replace(workflow="release.yml"),))
        },
        "yaml": {"package": PublishedPackage(("0.9.0",), publishers=(OURS._replace(workflow="publish.yaml"),))},
        "letter-case": {
            "package": PublishedPackage(("0.9.0",), publishers=(OURS._replace(repository="Octo-Org/hello-oidc"),))
        },
        "environment": {"package": PublishedPackage(("0.9.0",), publishers=(OURS._replace(environment="npm"),))},
        "environment-matches": {
            "package": PublishedPackage(("0.9.0",), publishers=(OURS._replace(environment="npm"),)),
            "job": GitHubJob(environment="npm"),
        },
        "reusable": {"job": GitHubJob(called="octo-org/shared/.github/workflows/build.yml@refs/heads/main")},
        "private": {"package": PublishedPackage(("0.9.0",), public=False, publishers=EVERYBODY)},
        "stage-only": {
            "package": PublishedPackage(("0.9.0",), publishers=EVERYBODY, stage_only=True),
            "unknowable": True,
        },
        "published": {"package": PublishedPackage(("0.9.0", "1.0.0"), publishers=EVERYBODY)},
        "higher": {"package": PublishedPackage(("0.9.0", "2.0.0"), publishers=EVERYBODY)},
        "higher-deprecated": {
            "package": PublishedPackage(("0.9.0", PublishedVersion("2.0.0", deprecated="no")), publishers=EVERYBODY)
        },
        "higher-prerelease": {"package": PublishedPackage(("0.9.0", "2.0.0-rc.1"), publishers=EVERYBODY)},
        "published-deprecated": {
            "package": PublishedPackage(("0.9.0", PublishedVersion("1.0.0", deprecated="no")), publishers=EVERYBODY)
        },
        "exchange-500": {"faults": {"exchange": Fault(status=500, body=b'{"message":"oops"}')}},
        "exchange-html": {"faults": {"exchange": Fault(status=404, body=b"<html>not here</html>")}},
        "exchange-no-token": {"faults": {"exchange": Fault(status=201, body=b"{}")}},
        "exchange-401": {"faults": {"exchange": Fault(status=401, body=b'{"message":"unauthorized"}')}},
        "exchange-hangs-up": {"faults": {"exchange": Fault(hangs_up=True)}},
        "packument-500": {"faults": {"packument": Fault(status=500, body=b"{}")}},
        "packument-html": {"faults": {"packument": Fault(status=200, body=b"<html>")}},
        "visibility-500": {"faults": {"visibility": Fault(status=500, body=b"{}")}, "unknowable": True},
    }
    for version, (name, fields), (credential, more) in itertools.product(
        ("10.9.4", "11.5.1", "11.11.0", "12.2.0"), held.items(), CREDENTIALS.items()
    ):
        yield Situation(f"registry/{version}/{name}/{credential}", npm=version, **{**fields, **more})


def _arguments() -> Iterator[Situation]:
    lines: tuple[tuple[str, ...], ...] = (
        ("--tag", "next"), ("--tag=next",), ("--tag", "1.x"), ("--tag",), ("--force",), ("-f",),
        ("--tag", "a b"), ("--tag", "n\u00e4chste"), ("--tag", " next "), ("--tag=next!",), ("--tag", "100%"),
        ("--access", "public"), ("--access=restricted",), ("--acc", "public"), ("--access", "bogus"),
        ("--no-provenance",), ("--provenance=false",), (".",), ("./",), ("--json",), ("--silent",), ("-s",),
        ("--loglevel", "silly"), ("--ignore-scripts",), ("--otp=123456",), ("--no-git-checks",), ("--foo", "bar"),
        ("--regi", "{url}"), ("--registry", "{url}"), ("--registry={url}",), ("--reg", "{url}"), ("--ws",),
        ("--workspaces=false",), ("a", "b"), ("./nowhere",), ("--", "."), ("--always-auth",), ("-q",), ("-ddd",),
        ("--workspace", "a"), ("--logs-max=0",), ("--scope=@other",), ("--dry-run=false",),
        ("--userconfig", "/nonexistent"),
        ("--//{host}/:_authToken=" + CANARY,), ("--//{host}/:_authToken=" + DEAD,), ("--prefix", "."), ("-C", "."),
        ("--no-registry",), ("--registry", "nonsense"), ("--publish",), ("--yes",), ("-g",), ("--auth-type=legacy",),
    )  # fmt: skip
    for version, words in itertools.product(("10.9.4", "11.5.1", "11.21.2", "12.2.0"), lines):
        yield Situation(f"arguments/{version}/{' '.join(words)}", npm=version, words=words)
        yield Situation(
            f"arguments/{version}/{' '.join(words)}/prerelease",
            npm=version,
            words=words,
            manifest={"version": "2.0.0-rc.1"},
        )


def _configurations() -> Iterator[Situation]:
    shapes: dict[str, dict[str, Any]] = {
        "project-token": {"npmrc": "//{host}/:_authToken=" + CANARY},
        "project-dead": {"npmrc": "//{host}/:_authToken=" + DEAD},
        "path-key": {"npmrc": "//{host}/hello-oidc:_authToken=" + CANARY},
        "path-key-dead": {"npmrc": "//{host}/hello-oidc:_authToken=" + DEAD},
        "path-key-slash": {"npmrc": "//{host}/hello-oidc/:_authToken=" + DEAD},
        "missing-slash": {"npmrc": "//{host}:_authToken=" + CANARY},
        "other-host": {"npmrc": "//other.example/:_authToken=" + CANARY},
        "unscoped-token": {"npmrc": "_authToken=" + CANARY},
        "unscoped-auth": {"npmrc": "_auth=Y2FuYXJ5OmNhbmFyeQ=="},
        "email": {"npmrc": "email=a@b.example"},
        "basic": {"npmrc": "//{host}/:_auth=Y2FuYXJ5OmNhbmFyeQ=="},
        "username": {"npmrc": "//{host}/:username=a\n//{host}/:_password=Yg=="},
        "env-token": {"env": {"NPM_CONFIG_//{host}/:_authToken": CANARY}},
        "npm-token": {"env": {"NPM_TOKEN": CANARY}},
        "node-auth-token": {"env": {"NODE_AUTH_TOKEN": CANARY}},
        "read-variable": {"npmrc": "//{host}/:_authToken=${NPM_TOKEN}", "env": {"NPM_TOKEN": CANARY}},
        "empty-variable": {"npmrc": "//{host}/:_authToken=${NPM_TOKEN}", "env": {"NPM_TOKEN": ""}},
        "optional-variable": {"npmrc": "//{host}/:_authToken=${NPM_TOKEN?}"},
        "quoted": {"npmrc": '"//{host}/:_authToken"="' + CANARY + '"'},
        "spaces": {"npmrc": "  //{host}/:_authToken = " + CANARY + " ; comment"},
        "crlf": {"npmrc": "//{host}/:_authToken=" + CANARY + "\r\nregistry={url}\r\n"},
        "provenance-false": {"npmrc": "provenance=false"},
        "tag": {"npmrc": "tag=next"},
        "access": {"npmrc": "access=public"},
        "scoped-registry": {"npmrc": "@octo:registry={url}", "manifest": {"name": "@octo/hello"}},
        "no-slash": {"npmrc": "registry={url}sub"},
        "with-path": {"npmrc": "registry={url}sub/", "unknowable": True},  # exchanges, and takes no package
        "empty-in-env": {"env": {"NPM_CONFIG_//{host}/:_authToken": ""}},
        "empty-in-user": {"user": "//{host}/:_authToken=\n"},
        "bad-registry": {"npmrc": "registry=nonsense"},
        "other-registry": {"npmrc": "registry=http://127.0.0.1:9/"},
        "yarn": {"env": {"npm_config_registry": "http://127.0.0.1:9/"}},
        "env-registry": {"env": {"npm_config_registry": "{url}"}},
        "empty-env": {"env": {"npm_config_registry": ""}},
        "env-tag": {"env": {"NPM_CONFIG_TAG": "next"}, "manifest": {"version": "2.0.0-rc.1"}},
        "env-provenance": {"env": {"NPM_CONFIG_PROVENANCE": "false"}},
        "env-dry": {"env": {"npm_config_ignore_scripts": "true"}},
        "unknown-key": {"npmrc": "always-auth=true\nfoo=bar"},
        "strict-npmrc": {"npmrc": "strict-npmrc=true\nfoo=bar"},
        "section": {"npmrc": "[section]\n//{host}/:_authToken=" + CANARY},
        "globalconfig": {"env": {"NPM_CONFIG_GLOBALCONFIG": "/nonexistent"}},
        "loglevel": {"npmrc": "loglevel=silent"},
        "logs-max": {"npmrc": "logs-max=0"},
        "workspaces-false": {"npmrc": "workspaces=false"},
        "force": {"npmrc": "force=true", "package": PublishedPackage(("0.9.0", "2.0.0"), publishers=EVERYBODY)},
        "certfile": {"npmrc": "//{host}/:certfile=/nonexistent\n//{host}/:keyfile=/nonexistent", "unknowable": True},
    }
    for version, (name, fields), trusted in itertools.product(
        ("10.9.4", "11.5.1", "11.21.2", "12.2.0"), shapes.items(), (True, False)
    ):
        package = fields.get("package") or PublishedPackage(("0.9.0",), publishers=EVERYBODY if trusted else ())
        yield Situation(
            f"configuration/{version}/{name}/{'trusted' if trusted else 'untrusted'}",
            npm=version,
            **{**fields, "package": package},
        )


def _manifests() -> Iterator[Situation]:
    shapes: dict[str, dict[str, Any]] = {
        "private": {"private": True},
        "no-version": {"version": None},
        "no-name": {"name": None},
        "bad-version": {"version": "one"},
        "v-version": {"version": "v1.0.0"},
        "two-parts": {"version": "1.0"},
        "upper-name": {"name": "Hello"},
        "spaced-name": {"name": " hello-oidc "},
        "bad-name": {"name": "hello oidc!"},
        "dot-name": {"name": ".hello"},
        "scoped": {"name": "@octo/hello"},
        "prerelease": {"version": "2.0.0-rc.1"},
        "publish-tag": {"version": "2.0.0-rc.1", "publishConfig": {"tag": "next"}},
        "publish-registry": {"publishConfig": {"registry": "http://127.0.0.1:9/"}},
        "publish-access": {"publishConfig": {"access": "public"}},
        "publish-restricted": {"publishConfig": {"access": "restricted"}},
        "publish-provenance": {"publishConfig": {"provenance": False}},
        "publish-provenance-on": {"publishConfig": {"provenance": True}},
        "no-repository": {"repository": None},
        "shorthand": {"repository": "octo-org/hello-oidc"},
        "github-shorthand": {"repository": "github:octo-org/hello-oidc"},
        "other-repository": {"repository": "other/repo"},
        "repository-case": {"repository": "Octo-Org/Hello-OIDC"},
        "ssh-repository": {"repository": {"type": "git", "url": "git@github.com:octo-org/hello-oidc.git"}},
        "directory": {"repository": {"type": "git", "url": "https://github.com/octo-org/hello-oidc", "directory": "p"}},
        "build-metadata": {"version": "1.0.0+build"},
        "prepack-bumps": {
            "scripts": {"prepublishOnly": "sed -i.bak s/0.9.0/1.5.0/ package.json && rm package.json.bak"},
            "version": "0.9.0",
        },
        "prepublish-fails": {"scripts": {"prepublishOnly": "exit 7"}},
        "workspaces-root": {"workspaces": ["packages/*"]},
    }
    for version, (name, manifest) in itertools.product(
        ("10.9.4", "11.5.1", "11.5.2", "11.21.2", "12.2.0"), shapes.items()
    ):
        package = PublishedPackage(("0.9.0",), publishers=EVERYBODY)
        yield Situation(
            f"manifest/{version}/{name}",
            npm=version,
            manifest=manifest,
            package=package,
            unknowable=name == "prepublish-fails",
        )


def _provenance() -> Iterator[Situation]:
    asked: dict[str, tuple[str, ...]] = {
        "auto": (),
        "asked": ("--provenance",),
        "asked-public": ("--provenance", "--access=public"),
        "off": ("--no-provenance",),
    }
    jobs: dict[str, dict[str, Any]] = {
        "public": {},
        "private": {"job": GitHubJob(visibility="private")},
        "internal": {"job": GitHubJob(visibility="internal")},
        "self-hosted": {"job": GitHubJob(runner="self-hosted")},
        "gitlab": {"job": GitLabJob()},
        "gitlab-sigstore": {"job": GitLabJob(), "env": {"SIGSTORE_ID_TOKEN": "e30.e30.x"}},
        "circleci": {"job": CircleCIJob()},
        "fork": {"manifest": {"repository": "fork/hello-oidc"}},
        "no-repository": {"manifest": {"repository": None}},
        "private-package": {"package": PublishedPackage(("0.9.0",), public=False, publishers=EVERYBODY)},
        "missing-package": {"package": None, "user": "//{host}/:_authToken=" + CANARY + "\n"},
        "visibility-500": {"faults": {"visibility": Fault(status=500, body=b"{}")}, "unknowable": True},
    }
    for version, (how, words), (name, fields) in itertools.product(
        ("10.9.4", "11.5.0", "11.5.1", "11.5.2", "11.11.0", "11.21.2", "12.0.0", "12.2.0"), asked.items(), jobs.items()
    ):
        yield Situation(f"provenance/{version}/{how}/{name}", npm=version, words=words, **fields)


def _layouts() -> Iterator[Situation]:
    states: dict[str, dict[str, Any]] = {
        "trusted": {},
        "placeholder": {"setup_node": PLACEHOLDER},
        "untrusted": {"package": PublishedPackage(("0.9.0",))},
        "untrusted-token": {
            "package": PublishedPackage(("0.9.0",)),
            "user": "//{host}/:_authToken=" + CANARY + "\n",
        },
        "missing": {"package": None},
        "published": {"package": PublishedPackage(("0.9.0", "1.0.0"), publishers=EVERYBODY)},
        "prerelease": {"manifest": {"version": "2.0.0-rc.1"}},
        "private": {"manifest": {"private": True}},
        "no-version": {"manifest": {"version": None}},
        "other-repository": {"manifest": {"repository": "other/repo"}},
        "publish-registry": {"manifest": {"publishConfig": {"registry": "http://127.0.0.1:9/"}}},
        "publish-tag": {"manifest": {"version": "2.0.0-rc.1", "publishConfig": {"tag": "next"}}},
        "scoped": {"manifest": {"name": "@octo/hello"}},
        # npm reads the .npmrc of the working directory, not that of what it publishes.
        "npmrc-beside-it": {"npmrc": "registry=http://127.0.0.1:9/\n//{host}/:_authToken=" + DEAD},
    }
    for version, layout, (name, fields) in itertools.product(
        ("9.9.4", "10.9.4", "11.5.1", "11.21.2", "12.2.0"), ("directory", "tarball"), states.items()
    ):
        yield Situation(f"layout/{version}/{layout}/{name}", npm=version, layout=layout, **fields)


def _stages() -> Iterator[Situation]:
    states: dict[str, dict[str, Any]] = {
        "trusted": {},
        "stage-only": {"package": PublishedPackage(("0.9.0",), publishers=EVERYBODY, stage_only=True)},
        "untrusted": {"package": PublishedPackage(("0.9.0",))},
        "missing": {"package": None},
        "published": {"package": PublishedPackage(("0.9.0", "1.0.0"), publishers=EVERYBODY)},
        "prerelease": {"manifest": {"version": "2.0.0-rc.1"}},
        "no-permission": {"env": {"ACTIONS_ID_TOKEN_REQUEST_URL": None, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": None}},
        "tarball": {"layout": "tarball"},
        "tag": {"words": ("--tag", "next")},
    }
    for version, (name, fields) in itertools.product(
        ("10.9.4", "11.11.0", "11.15.0", "11.21.2", "12.2.0"), states.items()
    ):
        yield Situation(f"stage/{version}/{name}", npm=version, stage=True, **fields)


def _dry_runs() -> Iterator[Situation]:
    again = {
        *(f"identity/{version}/" for version in ("10.9.4", "11.5.1", "12.2.0")),
        *(f"{family}/12.2.0/" for family in ("registry", "configuration", "manifest", "layout")),
    }
    for one in (*_identities(), *_registries(), *_configurations(), *_manifests(), *_layouts()):
        # On a laptop a dry run is asked about the CI's publish, not about this one.
        if one.id.startswith(tuple(again)) and not one.unknowable and "/laptop" not in one.id:
            yield one._replace(id=f"dry-run/{one.id}", dry_run=True)


def _causes() -> Iterator[Situation]:
    """What single causes need and no other table holds; `python -m docs.new_cause` adds the rows."""
    shapes: dict[str, dict[str, Any]] = {  # of single causes
        "publish-in-script": {
            "manifest": {"scripts": {"postpack": "npm publish --ignore-scripts"}},
            "unknowable": True,
        },
        "publish-in-script-not": {"manifest": {"scripts": {"release": "npm publish"}}},
        "provenance-variables-missing": {"env": {"GITHUB_SERVER_URL": None}, "words": ("--provenance",)},
        "provenance-variables-missing-not": {"env": {"GITHUB_SERVER_URL": None}, "words": ("--no-provenance",)},
        "node-unusable": {"programs": {"node": None}},
        "node-unusable-not": {"programs": {"node": '#!/bin/sh\nexec {node} "$@"\n'}},
        "trust-downgrade": {
            "package": PublishedPackage((PublishedVersion("0.9.0", staged=True),), publishers=EVERYBODY)
        },
        "trust-downgrade-not": {
            "package": PublishedPackage((PublishedVersion("0.9.0", trusted=True),), publishers=EVERYBODY)
        },
        "dual-use-direct": {"manifest": {"contentPolicy": {"class": "dual-use"}}},
        "dual-use-direct-not": {"manifest": {"contentPolicy": {"class": "other"}}},
        "tag-mismatch": {"job": GitHubJob(ref="refs/tags/v1.0.1")},
        "tag-mismatch-not": {"job": GitHubJob(ref="refs/tags/v1.0.0")},
    }
    for version, (name, fields) in itertools.product(("10.9.4", "11.5.1", "12.2.0"), shapes.items()):
        yield Situation(f"cause/{version}/{name}", npm=version, **fields)


def mixed(count: int, seed: int) -> Iterator[Situation]:
    """*count* situations in which two or three of the table come together; the first counts where they differ."""
    draw = random.Random(seed)
    table = [one for one in situations() if not one.dry_run]
    for number in range(count):
        drawn = draw.sample(table, draw.randint(2, 3))
        fields: dict[str, Any] = {}
        for one in drawn:
            for name, value in one._asdict().items():
                if name == "id" or value == Situation._field_defaults.get(name):
                    continue
                before = fields.get(name)
                if isinstance(before, dict):
                    fields[name] = {**value, **before}
                elif isinstance(before, tuple) and name == "words":
                    fields[name] = (*before, *value)
                elif name == "user" and before is not None:
                    fields[name] = before + value
                else:
                    fields.setdefault(name, value)
        fields.setdefault("npm", world.NEWEST)
        if "scripts" in fields.get("manifest", {}):
            fields["unknowable"] = True  # it may change what else was drawn, and in its own row it does
        yield Situation(f"mixed/{seed}/{number}: {' + '.join(one.id for one in drawn)}", **fields)


def run(situation: Situation) -> Result:
    """Let npm alone, and then safepublish, publish in *situation*; each finds it untouched."""
    try:
        return _run(situation)
    except subprocess.TimeoutExpired as error:
        return Result(situation.id, "-", "hangs", "-", "", str(error))


def _run(situation: Situation) -> Result:
    by_itself, sent, _ = _outcome(situation, None)
    if situation.dry_run:
        return _run_dry(situation, by_itself)
    guarded, _, text = _outcome(situation, [])
    if by_itself == guarded == "oidc":
        allowed, more = "oidc", ""  # no token was in question
    else:
        allowed, _, more = _outcome(situation, ["--allow-token"])
    causes = " ".join(
        sorted(
            {
                line.split("[")[1].split("]")[0]
                for line in text.splitlines()
                if re.match(r"(error|warning|unknown|info)\[", line)
            }
        )
    )
    wrong = _wrong(situation, (by_itself, guarded, allowed), sent, text + more)
    return Result(situation.id, by_itself, guarded, allowed, causes, wrong)


def alone(situation: Situation) -> str:
    """How npm alone ends in *situation*."""
    return _outcome(situation, None)[0]


def _run_dry(situation: Situation, alone: str) -> Result:
    """Hold the guard's dry run against npm's real publish: a dry run of npm's own exits 0 without a credential."""
    guarded, _, text = _outcome(situation, ["--dry-run"])
    wrong = None
    if CANARY in text or DEAD in text:
        wrong = "a secret was printed"
    elif guarded not in {"refuses", "tries"}:
        wrong = f"of a dry run the guard {guarded}"
    elif (alone == "oidc") != (guarded == "tries"):
        wrong = f"npm's real publish: {alone}, the guard of a dry run {guarded}"
    return Result(situation.id, alone, guarded, "-", "", wrong)


def _wrong(situation: Situation, ends: tuple[str, str, str], sent: str | None, text: str) -> str | None:
    alone, guarded, allowed = ends
    if sent in {"dead", "basic"}:  # nobody but the registry knows that this token is dead
        allowed = "refuses"
    if CANARY in text or DEAD in text:
        return "a secret was printed"
    if world.crashed(text) or "crash" in {guarded, allowed}:
        return "crashed"
    if alone == "oidc" and guarded != "oidc":
        return f"npm publishes through OIDC, the guard {guarded}"
    if alone in {"oidc", "token"} and allowed != alone:
        return f"npm publishes with {alone}, the guard with --allow-token {allowed}"
    if alone == "token" and guarded != "refuses":
        return f"npm publishes with a token, the guard {guarded}"
    if alone == "fails" and not situation.unknowable and (guarded != "refuses" or allowed != "refuses"):
        return f"npm fails, the guard {guarded}, with --allow-token {allowed}"
    return None


def _outcome(situation: Situation, guard: list[str] | None) -> tuple[str, str | None, str]:
    with tempfile.TemporaryDirectory(prefix="situation-") as directory:
        registry = Registry(
            {situation.package_name or situation.manifest.get("name") or "hello-oidc": situation.package}
            if situation.package
            else {},
            tokens={CANARY: Grant.PUBLISH},
            job=situation.job,
        )
        registry.claims.update(situation.claims)
        with world.Loopback(Path(directory), registry, faults=situation.faults) as loopback:
            return _play(situation, loopback, guard)


def _play(situation: Situation, loopback: world.Loopback, guard: list[str] | None) -> tuple[str, str | None, str]:
    def filled(text: str) -> str:
        return text.replace("{host}", loopback.host).replace("{url}", loopback.url)

    more: dict[str, str | None] = {}
    if situation.setup_node is not None:
        more |= loopback.setup_node(token=None if situation.setup_node == "unset" else situation.setup_node)
    if situation.id_token is not None:
        more["NPM_ID_TOKEN"] = id_token(situation.id_token, loopback.registry)
    options = loopback.environment(situation.npm)["NODE_OPTIONS"]
    for key, value in situation.env.items():
        more[filled(key)] = None if value is None else filled(value).replace("{options}", options)
    env = loopback.environment(situation.npm, more, ci=situation.ci)
    with (loopback.home / ".npmrc").open("a") as file:
        file.write(filled(situation.user))
    npmrc = filled(situation.npmrc) if situation.npmrc is not None else None
    project = loopback.project(npmrc=npmrc, **situation.manifest)
    _lay_files(
        project, {name: filled(text) if isinstance(text, str) else text for name, text in situation.files.items()}
    )
    if situation.programs:
        env["PATH"] = _lay_programs(situation, loopback)
    words = [filled(word) for word in situation.words]
    if situation.layout != "here":
        words = [lay(situation.layout, project), *words]
        project = loopback.directory / "elsewhere"
        project.mkdir()
    command = ["stage"] if situation.stage else []
    project = project / situation.directory
    if guard is None and situation.programs:
        outcome = loopback.run(["/usr/bin/env", "npm", *command, "publish", *words], cwd=project, env=env)
    elif guard is None:
        outcome = loopback.run_npm(situation.npm, [*command, "publish", *words], cwd=project, env=env)
    else:
        asked = [sys.executable, "-m", "safepublish", *command, "--format=text", "--deadline=60", *guard, *words]
        outcome = loopback.run(asked, cwd=project, env=env)
    return _ended(situation, outcome, guarded=guard is not None)


def _lay_files(project: Path, files: Mapping[str, str | bytes | None]) -> None:
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content)


def _lay_programs(situation: Situation, loopback: world.Loopback) -> str:
    """Put the situation's programs where PATH finds them first; returns that PATH, without the real npm and Node."""
    directory = loopback.directory / "programs"
    directory.mkdir()
    real = world.bin(situation.npm)
    for name, text in {"node": f"={real}/node", "npm": f"={real}/npm", **situation.programs}.items():
        if text is None:
            continue
        content = (
            text.replace("{npm}", f"{real}/npm").replace("{node}", f"{real}/node").replace("{host}", loopback.host)
        )
        path = directory / name
        if content.startswith("="):
            path.symlink_to(content[1:])
        else:
            path.write_text(content)
            path.chmod(0o755)
    return f"{directory}:{loopback.tools()}"


def _ended(situation: Situation, outcome: world.Outcome, *, guarded: bool) -> tuple[str, str | None, str]:
    text = outcome.stdout + outcome.stderr
    if guarded and world.crashed(text):
        return "crash", None, text
    if guarded and outcome.returncode == 3:
        return "refuses" if outcome.credential is None else "refuses, but npm was started", None, text
    if situation.dry_run and guarded and outcome.returncode == 0 and not outcome.published:
        return "tries", None, text
    if outcome.returncode == 0 and outcome.published:
        return ("oidc" if outcome.credential == "oidc" else "token"), outcome.credential, text
    return "fails", outcome.credential, text


def lay(layout: str, project: Path) -> str:
    """The word for npm that names *project*, or its tarball, from a directory beside it."""
    if layout == "directory":
        return f"../{project.name}"
    with tarfile.open(project.parent / "hello.tgz", "w:gz") as archive:
        for name in ("package.json", "index.js"):
            archive.add(project / name, f"package/{name}")
    return "../hello.tgz"


def id_token(kind: str, registry: Registry) -> str:
    audience = "npm:127.0.0.1"
    if kind == "expired":
        registry.lifetime = -60
    if kind == "audience":
        audience = "npm:registry.example"
    token = {"malformed": "not.a.jwt", "empty": ""}.get(kind)
    token = registry.id_token(audience) if token is None else token
    registry.lifetime = 300
    return token


def main() -> int:
    """Run the campaign, and print what disagrees with npm."""
    parser = campaign.options(__doc__)
    parser.add_argument("--mixed", type=int, metavar="N")
    chosen = parser.parse_args()
    whole = situations() if chosen.mixed is None else mixed(chosen.mixed, chosen.seed)
    table = [one for one in whole if chosen.only in one.id][:: chosen.every]
    random.Random(chosen.seed).shuffle(table)
    started, tally, wrong = time.monotonic(), Counter[str](), 0
    results = campaign.played(run, table, jobs=chosen.jobs, minutes=chosen.minutes)
    for result in campaign.counted(results, len(table)):
        tally[f"npm {result.npm:6} guard {result.guard:8} with --allow-token {result.allowed}"] += 1
        if result.wrong is not None:
            wrong += 1
            print(f"{result.situation}: {result.wrong} [{result.causes}]", flush=True)
    for line, number in sorted(tally.items()):
        print(f"{number:5}  {line}")
    told = f"{sum(tally.values())} of {len(table)} situations (seed {chosen.seed}), {wrong} disagree with npm"
    print(f"{told}, {time.monotonic() - started:.0f} s")
    return 1 if wrong or not tally else 0
