"""Fixes a workflow file: the smallest edits of its text after which its broken steps are trusted.

The causes name what is wrong and return the edit of each; the file is read again after every round. A step that would
stay broken, or would only lose its token, is left as it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from safepublish.causes import BY_ID, CAUSES
from safepublish.causes.cause import Cause
from safepublish.causes.judge import checked_fix, has_token, judge_steps
from safepublish.facts.finding import Answer
from safepublish.facts.step import File, Judged, Step, Verdict
from safepublish.pipelines import reader
from safepublish.pipelines.fix.edits import Edit, Fix, applied, conflict
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.github import Callers
from safepublish.pipelines.scope import Files

_MOST_ROUNDS = 6


class Migrated(NamedTuple):
    """A step that published with a token and is to publish through OIDC: what to enter at npmjs.com first."""

    job: str
    workflow: str  # the file name that npmjs.com compares
    environment: str | None
    staged: bool
    directory: str | None


class FixedFile(NamedTuple):
    """A file after its fixes."""

    path: str
    before: str
    file: File  # as it is read from the fixed text
    steps: tuple[Judged, ...]
    fixes: tuple[tuple[str, str], ...] = ()  # the job, and what a fix did
    unfixed: tuple[tuple[str, str], ...] = ()  # the job of a step that stays as it is, and why
    migrated: tuple[Migrated, ...] = ()

    @property
    def text(self) -> str:
        """The text of the fixed file."""
        return self.file.text


_Key = tuple[str, str | None, str]


def fix_workflow(
    text: str,
    path: str,
    files: Files,
    *,
    callers: Callers = lambda _: (),
    migrate: bool = False,
    waive: Mapping[str, str] | None = None,
) -> FixedFile:
    """The workflow *text* with its broken steps made trusted; with *migrate* also those that publish with a token.

    *files* returns the other files of the repository, *callers* those that call this workflow. Done twice, the second
    time changes nothing.
    """
    fixer = _Fixer(text, path, files, callers, migrate=migrate, waive=waive or {})
    while True:
        fixed, in_vain = fixer.attempt()
        if not in_vain:
            return fixed
        fixer.excluded.update(in_vain)


class _Fixer:
    """Fixes one file: attempts it with all its steps, then again without those for which it was in vain."""

    def __init__(
        self, text: str, path: str, files: Files, callers: Callers, *, migrate: bool, waive: Mapping[str, str]
    ) -> None:
        self.text, self.path, self.files, self.callers = text, path, files, callers
        self.migrate, self.waive = migrate, waive
        self.excluded: dict[_Key, str] = {}
        self._reasons: dict[_Key, str] = {}

    def attempt(self) -> tuple[FixedFile, dict[_Key, str]]:
        """The file with the fixes of the steps that are not excluded, and the steps that they did not help, and why."""
        file, judged = self._read(self.text)
        wanted = {_key(step): step for step in judged if self._wants(step) and _key(step) not in self.excluded}
        fixes: list[tuple[str, str]] = []
        for _ in range(_MOST_ROUNDS):
            edits = self._round(file.text, [step for step in judged if _key(step) in wanted], fixes)
            if not edits:
                break
            file, judged = self._read(applied(file.text, edits))
        after = {_key(step): step for step in judged}
        in_vain = {
            key: self._reasons.get(key) or _remaining_problem(before, after.get(key))
            for key, before in wanted.items()
            if not _is_improvement(before, after.get(key))
        }
        migrated = tuple(
            _migrated(before.step)
            for key, before in wanted.items()
            if _uses_token(before) or (self.migrate and _publishes_without_token(before, after.get(key)))
        )
        unfixed = tuple((key[0], why) for key, why in self.excluded.items())
        made = tuple(dict.fromkeys(fixes)) if file.text != self.text else ()
        return FixedFile(self.path, self.text, file, judged, made, unfixed, migrated), in_vain

    def _read(self, text: str) -> tuple[File, tuple[Judged, ...]]:
        file = reader.read(text, self.path, self.files, self.callers)
        return file, judge_steps(file, self.waive)

    def _wants(self, step: Judged) -> bool:
        return step.verdict is Verdict.BROKEN or (self.migrate and _uses_token(step))

    def _round(self, text: str, steps: Sequence[Judged], fixes: list[tuple[str, str]]) -> list[Edit]:
        """The edits that the steps need as the text stands now; what they do is added to *fixes*."""
        sheet = Sheet(text)
        chosen: list[Fix] = []
        served: set[str] = set()
        for judged in steps:
            job = judged.step.place.job
            if judged.verdict is Verdict.TRUSTED or job in served:
                continue
            if _uses_token(judged) and not self.migrate:
                continue
            other = _defined_in_other_file(judged, self.path)
            if other is not None:
                self._reasons.setdefault(_key(judged), f"the fix belongs in {other}")
                continue
            made, why = _fixes(sheet, judged)
            if why is not None:
                self._reasons.setdefault(_key(judged), why)
            made = _compatible(sheet, chosen, [fix for fix in made if fix.edits])
            served |= {job for fix in made if fix.for_job}
            chosen += made
            fixes += [(job, fix.summary) for fix in made]
        return [edit for fix in chosen for edit in fix.edits]


def _compatible(sheet: Sheet, chosen: list[Fix], fixes: list[Fix]) -> list[Fix]:
    """Those of *fixes* that can be made together with *chosen*; the next round makes the others."""
    if conflict(sheet, [*chosen, *fixes]) is None:
        return fixes
    compatible: list[Fix] = []
    for fix in fixes:
        if conflict(sheet, [*chosen, *compatible, fix]) is None:
            compatible.append(fix)
    return compatible


_FIXED_WORDS = re.compile(r"(?<=npm)@[^\s'\"]+|(?<=[\s'\"])\./")
_FIXED_OPTIONS = re.compile(r"--(?:provenance(?:=true)?|non-interactive|no-git-tag-version|new-version \S+)(?= |$)")


def _defined_in_other_file(judged: Judged, path: str) -> str | None:
    """The other file in which something has to change: where the step is, what sets up its npm, or its permission."""
    step = judged.step
    places = [cause.file_to_change(step) for cause, _ in _to_fix(judged)]
    if _uses_token(judged):
        places += [upgrade.span.path for upgrade in step.toolchain.upgrades]
    return next((place for place in places if place != path), None)


def _key(judged: Judged) -> _Key:
    """What identifies a step also after lines and steps before it, and options of its own, have gone."""
    command = _FIXED_OPTIONS.sub("", judged.step.invocation.command).replace("yarn publish", "npm publish")
    command = _FIXED_WORDS.sub("", command)
    return judged.step.place.job, judged.step.place.name, " ".join(command.split())


def _fixes(sheet: Sheet, judged: Judged) -> tuple[list[Fix], str | None]:
    """The fixes of one step, and why one that it needs is not made."""
    fixes = []
    for cause, message in _to_fix(judged):
        fix = checked_fix(cause, sheet, judged.step)
        if fix is None:
            return [], message
        if fix.not_made is not None:
            return [], fix.not_made
        fixes.append(fix)
    return fixes, None


def _to_fix(judged: Judged) -> list[tuple[Cause, str]]:
    """The causes that keep a step from being trusted, with what each says."""
    if _uses_token(judged):
        return [(cause, "") for cause in CAUSES if cause.moves_to_oidc]
    return [
        (BY_ID[finding.id], finding.message)
        for finding in judged.findings
        if finding.answer is Answer.FAIL and finding.waived is None
    ]


def _is_improvement(before: Judged, after: Judged | None) -> bool:
    """Whether the fixes helped: the step is trusted, or broken no more where a token or the unknown is left."""
    if after is None:
        return False
    return after.verdict is Verdict.TRUSTED or (
        before.verdict is Verdict.BROKEN and after.verdict in {Verdict.UNKNOWN, Verdict.WAIVED, Verdict.TOKEN}
    )


def _remaining_problem(before: Judged, after: Judged | None) -> str:
    """What keeps a step from being trusted after its fixes."""
    if after is None:
        hidden = before.step.invocation.hidden or before.step.invocation.command
        return f"whether {hidden} publishes without the token cannot be told from the files"
    finding = next((finding for finding in after.findings if finding.answer in {Answer.FAIL, Answer.UNKNOWN}), None)
    return finding.message if finding is not None else f"it is {after.verdict.value}"


def _uses_token(judged: Judged) -> bool:
    """Whether only a token keeps the step from being trusted, or what else does was waived."""
    return judged.verdict is Verdict.TOKEN or (judged.verdict is Verdict.WAIVED and has_token(judged.step))


def _publishes_without_token(before: Judged, after: Judged | None) -> bool:
    """Whether the fixes took the token away."""
    return has_token(before.step) and not (after is not None and has_token(after.step))


def _migrated(step: Step) -> Migrated:
    workflow = step.place.entry_path.rpartition("/")[2]
    return Migrated(
        step.place.job, workflow, step.context.environment, step.invocation.staged, step.invocation.working_directory
    )
