"""What CIs make of a program's output: each function dresses lines as that CI's own logs show them.

Written after real logs: GitHub's "Download log archive" and `gh run view --log`, GitLab's raw job log, CircleCI's step
output (API and web), BuildKit's plain progress, Jenkins' Timestamper, and what people paste into an issue.
"""

import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

ESC = "\x1b"
COMMAND = f"{ESC}[36;1m"


class Raw(NamedTuple):
    """A program's output, and what stands around it in a log."""

    text: str
    command: str = "npm publish"
    env: Mapping[str, str] = {}  # as GitHub shows it
    npm: str = "12.2.0"


Dresser = Callable[[Raw], str | bytes]


def _stamps(start: int = 0) -> Callable[[], str]:
    ticks = itertools.count(start)

    def stamp() -> str:
        tick = next(ticks)
        return f"2026-11-25T07:{tick // 600 % 60:02}:{tick // 10 % 60:02}.{tick * 7919 % 10_000_000:07}Z"

    return stamp


def plain(raw: Raw) -> str:
    """The output alone."""
    return raw.text


def _github_step(raw: Raw) -> list[str]:
    head = [f"##[group]Run {raw.command}", f"{COMMAND}{raw.command}{ESC}[0m", "shell: /usr/bin/bash -e {0}"]
    if raw.env:
        head += ["env:", *(f"  {name}: {value}" for name, value in raw.env.items())]
    return [*head, "##[endgroup]", *raw.text.splitlines(), "##[error]Process completed with exit code 1."]


def github(raw: Raw) -> str:
    """A whole job of GitHub's raw log, with BOM, time stamps and setup-node's list of versions."""
    stamp = _stamps()
    lines = [
        "Current runner version: '2.329.0'",
        "##[group]Runner Image",
        "Image: ubuntu-24.04",
        "##[endgroup]",
        "##[group]GITHUB_TOKEN Permissions",
        "Contents: read",
        "Metadata: read",
        "##[endgroup]",
        "##[group]Run actions/checkout@v5",
        "with:",
        "  repository: octo-org/hello-oidc",
        "##[endgroup]",
        "[command]/usr/bin/git log -1 --format=%H",
        "##[group]Run actions/setup-node@v6",
        "with:",
        "  registry-url: https://registry.npmjs.org",
        "##[endgroup]",
        "##[group]Environment details",
        "node: v24.21.0",
        f"npm: {raw.npm}",
        "yarn: 1.22.22",
        "##[endgroup]",
        "##[group]Run npm ci",
        f"{COMMAND}npm ci{ESC}[0m",
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory.",
        "added 312 packages, and audited 313 packages in 9s",
        *_github_step(raw),
        "Post job cleanup.",
        "[command]/usr/bin/git version",
    ]
    return "\ufeff" + "".join(f"{stamp()} {line}\n" for line in lines)


def github_step(raw: Raw) -> str:
    """The publish step alone, as it is copied from GitHub's web page: no time stamps, no markers."""
    head = [f"Run {raw.command}", f"  {raw.command}", "  shell: /usr/bin/bash -e {0}"]
    if raw.env:
        head += ["  env:", *(f"    {name}: {value}" for name, value in raw.env.items())]
    return "\n".join([*head, *raw.text.splitlines(), "Error: Process completed with exit code 1.", ""])


def gh_run_view(raw: Raw) -> str:
    """`gh run view --log-failed`: job, step and time before each line."""
    stamp = _stamps(77)
    step = _github_step(raw)
    marks = ["\ufeff", *[""] * len(step)]  # gh leaves the byte order mark of the step's file
    return "".join(
        f"publish\tPublish to npm\t{mark}{stamp()} {line}\n" for mark, line in zip(marks, step, strict=False)
    )


def gitlab(raw: Raw) -> str:
    """A GitLab job's raw log: sections, colours, and carriage returns."""
    lines = [
        f"{ESC}[0KRunning with gitlab-runner 18.5.0 (bda84871){ESC}[0;m",
        f"section_start:1764054000:prepare_executor\r{ESC}[0K{ESC}[0K{ESC}[36;1mPreparing{ESC}[0;m{ESC}[0;m",
        f"section_end:1764054001:prepare_executor\r{ESC}[0K",
        f"section_start:1764054002:step_script\r{ESC}[0K{ESC}[0K{ESC}[36;1mExecuting script{ESC}[0;m{ESC}[0;m",
        f"{ESC}[32;1m$ node --version{ESC}[0;m",
        "v24.21.0",
        f"{ESC}[32;1m$ npm --version{ESC}[0;m",
        raw.npm,
        f"{ESC}[32;1m$ {raw.command}{ESC}[0;m",
        *raw.text.splitlines(),
        f"section_end:1764054009:step_script\r{ESC}[0K",
        f"{ESC}[31;1mERROR: Job failed: exit code 1{ESC}[0;m",
    ]
    return "\n".join(lines) + "\n"


