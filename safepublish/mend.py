"""Mends a workflow file: the smallest edits of its text after which its broken steps are trusted.

Made by reading: the causes name what is wrong, `safepublish.facts.edits` holds the edit of each, and the file is read
again after every round. A step that would stay broken, or would only lose its token, is left as it is.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from safepublish import causes
from safepublish.facts import edits, workflow
from safepublish.facts.finding import Answer
from safepublish.facts.step import File, Judged, Verdict

Files = Callable[[str], str | None]
"""The text of a file of the repository, by its path from the root; None where there is none."""

_MOST_ROUNDS = 6
_KEEP_WORKING = ("provenance-redundant",)
"""Causes that refuse nothing, and are mended along with a step that is mended anyway."""


class Moved(NamedTuple):
    """A step that published with a token and is to publish through OIDC: what npmjs.com has to be told first."""

    job: str
    workflow: str  # the file name that npmjs.com compares
    environment: str | None
    staged: bool
    directory: str | None


class Mended(NamedTuple):
    """A file after its mends."""

    path: str
    before: str
    text: str
    steps: tuple[Judged, ...]  # as they are read in the mended text
    done: tuple[tuple[str, str], ...] = ()  # the job, and what a mend did
    left: tuple[tuple[str, str], ...] = ()  # the job of a step that stays as it is, and why
    moved: tuple[Moved, ...] = ()


_Key = tuple[str, str | None, str]


def mend(text: str, path: str, files: Files, *, migrate: bool = False) -> Mended:
    """The workflow *text* with its broken steps made trusted; with *migrate* also those that publish with a token.

    *files* gives the other files of the repository. Done twice, the second time changes nothing.
    """
    excluded: dict[_Key, str] = {}
    while True:
        mended, wanting = _tried(text, path, files, migrate=migrate, excluded=excluded)
        if not wanting:
            return mended._replace(left=tuple((key[0], why) for key, why in excluded.items()))
        excluded.update(wanting)


def _tried(
    text: str, path: str, files: Files, *, migrate: bool, excluded: dict[_Key, str]
) -> tuple[Mended, dict[_Key, str]]:
    """The file with the mends of every step that is not *excluded*, and the steps that did not become trusted."""
    now, done = text, []
    first: dict[_Key, Judged] = {}
    reasons: dict[_Key, str] = {}
    for round_ in range(_MOST_ROUNDS):
        file = workflow.read(now, path, files)
        judged = causes.judge_steps(file)
        sheet = edits.Sheet(now)
        chosen: list[edits.Edit] = []
        served: set[str] = set()
        for one in judged:
            key = _key(one)
            if not round_ and _wants(one, migrate=migrate):
                first[key] = one
            if key not in first or key in excluded or one.verdict is Verdict.TRUSTED:
                continue
            made, why = _edits(sheet, one)
            if why is not None:
                reasons.setdefault(key, why)
                continue
            if one.step.job in served:
                continue
            served |= {one.step.job for mended in made if mended.for_the_job}
            chosen += [edit for mended in made for edit in mended.edits]
            done += [(one.step.job, mended.what) for mended in made]
        if not chosen:
            break
        now = edits.applied(now, chosen)
    return _outcome(text, now, path, files, first, excluded, reasons, done)


def _outcome(
    text: str,
    now: str,
    path: str,
    files: Files,
    first: dict[_Key, Judged],
    excluded: dict[_Key, str],
    reasons: dict[_Key, str],
    done: list[tuple[str, str]],
) -> tuple[Mended, dict[_Key, str]]:
    last = causes.judge_steps(workflow.read(now, path, files))
    verdicts = {_key(one): one for one in last}
    wanting = {}
    for key, before in first.items():
        after = verdicts.get(key)
        if key not in excluded and not _better(before, after):
            wanting[key] = reasons.get(key) or _still(before, after)
    moved = tuple(
        _moved(one)
        for key, one in first.items()
        if one.verdict is Verdict.TOKEN and key not in excluded and key not in wanting
    )
    return Mended(path, text, now, last, tuple(dict.fromkeys(done)), moved=moved), wanting


_MENDED_WORDS = re.compile(r"--(?:provenance(?:=true)?|non-interactive|no-git-tag-version|new-version \S+)(?= |$)")


def _key(one: Judged) -> _Key:
    """What tells a step from others, also after lines and steps before it, and words of its own, have gone."""
    command = _MENDED_WORDS.sub("", one.step.command).replace("yarn publish", "npm publish")
    return one.step.job, one.step.name, " ".join(command.split())


def _wants(one: Judged, *, migrate: bool) -> bool:
    return one.verdict is Verdict.BROKEN or (migrate and one.verdict is Verdict.TOKEN)


def _edits(sheet: edits.Sheet, one: Judged) -> tuple[list[edits.Mend], str | None]:
    """The mends of one step, and why one that it needs is not made."""
    ids = [finding.id for finding in one.findings if finding.answer is Answer.FAIL and finding.waived is None]
    if one.verdict is Verdict.TOKEN:
        ids = ["token-conflict"]
    made = []
    for cause in ids:
        builder = edits.BY_CAUSE.get(cause)
        if builder is None:
            return [], next(finding.message for finding in one.findings if finding.id == cause)
        mended = builder(sheet, one.step)
        if mended.not_made is not None:
            return [], mended.not_made
        made.append(mended)
    if not made:
        return [], None
    for cause in _KEEP_WORKING:
        mended = edits.BY_CAUSE[cause](sheet, one.step)
        if mended.edits and one.step.tool == "npm":
            made.append(mended)
    return made, None


def _better(before: Judged, after: Judged | None) -> bool:
    """Whether the mends were worth it: the step is trusted, or broken no more where the rest cannot be told."""
    if after is None:
        return False
    return after.verdict is Verdict.TRUSTED or (before.verdict is Verdict.BROKEN and after.verdict is Verdict.UNKNOWN)


def _still(before: Judged, after: Judged | None) -> str:
    """What keeps a step from being trusted after its mends."""
    if after is None:
        hidden = before.step.hidden or before.step.command
        return f"whether {hidden} publishes without the token cannot be told from the files"
    finding = next((one for one in after.findings if one.answer in {Answer.FAIL, Answer.UNKNOWN}), None)
    return finding.message if finding is not None else f"it is {after.verdict.value}"


def _moved(one: Judged) -> Moved:
    step = one.step
    return Moved(step.job, step.entry_path.rpartition("/")[2], step.environment, step.staged, step.working_directory)


def unchanged(file: File, judged: tuple[Judged, ...]) -> Mended:
    """A file that is not to be mended."""
    return Mended(file.path, file.text, file.text, judged)
