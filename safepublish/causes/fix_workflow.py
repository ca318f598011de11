"""Mends a workflow file: the smallest edits of its text after which its broken steps are trusted.

The causes name what is wrong, `safepublish.pipelines.fix.edits` holds the edit of each, and the file is read again
after every round. A step that would stay broken, or would only lose its token, is left as it is.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from safepublish import causes
from safepublish.facts.finding import Answer
from safepublish.facts.kinds import Kind
from safepublish.facts.step import File, Judged, Step, Verdict
from safepublish.pipelines import github
from safepublish.pipelines.fix import edits
from safepublish.pipelines.github import Callers
from safepublish.pipelines.scope import Files

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
    file: File  # as it is read from the mended text
    steps: tuple[Judged, ...]
    done: tuple[tuple[str, str], ...] = ()  # the job, and what a mend did
    left: tuple[tuple[str, str], ...] = ()  # the job of a step that stays as it is, and why
    moved: tuple[Moved, ...] = ()

    @property
    def text(self) -> str:
        """The text of the mended file."""
        return self.file.text


_Key = tuple[str, str | None, str]


def mend(
    text: str,
    path: str,
    files: Files,
    *,
    callers: Callers = lambda _: (),
    migrate: bool = False,
    waive: Mapping[str, str] | None = None,
) -> Mended:
    """The workflow *text* with its broken steps made trusted; with *migrate* also those that publish with a token.

    *files* gives the other files of the repository, *callers* those that call this workflow. Done twice, the second
    time changes nothing.
    """
    mending = _Mending(text, path, files, callers, migrate=migrate, waive=waive or {})
    while True:
        mended, in_vain = mending.tried()
        if not in_vain:
            return mended
        mending.excluded.update(in_vain)


class _Mending:
    """The mending of one file: tried with all its steps, then again without those for which it was in vain."""

    def __init__(
        self, text: str, path: str, files: Files, callers: Callers, *, migrate: bool, waive: Mapping[str, str]
    ) -> None:
        self.text, self.path, self.files, self.callers = text, path, files, callers
        self.migrate, self.waive = migrate, waive
        self.excluded: dict[_Key, str] = {}
        self._reasons: dict[_Key, str] = {}

    def tried(self) -> tuple[Mended, dict[_Key, str]]:
        """The file with the mends of the steps that are not excluded, and the steps that they did not help, and why."""
        file, judged = self._read(self.text)
        wanted = {_key(one): one for one in judged if self._wants(one) and _key(one) not in self.excluded}
        done: list[tuple[str, str]] = []
        for _ in range(_MOST_ROUNDS):
            chosen = self._round(file.text, [one for one in judged if _key(one) in wanted], done)
            if not chosen:
                break
            file, judged = self._read(edits.applied(file.text, chosen))
        after = {_key(one): one for one in judged}
        in_vain = {
            key: self._reasons.get(key) or _still(before, after.get(key))
            for key, before in wanted.items()
            if not _better(before, after.get(key))
        }
        moved = tuple(
            _moved(one)
            for key, one in wanted.items()
            if _uses_token(one) or (self.migrate and _has_token(one) and not _has_token(after.get(key)))
        )
        left = tuple((key[0], why) for key, why in self.excluded.items())
        made = tuple(dict.fromkeys(done)) if file.text != self.text else ()
        return Mended(self.path, self.text, file, judged, made, left, moved), in_vain

    def _read(self, text: str) -> tuple[File, tuple[Judged, ...]]:
        file = github.read(text, self.path, self.files, self.callers)
        return file, causes.judge_steps(file, self.waive)

    def _wants(self, one: Judged) -> bool:
        return one.verdict is Verdict.BROKEN or (self.migrate and _uses_token(one))

    def _round(self, text: str, steps: list[Judged], done: list[tuple[str, str]]) -> list[edits.Edit]:
        """The edits that the steps need as the text stands now."""
        sheet = edits.Sheet(text)
        chosen: list[edits.Mend] = []
        served: set[str] = set()
        for one in steps:
            if one.verdict is Verdict.TRUSTED or one.step.job in served:
                continue
            if _uses_token(one) and not self.migrate:
                continue
            other = _elsewhere(one.step, self.path)
            if other is not None:
                self._reasons.setdefault(_key(one), f"what is to be mended stands in {other}")
                continue
            made, why = _edits(sheet, one)
            if why is not None:
                self._reasons.setdefault(_key(one), why)
            made = _compatible(sheet, chosen, [mended for mended in made if mended.edits])
            served |= {one.step.job for mended in made if mended.for_the_job}
            chosen += made
            done += [(one.step.job, mended.what) for mended in made]
        return [edit for mended in chosen for edit in mended.edits]


def _compatible(sheet: edits.Sheet, chosen: list[edits.Mend], made: list[edits.Mend]) -> list[edits.Mend]:
    """Those of *made* that can be made together with *chosen*; the next round makes the others."""
    if edits.conflict(sheet, [*chosen, *made]) is None:
        return made
    compatible: list[edits.Mend] = []
    for mended in made:
        if edits.conflict(sheet, [*chosen, *compatible, mended]) is None:
            compatible.append(mended)
    return compatible


_MENDED_WORDS = re.compile(r"--(?:provenance(?:=true)?|non-interactive|no-git-tag-version|new-version \S+)(?= |$)")


def _elsewhere(step: Step, path: str) -> str | None:
    """The other file in which the step, or what sets up its npm, stands."""
    entries = (step.node.entry, step.node.setup_entry)
    places = [step.at.path, *(one.value.path for one in entries if one), *(one.span.path for one in step.upgrades)]
    return next((place for place in places if place != path), None)


def _key(one: Judged) -> _Key:
    """What tells a step from others, also after lines and steps before it, and words of its own, have gone."""
    command = _MENDED_WORDS.sub("", one.step.command).replace("yarn publish", "npm publish")
    return one.step.job, one.step.name, " ".join(command.split())


def _edits(sheet: edits.Sheet, one: Judged) -> tuple[list[edits.Mend], str | None]:
    """The mends of one step, and why one that it needs is not made."""
    ids = [finding.id for finding in one.findings if finding.answer is Answer.FAIL and finding.waived is None]
    if _uses_token(one):
        ids = ["token-conflict"]
    made = []
    for cause in ids:
        mended = edits.build(cause, sheet, one.step)
        if mended is None:
            return [], next(finding.message for finding in one.findings if finding.id == cause)
        if mended.not_made is not None:
            return [], mended.not_made
        made.append(mended)
    if not made:
        return [], None
    for cause in _KEEP_WORKING:
        mended = edits.build(cause, sheet, one.step)
        keeps_token = one.verdict is Verdict.BROKEN and _has_token(one)  # with one, provenance is not automatic
        if mended is not None and mended.edits and one.step.tool == "npm" and not keeps_token:
            made.append(mended)
    return made, None


def _better(before: Judged, after: Judged | None) -> bool:
    """Whether the mends were worth it: the step is trusted, or broken no more where a token or the unknown is left."""
    if after is None:
        return False
    return after.verdict is Verdict.TRUSTED or (
        before.verdict is Verdict.BROKEN and after.verdict in {Verdict.UNKNOWN, Verdict.WAIVED, Verdict.TOKEN}
    )


def _still(before: Judged, after: Judged | None) -> str:
    """What keeps a step from being trusted after its mends."""
    if after is None:
        hidden = before.step.hidden or before.step.command
        return f"whether {hidden} publishes without the token cannot be told from the files"
    finding = next((one for one in after.findings if one.answer in {Answer.FAIL, Answer.UNKNOWN}), None)
    return finding.message if finding is not None else f"it is {after.verdict.value}"


def _uses_token(one: Judged) -> bool:
    """Whether nothing but a token keeps the step from being trusted, or whatever else does was waived."""
    return one.verdict is Verdict.TOKEN or (one.verdict is Verdict.WAIVED and _has_token(one))


def _has_token(one: Judged | None) -> bool:
    return one is not None and any(token.kind is Kind.SET for token in one.step.tokens)


def _moved(one: Judged) -> Moved:
    step = one.step
    return Moved(step.job, step.entry_path.rpartition("/")[2], step.environment, step.staged, step.working_directory)