def gitlab_stamped(raw: Raw) -> str:
    """The same with FF_TIMESTAMPS: a time and a stream mark before each line."""
    stamp = _stamps(5)
    dressed = gitlab(raw)
    return "".join(f"{stamp()[:-1]}Z 01O {line}\n" for line in dressed.splitlines())


def circleci(raw: Raw) -> str:
    """A CircleCI step's raw.text: the raw.command echoed by bash, carriage returns at the line ends."""
    lines = ["#!/bin/bash -eo pipefail", raw.command, *raw.text.splitlines(), "", "Exited with code exit status 1"]
    return "\r\n".join(lines) + "\r\n"


def circleci_json(raw: Raw) -> str:
    """The same from CircleCI's API: messages in JSON."""
    dressed = circleci(raw)
    cut = len(dressed) // 2
    parts = [dressed[:cut].rpartition("\n"), ("", "", dressed[cut:])]
    first = parts[0][0] + parts[0][1]
    messages = [first, dressed[len(first) :]]
    return json.dumps(
        [{"message": part, "time": "2026-11-25T07:00:00.000Z", "type": "out", "truncated": False} for part in messages]
    )


def docker(raw: Raw) -> str:
    """BuildKit's plain progress, in GitHub's log."""
    stamp = _stamps(3)
    lines = [f"#12 [publish 4/4] RUN {raw.command}"]
    lines += [f"#12 {n / 7:.3f} {line}" for n, line in enumerate(raw.text.splitlines(), 3)]
    lines.append(f'#12 ERROR: process "/bin/sh -c {raw.command}" did not complete successfully: exit code: 1')
    return "".join(f"{stamp()} {line}\n" for line in lines)


def jenkins(raw: Raw) -> str:
    """A Jenkins pipeline with time stamps."""
    stamp = _stamps(9)
    lines = [
        "[Pipeline] sh",
        f"+ {raw.command}",
        *raw.text.splitlines(),
        "[Pipeline] }",
        "ERROR: script returned exit code 1",
    ]
    return "".join(f"[{stamp()}] {line}\n" for line in lines)


def windows(raw: Raw) -> bytes:
    """What PowerShell's `>` writes: UTF-16 with a byte order mark and Windows line ends."""
    return "\ufeff".encode("utf-16-le") + raw.text.replace("\n", "\r\n").encode("utf-16-le")


def coloured(raw: Raw) -> str:
    """npm's own colours, which FORCE_COLOR leaves in a log (npm 12.2.0, lib/utils/display.js)."""

    def paint(match: "re.Match[str]") -> str:
        colour = {"error": "31", "ERR!": "31", "notice": "94", "http": "32", "warn": "33"}.get(match[2], "34")
        return f"{ESC}[1mnpm{ESC}[22m {ESC}[{colour}m{match[2]}{ESC}[39m{match[3]}"

    return re.sub(
        r"^(npm) (error|ERR!|notice|http|warn|verbose|silly|info)\b(.*)$", paint, raw.text, flags=re.MULTILINE
    )


def pasted(raw: Raw) -> str:
    """What people paste into an issue: indented, with prose around it."""
    body = "\n".join(f"    {line}" for line in raw.text.splitlines())
    return f"The release failed again, see below. We use trusted publishing.\n\n```\n{body}\n```\n\nAny idea?\n"


def inspected(raw: Raw) -> str:
    """What Node prints of a child's stderr in an error object."""
    quoted = ["    '{}\\n' +".format(line.replace("\\", "\\\\").replace("'", "\\'")) for line in raw.text.splitlines()]
    return "Error: Command failed with exit code 1\n  stderr: ''\n" + "\n".join(quoted) + "\n"


def cut_head(raw: Raw) -> str:
    """The last lines only."""
    lines = raw.text.splitlines()
    return "\n".join(lines[len(lines) // 2 :]) + "\n"


def cut_tail(raw: Raw) -> str:
    """All but the last line, which a paste often misses."""
    return "\n".join(raw.text.splitlines()[:-1])


DRESSERS: Sequence[Dresser] = (
    plain, github, github_step, gh_run_view, gitlab, gitlab_stamped, circleci, circleci_json, docker, jenkins, windows,
    coloured, pasted, inspected, cut_head, cut_tail,
)  # fmt: skip
"""Every dressing. Those of a CI fit every situation but a laptop's; the others fit all."""

CIS: Mapping[Dresser, str] = {
    github: "github", github_step: "github", gh_run_view: "github", docker: "github",
    gitlab: "gitlab", gitlab_stamped: "gitlab", circleci: "circleci", circleci_json: "circleci", jenkins: "jenkins",
}  # fmt: skip
"""The CI in whose logs a dressing occurs; a log of another CI is not dressed so."""
