"""Situations around the publish: the answers of the registry, the files of the package, and the programs on PATH.

`situations.situations` yields them with its own. Each table has both sides of a boundary.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from campaigns.situations import CANARY, EVERYBODY, Situation
from safepublish.rehearsal import CircleCIJob, Fault, GitHubJob, GitLabJob, PublishedPackage

Table = Mapping[str, Mapping[str, Any]]

NO_IDENTITY = {"ACTIONS_ID_TOKEN_REQUEST_URL": None, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": None}
TOKEN = {"user": "//{host}/:_authToken=" + CANARY + "\n"}


def situations() -> Iterator[Situation]:
    """Every situation of this module."""
    tables = {
        "visibility": (_visibility(), ("11.5.1", "11.5.2", "12.2.0")),
        "markers": (_markers(), ("11.5.1", "12.2.0")),
        "packument": (_packuments(), ("10.9.7", "11.5.1", "12.2.0")),
        "scripts": (_scripts(), ("11.5.1", "12.2.0")),
        "programs": (_programs(), ("11.5.1", "12.2.0")),
        "dev-engines": (_dev_engines(), ("10.9.7", "11.5.1", "12.2.0")),
        "statement": (_statement(), ("11.5.1", "12.2.0")),
        "manifest-file": (_manifest_files(), ("10.9.7", "11.5.1", "12.2.0")),
        "dependencies": (_dependencies(), ("10.9.7", "11.21.2", "12.2.0")),
        "specs": (_specs(), ("11.5.1", "12.2.0")),
        "settings": (_settings(), ("10.9.7", "11.5.1", "12.2.0")),
        "tarballs": (_tarballs(), ("11.5.1", "12.2.0")),
        "answers": (_answers(), ("11.5.1", "12.2.0")),
    }
    for family, (table, versions) in tables.items():
        for version, (name, fields) in itertools.product(versions, table.items()):
            yield Situation(f"{family}/{version}/{name}", npm=version, **fields)


def _visibility() -> Table:
    answers: dict[str, dict[str, Any]] = {
        "public": {},
        "404": {"faults": {"visibility": Fault(404, b"{}")}},
        "500": {"faults": {"visibility": Fault(500, b"{}")}},
        "html": {"faults": {"visibility": Fault(200, b"<html>")}},
        "empty-object": {"faults": {"visibility": Fault(200, b"{}")}},
        "text": {"faults": {"visibility": Fault(200, b'{"public":"no"}')}},
        "false": {"faults": {"visibility": Fault(200, b'{"public":false}')}},
        "null": {"faults": {"visibility": Fault(200, b"null")}},
        "hangs-up": {"faults": {"visibility": Fault(hangs_up=True)}},
    }
    places: dict[str, dict[str, Any]] = {
        "self-hosted": {"job": GitHubJob(runner="self-hosted")},
        "other-repository": {"manifest": {"repository": "github:somebody/else"}},
        "no-repository": {"manifest": {"repository": None}},
        "gitlab-other": {
            "job": GitLabJob(),
            "env": {"SIGSTORE_ID_TOKEN": "e30.e30.x"},
            "manifest": {"repository": "github:somebody/else"},
        },
        "asked": {"words": ("--provenance",)},
        "asked-private": {
            "words": ("--provenance",),
            "package": PublishedPackage(("0.9.0",), public=False, publishers=EVERYBODY),
        },
    }
    return {
        f"{answer}/{place}": {**fields, **more}
        for (answer, fields), (place, more) in itertools.product(answers.items(), places.items())
    }


def _markers() -> Table:
    return {
        "github-and-circleci": {"env": {"CIRCLECI": "true"}},
        "github-and-circleci-self-hosted": {"env": {"CIRCLECI": "true"}, "job": GitHubJob(runner="self-hosted")},
        "github-and-circleci-other-repository": {
            "env": {"CIRCLECI": "true"},
            "manifest": {"repository": "github:somebody/else"},
        },
        "github-and-circleci-asked": {"env": {"CIRCLECI": "true"}, "words": ("--provenance",)},
        "github-and-gitlab": {"env": {"GITLAB_CI": "true"}},
        "gitlab-and-github": {"job": GitLabJob(), "env": {"GITHUB_ACTIONS": "true"}},
        "gitlab-and-github-sigstore": {
            "job": GitLabJob(),
            "env": {"GITHUB_ACTIONS": "true", "SIGSTORE_ID_TOKEN": "e30.e30.x"},
        },
        "gitlab-and-github-none": {"job": GitLabJob(), "env": {"GITHUB_ACTIONS": "true", "NPM_ID_TOKEN": None}},
        "gitlab-and-circleci": {"job": GitLabJob(), "env": {"CIRCLECI": "true", "SIGSTORE_ID_TOKEN": "e30.e30.x"}},
        "circleci-and-github": {"job": CircleCIJob(), "env": {"GITHUB_ACTIONS": "true"}},
        "circleci-and-gitlab": {"job": CircleCIJob(), "env": {"GITLAB_CI": "true"}},
        "github-id-token-of-gitlab": {"id_token": "good", "env": {"GITLAB_CI": "true", **NO_IDENTITY}},
        "github-and-jenkins": {"env": {"JENKINS_URL": "http://j/", "BUILD_ID": "1"}},
        "github-marker-false": {"env": {"GITHUB_ACTIONS": "false"}},
        "github-marker-empty": {"env": {"GITHUB_ACTIONS": ""}},
        "gitea": {"env": {"GITEA_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example"}},
    }


def _document(versions: Mapping[str, Any], **more: Any) -> Fault:
    return Fault(200, json.dumps({"name": "hello-oidc", "versions": versions, **more}).encode())


def _packuments() -> Table:
    listed = {"0.9.0": {"name": "hello-oidc", "version": "0.9.0"}}
    shown: dict[str, Fault] = {
        "plain": _document(listed),
        "two-numbers": _document({**listed, "1.0": {}}),
        "two-numbers-published": _document({"1.0.0": {}, "1.0": {}}),
        "empty-key": _document({"1.0.0": {}, "": {}}),
        "v-published": _document({"v1.0.0": {}}),
        "blank-published": _document({" 1.0.0 ": {}}),
        "equals-published": _document({"=1.0.0": {}}),
        "build-published": _document({"1.0.0+build": {}}),
        "null-manifest": _document({"1.0.0": None}),
        "null-manifest-higher": _document({"0.9.0": {}, "2.0.0": None}),
        "null-manifest-prerelease": _document({"1.0.0": {}, "2.0.0-rc.1": None}),
        "false-manifest": _document({"1.0.0": False}),
        "text-manifest": _document({"1.0.0": "text"}),
        "deprecated-empty": _document({"1.0.0": {"deprecated": ""}}),
        "deprecated-false": _document({"1.0.0": {"deprecated": False}}),
        "deprecated-list": _document({"1.0.0": {"deprecated": []}}),
        "versions-null": Fault(200, b'{"versions":null}'),
        "versions-text": Fault(200, b'{"versions":"1.0.0"}'),
        "versions-list": Fault(200, b'{"versions":["1.0.0"]}'),
        "versions-missing": Fault(200, b"{}"),
        "text": Fault(200, b'"text"'),
        "bom": Fault(200, b"\xef\xbb\xbf" + json.dumps({"versions": {"1.0.0": {}}}).encode()),
        "not-utf-8": Fault(200, b'{"readme":"\xff","versions":{"1.0.0":{}}}'),
        "201": Fault(201, json.dumps({"versions": {"1.0.0": {}}}).encode()),
        "203": Fault(203, json.dumps({"versions": {"1.0.0": {}}}).encode()),
        "204": Fault(204),
        "304": Fault(304),
        "huge-number": _document({"1.0.0": {}, "99999999999999999999.0.0": {}}),
        "higher": _document({"2.0.0": {}}),
        "redirect-elsewhere": Fault(302, b"", {"location": "/elsewhere"}),
    }
    table: dict[str, Mapping[str, Any]] = {name: {"faults": {"packument": fault}} for name, fault in shown.items()}
    return table | {
        "stranger-sees-none": {"package": PublishedPackage(("0.9.0",), public=False, publishers=EVERYBODY)},
        "stranger-sees-none-published": {
            "package": PublishedPackage(("0.9.0", "1.0.0"), public=False, publishers=EVERYBODY),
            "unknowable": True,
        },
    }


def _scripts() -> Table:
    def scripts(**run: str) -> dict[str, Any]:
        return {"scripts": run}

    def change(what: str) -> str:
        code = f"const fs=require('fs');const p=JSON.parse(fs.readFileSync('package.json'));{what};"
        return f"node -e \"{code}fs.writeFileSync('package.json',JSON.stringify(p))\""

    name = change("p.name='hello-oidc'")
    registry = change("delete p.publishConfig")
    table: dict[str, dict[str, Any]] = {}
    for event in ("prepublishOnly", "prepack", "prepare", "postpack"):
        table |= {
            f"{event}/name": {
                "manifest": {"name": "@template/name", **scripts(**{event: name})},
                "package_name": "hello-oidc",
            },
            f"{event}/registry": {
                "manifest": {"publishConfig": {"registry": "http://127.0.0.1:9/"}, **scripts(**{event: registry})},
                "unknowable": True,  # npm keeps the registry that it has read before
            },
            f"{event}/tag": {
                "manifest": {
                    "version": "2.0.0-rc.1",
                    **scripts(**{event: change("p.publishConfig={tag:'next'}")}),
                }
            },
            f"{event}/repository": {
                "manifest": {
                    "repository": "github:somebody/else",
                    **scripts(**{event: change("p.repository='github:octo-org/hello-oidc'")}),
                }
            },
            f"{event}/private": {"manifest": {"private": True, **scripts(**{event: change("delete p.private")})}},
            f"{event}/nothing": {"manifest": scripts(**{event: "true"})},
            f"{event}/version-missing": {
                "manifest": {"version": None, **scripts(**{event: change("p.version='1.0.0'")})}
            },
            f"{event}/provenance": {
                "manifest": {
                    "repository": "github:somebody/else",
                    **scripts(**{event: change("p.publishConfig={provenance:false}")}),
                },
                "unknowable": True,  # the script might correct the repository
            },
        }
    return table


def _programs() -> Table:
    def wrapper(*lines: str) -> dict[str, str]:
        return {"npm": "#!/bin/sh\n" + "\n".join(lines) + "\n"}

    passes = 'exec {npm} "$@"'
    return {
        "plain": {"programs": {"hello": "#!/bin/sh\n"}},
        "wrapper": {"programs": wrapper(passes)},
        "wrapper-unsets-ci": {"programs": wrapper("unset CI", passes), "env": {"CI": "false"}},
        "wrapper-sets-github": {
            "programs": wrapper("export GITHUB_ACTIONS=true", passes),
            "env": {"GITHUB_ACTIONS": None},
        },
        "wrapper-hides-token": {"programs": wrapper("unset NODE_AUTH_TOKEN", passes), "setup_node": "unset"},
        "wrapper-registry": {
            "programs": wrapper("export npm_config_registry=http://{host}/", passes),
            "npmrc": "registry=http://127.0.0.1:9/\n",
        },
        "wrapper-drops-flag": {
            "programs": wrapper('if [ "$1" = publish ]; then exec {npm} publish; fi', passes),
            "words": ("--tag", "1.x"),
        },
        "wrapper-changes-directory": {
            "programs": wrapper('cd sub && exec {npm} "$@"'),
            "manifest": {"name": "wrong", "version": "1.0.0"},
            "package_name": "hello-oidc",
            "files": {"sub/package.json": '{"name":"hello-oidc","version":"1.0.0","repository":"octo-org/hello-oidc"}'},
        },
        "wrapper-adds-tag": {"programs": wrapper('exec {npm} "$@" --tag next'), "manifest": {"version": "2.0.0-rc.1"}},
        "wrapper-fails": {"programs": wrapper("exit 7"), "unknowable": True},
        "no-node": {"programs": {"node": None}},
        "node-fails": {"programs": {"node": "#!/bin/sh\nexit 3\n"}},
        "node-is-no-program": {"programs": {"node": "\x7fELF junk"}},
        "node-interpreter-missing": {"programs": {"node": "#!/nonexistent/sh\n"}},
        "node-wrapper": {"programs": {"node": '#!/bin/sh\nexec {node} "$@"\n'}},
        "node-options-unknown": {"env": {"NODE_OPTIONS": "{options} --no-such-option"}},
        "node-options-not-allowed": {"env": {"NODE_OPTIONS": "{options} --version"}},
        "node-options-quote": {"env": {"NODE_OPTIONS": '{options} --require "'}},
        "node-options-missing": {"env": {"NODE_OPTIONS": "{options} --require ./not-there.cjs"}},
        "node-options-import-missing": {"env": {"NODE_OPTIONS": "{options} --import ./not-there.mjs"}},
        "node-options-throws": {
            "env": {"NODE_OPTIONS": "{options} --require ./throws.cjs"},
            "files": {"throws.cjs": "throw new Error('no')"},
        },
        "node-options-fine": {"env": {"NODE_OPTIONS": "{options} --max-old-space-size=2048"}},
        "node-options-ca": {"env": {"NODE_EXTRA_CA_CERTS": "/nonexistent"}},
    }


def _dev_engines() -> Table:
    shapes: dict[str, Any] = {
        "npm": {"packageManager": {"name": "npm"}},
        "pnpm": {"packageManager": {"name": "pnpm"}},
        "pnpm-warn": {"packageManager": {"name": "pnpm", "onFail": "warn"}},
        "pnpm-ignore": {"packageManager": {"name": "pnpm", "onFail": "ignore"}},
        "pnpm-download": {"packageManager": {"name": "pnpm", "version": "^10", "onFail": "download"}},
        "pnpm-or-npm": {"packageManager": [{"name": "pnpm"}, {"name": "npm"}]},
        "pnpm-yarn-warn-last": {"packageManager": [{"name": "pnpm"}, {"name": "yarn", "onFail": "warn"}]},
        "pnpm-warn-first": {"packageManager": [{"name": "pnpm", "onFail": "warn"}, {"name": "yarn"}]},
        "npm-version": {"packageManager": {"name": "npm", "version": ">=10"}},
        "npm-newer": {"packageManager": {"name": "npm", "version": ">=99"}},
        "npm-exact": {"packageManager": {"name": "npm", "version": "12.2.0"}},
        "npm-word": {"packageManager": {"name": "npm", "version": "latest"}},
        "npm-empty-version": {"packageManager": {"name": "npm", "version": ""}},
        "node": {"runtime": {"name": "node", "version": ">=20"}},
        "node-older": {"runtime": {"name": "node", "version": "^20"}},
        "node-older-list": {"runtime": [{"name": "node", "version": "^20"}, {"name": "node", "version": "^24"}]},
        "node-hyphen": {"runtime": {"name": "node", "version": "20 - 24"}},
        "node-x": {"runtime": {"name": "node", "version": "24.x"}},
        "node-lts": {"runtime": {"name": "node", "version": "lts/*"}},
        "deno": {"runtime": {"name": "deno"}},
        "os": {"os": {"name": "linux"}},
        "os-other": {"os": {"name": "win32"}},
        "cpu-other": {"cpu": {"name": "s390x"}},
        "libc-other": {"libc": {"name": "musl"}},
        "unknown-key": {"browser": {"name": "x"}},
        "unknown-property": {"runtime": {"name": "node", "url": "x"}},
        "no-name": {"runtime": {"version": "24"}},
        "name-number": {"runtime": {"name": 1}},
        "version-number": {"runtime": {"name": "node", "version": 24}},
        "version-number-other": {"runtime": {"name": "deno", "version": 24}},
        "on-fail-other": {"runtime": {"name": "node", "onFail": "maybe"}},
        "text": "npm",
        "list": [],
        "null": None,
        "empty": {},
        "runtime-empty-list": {"runtime": []},
        "runtime-text": {"runtime": "node"},
        "runtime-null": {"runtime": None},
        "nested-list": {"runtime": [[{"name": "node"}]]},
    }
    table: dict[str, dict[str, Any]] = {
        name: {"files": {"package.json": _package(devEngines=value)}} for name, value in shapes.items()
    }
    pnpm = _package(devEngines={"packageManager": {"name": "pnpm"}})
    return table | {
        "force": {"files": {"package.json": pnpm}, "words": ("--force",)},
        "force-shape": {"files": {"package.json": _package(devEngines={"x": 1})}, "words": ("--force",)},
        "root-of-directory": {"files": {"package.json": pnpm, "dist/package.json": _package()}, "words": ("./dist",)},
        "in-directory-only": {"files": {"dist/package.json": pnpm}, "words": ("./dist",)},
        "from-inside-directory": {
            "files": {"package.json": pnpm, "dist/package.json": _package()},
            "directory": "dist",
        },
        "root-of-workspace": {
            "files": {
                "package.json": _package(
                    name="root", private=True, workspaces=["dist"], devEngines={"packageManager": {"name": "pnpm"}}
                ),
                "dist/package.json": _package(),
            },
            "directory": "dist",
        },
        "workspaces-false": {
            "files": {
                "package.json": _package(
                    name="root", private=True, workspaces=["dist"], devEngines={"packageManager": {"name": "pnpm"}}
                ),
                "dist/package.json": _package(),
            },
            "directory": "dist",
            "words": ("--workspaces=false",),
        },
        "global": {"files": {"package.json": pnpm}, "words": ("--global",)},
        "prefix": {"files": {"package.json": pnpm, "other/package.json": _package()}, "words": ("--prefix", "other")},
        "broken-root": {"files": {"package.json": "{", "dist/package.json": _package()}, "words": ("./dist",)},
        "stage": {"files": {"package.json": pnpm}, "stage": True},
    }


def _package(**more: Any) -> str:
    content = {
        "name": "hello-oidc",
        "version": "1.0.0",
        "repository": {"type": "git", "url": "git+https://github.com/octo-org/hello-oidc.git"},
    }
    return json.dumps(content | more)


def _statement() -> Table:
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_WORKFLOW_REF", "GITHUB_REF", "GITHUB_SHA",
             "RUNNER_ENVIRONMENT", "GITHUB_REPOSITORY_ID", "GITHUB_RUN_ID", "GITHUB_EVENT_NAME")  # fmt: skip
    table: dict[str, dict[str, Any]] = {f"without-{name.lower()}": {"env": {name: None}} for name in names}
    return table | {
        "other-repository": {"env": {"GITHUB_REPOSITORY": "somebody/else"}},
        "other-server": {"env": {"GITHUB_SERVER_URL": "https://git.example"}},
        "runner-self-hosted": {"env": {"RUNNER_ENVIRONMENT": "self-hosted"}},
        "runner-hosted-claims-self": {
            "env": {"RUNNER_ENVIRONMENT": "github-hosted"},
            "job": GitHubJob(runner="self-hosted"),
        },
        "without-repository-off": {"env": {"GITHUB_REPOSITORY": None}, "words": ("--no-provenance",)},
        "without-server-private": {"env": {"GITHUB_SERVER_URL": None}, "job": GitHubJob(visibility="private")},
        "without-server-asked-token": {"env": {"GITHUB_SERVER_URL": None}, "words": ("--provenance",)},
    }


def _manifest_files() -> Table:
    deep = b'{"name":"hello-oidc","version":"1.0.0","x":' + b"[" * 5000 + b"]" * 5000 + b"}"
    very_deep = b'{"name":"hello-oidc","version":"1.0.0","x":' + b"[" * 200000 + b"]" * 200000 + b"}"
    plain = _package()
    return {
        "missing": {"files": {"package.json": None, "index.js": None}},
        "missing-with-index": {"files": {"package.json": None}},
        "missing-with-comment": {
            "files": {"package.json": None, "index.js": "/**package\n * " + plain + "\n **/\nmodule.exports = 1\n"}
        },
        "not-utf-8": {"files": {"package.json": plain.encode().replace(b"hello-oidc", b"hell\xff-oidc", 1)}},
        "not-utf-8-elsewhere": {"files": {"package.json": plain.encode()[:-1] + b',"x":"\xff"}'}},
        "utf-16": {"files": {"package.json": plain.encode("utf-16")}},
        "bom": {"files": {"package.json": b"\xef\xbb\xbf" + plain.encode()}},
        "two-boms": {"files": {"package.json": b"\xef\xbb\xbf\xef\xbb\xbf" + plain.encode()}},
        "deep": {"files": {"package.json": deep}},
        "deep-100": {"files": {"package.json": deep.replace(b"[" * 4900, b"").replace(b"]" * 4900, b"")}},
        "very-deep": {"files": {"package.json": very_deep}},
        "empty": {"files": {"package.json": ""}},
        "null": {"files": {"package.json": "null"}},
        "list": {"files": {"package.json": "[]"}},
        "number": {"files": {"package.json": "1"}},
        "comment": {"files": {"package.json": "// x\n" + plain}},
        "control": {"files": {"package.json": plain[:-1] + ',"x":"\x01"}'}},
        "lone-surrogate": {"files": {"package.json": plain[:-1] + ',"description":"\\ud800"}'}},
        "twice": {"files": {"package.json": plain[:-1] + ',"version":"1.0.1"}'}},
        "directory": {"files": {"package.json": None, "package.json/x": "1"}},
        "big-number": {"files": {"package.json": plain[:-1] + ',"x":1e999}'}},
    }


def _dependencies() -> Table:
    shapes: dict[str, dict[str, Any]] = {
        "fine": {"dependencies": {"left-pad": "^1.0.0"}},
        "number": {"dependencies": {"left-pad": 1}},
        "null": {"dependencies": {"left-pad": None}},
        "object": {"dependencies": {"left-pad": {}}},
        "empty-text": {"dependencies": {"left-pad": ""}},
        "blank-spec": {"dependencies": {"left-pad": "a b"}},
        "percent-spec": {"dependencies": {"left-pad": "%zz"}},
        "bad-name": {"dependencies": {"left pad": "1"}},
        "empty-name": {"dependencies": {"": "1"}},
        "list": {"dependencies": ["left-pad"]},
        "list-of-versions": {"dependencies": ["left-pad@1"]},
        "text": {"dependencies": "left-pad"},
        "alias": {"dependencies": {"x": "npm:left-pad@1"}},
        "alias-git": {"dependencies": {"x": "npm:a/b"}},
        "alias-alias": {"dependencies": {"x": "npm:npm:y"}},
        "workspace": {"dependencies": {"x": "workspace:*"}},
        "catalog": {"dependencies": {"x": "catalog:"}},
        "jsr": {"dependencies": {"x": "jsr:@a/b"}},
        "link": {"dependencies": {"x": "link:../x"}},
        "portal": {"dependencies": {"x": "portal:../x"}},
        "patch": {"dependencies": {"x": "patch:x@1#y"}},
        "file": {"dependencies": {"x": "file:../x"}},
        "unknown-scheme": {"dependencies": {"x": "foo:bar"}},
        "dev-number": {"devDependencies": {"left-pad": 1}},
        "dev-blank": {"devDependencies": {"left-pad": "a b"}},
        "dev-workspace": {"devDependencies": {"x": "workspace:*"}},
        "peer-number": {"peerDependencies": {"left-pad": 1}},
        "peer-blank": {"peerDependencies": {"left-pad": "a b"}},
        "optional-number": {"optionalDependencies": {"left-pad": 1}},
        "optional-blank": {"optionalDependencies": {"left-pad": "a b"}},
        "optional-workspace": {"optionalDependencies": {"x": "workspace:^"}},
        "bundle-true": {"bundleDependencies": True},
        "bundle-missing": {"dependencies": {"left-pad": "1"}, "bundleDependencies": ["left-pad"]},
        "bundle-number": {"bundleDependencies": 5},
        "bundle-object": {"bundleDependencies": {"left-pad": "1"}},
        "overrides-fine": {"dependencies": {"left-pad": "^1"}, "overrides": {"right-pad": "2"}},
        "overrides-conflict": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": "^2.0.0"}},
        "overrides-same": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": "^1.0.0"}},
        "overrides-reference": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": "$left-pad"}},
        "overrides-reference-missing": {"overrides": {"left-pad": "$right-pad"}},
        "overrides-dev": {"devDependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": "^2.0.0"}},
        "overrides-peer": {"peerDependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": "^2.0.0"}},
        "overrides-optional": {"optionalDependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": "^2.0.0"}},
        "overrides-range-key": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad@1": "2"}},
        "overrides-range-key-other": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad@3": "2"}},
        "overrides-nested": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": {"x": "2"}}},
        "overrides-nested-self": {"dependencies": {"left-pad": "^1.0.0"}, "overrides": {"left-pad": {".": "2"}}},
        "overrides-empty-key": {"overrides": {"": "1"}},
        "overrides-empty-key-dependencies": {"dependencies": {"left-pad": "1"}, "overrides": {"": "1"}},
        "overrides-bad-spec": {"overrides": {"left-pad": "a b"}},
        "overrides-bad-spec-dependencies": {"dependencies": {"right-pad": "1"}, "overrides": {"left-pad": "a b"}},
        "overrides-number": {"overrides": {"left-pad": 1}},
        "overrides-null": {"overrides": {"left-pad": None}},
        "overrides-text": {"overrides": "x"},
        "overrides-list": {"overrides": []},
        "overrides-bad-key": {"dependencies": {"right-pad": "1"}, "overrides": {"a b": "1"}},
        "overrides-bundle": {
            "dependencies": {"left-pad": "^1"},
            "bundleDependencies": ["left-pad"],
            "overrides": {"x": "1"},
        },
        "package-extensions": {"packageExtensions": {"left-pad@*": {"dependencies": {"x": "1"}}}},
        "package-extensions-null": {"packageExtensions": None},
        "package-extensions-private": {"private": True, "packageExtensions": {}},
        "patched-dependencies": {"patchedDependencies": {}},
        "allow-scripts": {"allowScripts": {"x": True}},
        "scripts-text": {"scripts": "x"},
        "scripts-number": {"scripts": {"prepack": 1}},
        "files-text": {"files": "x"},
        "files-number": {"files": [1]},
        "files-null": {"files": None},
        "bin-number": {"bin": 1},
        "bin-object": {"bin": {"x": 1}},
        "bin-missing": {"bin": "missing.js"},
        "directories-text": {"directories": "x"},
        "directories-bin": {"directories": {"bin": "nowhere"}},
        "workspaces-text": {"workspaces": "x"},
        "workspaces-missing": {"workspaces": ["nowhere"]},
        "engines": {"engines": {"node": ">=99"}},
        "engines-strict": {"engines": {"node": ">=99"}, "engineStrict": True},
        "os-other": {"os": ["win32"]},
        "publish-config-text": {"publishConfig": "x"},
        "publish-config-registry-number": {"publishConfig": {"registry": 1}},
        "publish-config-tag-number": {"publishConfig": {"tag": 1}},
        "publish-config-access-other": {"publishConfig": {"access": "nobody"}},
        "funding": {"funding": 1},
        "main-list": {"main": ["x"]},
        "type-number": {"type": 1},
        "exports-text": {"exports": "./x.js"},
        "gypfile": {"gypfile": True},
        "readme-number": {"readme": 1},
        "keywords-number": {"keywords": 1},
        "license-list": {"license": [1]},
        "description-number": {"description": 1},
        "bugs-number": {"bugs": 1},
        "people-number": {"author": 1, "contributors": 1},
        "man-number": {"man": 1},
        "dist-tag-in-manifest": {"tag": "next", "version": "2.0.0-rc.1"},
    }
    open_ = {"overrides-range-key"}  # whether two ranges meet is left to npm, which changed that
    return {
        name: {"files": {"package.json": _package(**shape)}, "unknowable": name in open_}
        for name, shape in shapes.items()
    }


def _specs() -> Table:
    inside = {"dist/package.json": _package(), "dist/index.js": "1\n", "dist/lib/package.json": _package()}
    return {
        "directory-with-dot": {"files": inside, "words": ("./dist",)},
        "directory-with-slash": {"files": inside, "words": ("dist/",)},
        "directory": {"files": inside, "words": ("dist",)},
        "directory-below": {"files": inside, "words": ("dist/lib",)},
        "directory-below-slash": {"files": inside, "words": ("dist/lib/",)},
        "directory-deep": {"files": {**inside, "a/b/c/package.json": _package()}, "words": ("a/b/c",)},
        "file-prefix": {"files": inside, "words": ("file:dist",)},
        "tarball-missing": {"words": ("packed/hello.tgz",)},
        "directory-missing": {"words": ("dist/lib",)},
        "dot-directory": {"files": {".out/package.json": _package()}, "words": (".out",)},
        "allow-git": {"words": ("somebody/else", "--allow-git=all"), "unknowable": True},
        "remote": {"words": ("http://{host}/x.tgz",)},
        "remote-not-allowed": {"words": ("http://{host}/x.tgz", "--allow-remote=none")},
    }


def _settings() -> Table:
    npmrc = {
        "provenance-file-empty": "provenance-file=\n",
        "provenance-file-missing": "provenance-file=nowhere.json\n",
        "otp-blank": "otp=\n",
        "otp-word": "otp=12 34\n",
        "otp-not-ascii": "otp=\u00fc\n",
        "otp-not-latin": "otp=\u2713\n",
        "user-agent-not-latin": "user-agent=\u2713\n",
        "user-agent-latin": "user-agent=\u00fc\n",
        "maxsockets-negative": "maxsockets=-1\n",
        "maxsockets-zero": "maxsockets=0\n",
        "maxsockets-text": "maxsockets=many\n",
        "local-address-other": "local-address=203.0.113.7\n",
        "local-address-loopback": "local-address=127.0.0.1\n",
        "local-address-text": "local-address=nonsense\n",
        "fetch-timeout-negative": "fetch-timeout=-1\n",
        "fetch-timeout-zero": "fetch-timeout=0\n",
        "fetch-retries-negative": "fetch-retries=-1\n",
        "fetch-retry-factor": "fetch-retry-factor=0\n",
        "fetch-retry-mintimeout": "fetch-retry-mintimeout=99999999\n",
        "script-shell-missing": "script-shell=/nonexistent/sh\n",
        "section-access": "[access]\nx=1\n",
        "section-registry": "[registry]\nx=1\n",
        "section-tag": "[tag]\nx=1\n",
        "offline": "offline=true\n",
        "prefer-offline": "prefer-offline=true\n",
        "registry-query": "registry={url}?x=1\n",
        "registry-hash": "registry={url}#x\n",
        "registry-userinfo": "registry=http://a:b@{host}/\n",
        "logs-dir-file": "logs-dir=/etc/passwd\n",
        "logs-dir-below-file": "logs-dir=/etc/passwd/x\n",
        "cache-file": "cache=/etc/passwd\n",
        "scope-text": "scope=octo\n",
        "auth-type-oidc": "auth-type=oidc\n",
        "before-bad": "before=never\n",
        "tag-number": "tag=1\n",
        "unicode-tag": "tag=n\u00e4chste\n",
        "access-other": "access=nobody\n",
        "proxy-bad": "proxy=nonsense\n",
        "https-proxy-dead": "https-proxy=http://127.0.0.1:9/\n",
        "noproxy": "https-proxy=http://127.0.0.1:9/\nnoproxy=127.0.0.1\n",
        "git-missing": "git=/nonexistent\n",
        "node-options": "node-options=--no-such-option\n",
        "shell-missing": "shell=/nonexistent\n",
        "umask-bad": "umask=999\n",
        "usage": "usage=true\n",
        "json": "json=true\n",
        "long": "long=true\n",
        "global": "global=true\n",
        "location": "location=global\n",
        "expect-results": "expect-results=true\n",
        "ignore-scripts": "ignore-scripts=true\n",
        "pack-destination": "pack-destination=/nonexistent\n",
        "min-release-age": "min-release-age=7\n",
        "engine-strict": "engine-strict=true\n",
        "sign-git-tag": "sign-git-tag=true\n",
    }
    table: dict[str, dict[str, Any]] = {name: {"npmrc": text} for name, text in npmrc.items()}
    scripted = {"scripts": {"prepublishOnly": "true"}}
    return table | {
        "script-shell-missing-scripts": {"npmrc": "script-shell=/nonexistent/sh\n", "manifest": scripted},
        "script-shell-there-scripts": {"npmrc": "script-shell=/bin/sh\n", "manifest": scripted},
        "script-shell-ignored-scripts": {
            "npmrc": "script-shell=/nonexistent/sh\nignore-scripts=true\n",
            "manifest": scripted,
        },
        "script-shell-postpublish": {
            "npmrc": "script-shell=/nonexistent/sh\n",
            "manifest": {"scripts": {"postpublish": "true"}},
            "unknowable": True,  # the package is published by then
        },
        "offline-flag": {"words": ("--offline",)},
        "offline-token": {"words": ("--offline",), **TOKEN},
        "offline-asked": {"words": ("--offline", "--provenance")},
        "offline-asked-public": {"words": ("--offline", "--provenance", "--access=public")},
        "offline-self-hosted": {"words": ("--offline",), "job": GitHubJob(runner="self-hosted")},
        "provenance-file-flag": {"words": ("--provenance-file", "nowhere.json")},
        "provenance-file-empty-file": {"words": ("--provenance-file", "empty"), "files": {"empty": ""}},
        "provenance-file-directory": {"words": ("--provenance-file", "dir"), "files": {"dir/x": ""}},
        "provenance-file-json": {"words": ("--provenance-file", "file"), "files": {"file": "{}"}},
        "provenance-file-other": {
            "words": ("--provenance-file", "file"),
            "files": {"file": '{"dsseEnvelope":{"payload":"eyJzdWJqZWN0IjpbXX0="}}'},
        },
        "provenance-file-both": {"words": ("--provenance-file", "file", "--provenance"), "files": {"file": "{}"}},
        "user-agent-flag": {"words": ("--user-agent=a\nb",)},
        "cache-unwritable": {"words": ("--cache=/sys/x",)},
    }


def _tarballs() -> Table:
    import gzip
    import io
    import tarfile

    def packed(**files: str) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, text in files.items():
                info = tarfile.TarInfo(f"package/{name}")
                info.size = len(text.encode())
                archive.addfile(info, io.BytesIO(text.encode()))
        return buffer.getvalue()

    good = packed(**{"package.json": _package(), "index.js": "1\n"})
    big = packed(**{"package.json": _package(), "index.js": "1\n" * 2**22})
    bodies = {
        "good": good,
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "truncated-trailer": good[:-4],
        "garbage-behind": good + b"garbage",
        "zeros-behind": good + bytes(1024),
        "second-member": good + gzip.compress(b"x"),
        "not-gzip": gzip.decompress(good),
        "garbage": b"garbage" * 100,
        "html": b"<html>not found</html>",
        "ratio": big,
        "no-manifest": packed(**{"index.js": "1\n"}),
        "extensions": packed(**{"package.json": _package(packageExtensions={})}),
        "dev-engines": packed(**{"package.json": _package(devEngines={"packageManager": {"name": "pnpm"}})}),
        "bad-checksum": good[:-8] + b"\0\0\0\0" + good[-4:],
        "number-dependency": packed(**{"package.json": _package(dependencies={"x": 1})}),
        "overrides": packed(**{"package.json": _package(dependencies={"x": "^1"}, overrides={"x": "^2"})}),
        "private": packed(**{"package.json": _package(private=True)}),
        "not-utf-8": packed(**{"package.json": _package()}).replace(b"", b""),
    }
    table: dict[str, dict[str, Any]] = {
        name: {"files": {"x.tgz": body}, "words": ("./x.tgz",)} for name, body in bodies.items()
    }
    return table | {
        "file-not-utf-8": {"files": {b"caf\xe9.txt".decode("utf-8", "surrogateescape"): "x"}},
        "directory-as-tarball": {"files": {"x.tgz/package.json": _package()}, "words": ("./x.tgz",)},
    }


def _answers() -> Table:
    token = b'{"token":"npm_madeup"}'
    exchange: dict[str, Fault] = {
        "exchange-200": Fault(200, token),
        "exchange-201-number": Fault(201, b'{"token":5}'),
        "exchange-201-list": Fault(201, b'{"token":["x"]}'),
        "exchange-201-object": Fault(201, b'{"token":{}}'),
        "exchange-201-newline": Fault(201, b'{"token":"a\\nb"}'),
        "exchange-201-unicode": Fault(201, '{"token":"\u2713"}'.encode()),
        "exchange-201-bom": Fault(201, b"\xef\xbb\xbf" + token),
        "exchange-202": Fault(202, token),
        "exchange-204": Fault(204),
        "exchange-301": Fault(301, b"", {"location": "/elsewhere"}),
        "exchange-html": Fault(201, b"<html>"),
    }
    id_token: dict[str, Fault] = {
        "id-token-number": Fault(200, b'{"value":5}'),
        "id-token-newline": Fault(200, b'{"value":"a.b\\n.c"}'),
        "id-token-bom": Fault(200, b'\xef\xbb\xbf{"value":"a.b.c"}'),
        "id-token-201": Fault(201, b'{"value":"a.b.c"}'),
    }

    def raw(head: str, body: bytes) -> Fault:
        return Fault(raw=head.encode() + body)

    parsed: dict[str, Fault] = {
        "bare-lf": raw("HTTP/1.1 201 Created\ncontent-length: 22\n\n", token),
        "chunked-and-length": raw(
            "HTTP/1.1 201 Created\r\ncontent-length: 22\r\ntransfer-encoding: chunked\r\n\r\n16\r\n",
            token + b"\r\n0\r\n\r\n",
        ),
        "obs-fold": raw("HTTP/1.1 201 Created\r\nx: a\r\n b\r\ncontent-length: 22\r\n\r\n", token),
        "huge-header": raw(f"HTTP/1.1 201 Created\r\nx: {'a' * 17000}\r\ncontent-length: 22\r\n\r\n", token),
        "large-header": raw(f"HTTP/1.1 201 Created\r\nx: {'a' * 15000}\r\ncontent-length: 22\r\n\r\n", token),
        "switching": raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", b""),
        "two-lengths": raw("HTTP/1.1 201 Created\r\ncontent-length: 22\r\ncontent-length: 23\r\n\r\n", token),
        "http-2": raw("HTTP/2 201 Created\r\ncontent-length: 22\r\n\r\n", token),
        "no-reason": raw("HTTP/1.1 201\r\ncontent-length: 22\r\n\r\n", token),
        "space-before-colon": raw("HTTP/1.1 201 Created\r\nx : a\r\ncontent-length: 22\r\n\r\n", token),
        "until-close": raw("HTTP/1.1 201 Created\r\n\r\n", token),
        "short-body": raw("HTTP/1.1 201 Created\r\ncontent-length: 40\r\n\r\n", token),
        "plus-length": raw("HTTP/1.1 201 Created\r\ncontent-length: +22\r\n\r\n", token),
        "control-in-header": raw("HTTP/1.1 201 Created\r\nx: a\x01b\r\ncontent-length: 22\r\n\r\n", token),
        "no-headers": raw("HTTP/1.1 201 Created\r\n\r\n", token),
    }
    table: dict[str, dict[str, Any]] = {}
    for name, fault in (exchange | parsed).items():
        # npm takes the token of these, which no registry has given.
        taken = name in {"exchange-200", "exchange-202", "no-reason", "until-close", "no-headers", "large-header"}
        table[name] = {"faults": {"exchange": fault}, "unknowable": taken}
    for name, fault in id_token.items():
        table[name] = {"faults": {"id-token": fault}}
    return table
