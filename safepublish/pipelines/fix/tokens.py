"""Fixes that keep tokens and unusable credentials from the publish."""

import re
from collections.abc import Sequence

from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.step import Span, Step, Token
from safepublish.npm import url
from safepublish.npm.exchange import NPMJS
from safepublish.pipelines.fix.edits import Fix
from safepublish.pipelines.fix.removal import remove_commands, remove_entry
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.yaml_edits import added_entries, insert_lines, last_line

_INSTALLS = re.compile(
    r"\b(?:npm (?:ci|i|install|add)|(?:pnpm|pn|bun) (?:i|install|add)|yarn(?: install| --\S+)?\s*$)", re.MULTILINE
)
"""A command that installs packages."""


def remove_tokens(sheet: Sheet, step: Step) -> Fix:
    """Remove the tokens that the publish would use, where nothing else uses them; else hide them from this step."""
    if step.context.ci is not Ci.GITHUB:
        return Fix(not_made=f"a token of {step.context.ci.value} is a variable of the project; remove it there")
    registry = url.parse(step.credentials.registry.url or "")
    if registry is None or registry.hostname != NPMJS:
        return Fix(not_made=f"it publishes to {step.credentials.registry.url or 'an unknown registry'}")
    fixes: list[Fix] = []
    hidden: list[str] = []
    commands: list[Span] = []
    for token in step.credentials.tokens:
        if token.kind is not CredentialKind.SET:
            continue
        name = token.variable or token.source
        if token.span is not None and token.entry is None and token.span.path == step.place.path:
            commands.append(token.span)
        elif (fix := _remove_token(sheet, step, token, name)) is None:
            hidden.append(name)
        else:
            fixes.append(fix)
    fixes += [_hide_tokens(sheet, step, hidden), remove_commands(sheet, commands)]
    return next((fix for fix in fixes if fix.not_made is not None), None) or Fix(
        tuple(edit for fix in fixes for edit in fix.edits),
        "; ".join(dict.fromkeys(fix.summary for fix in fixes if fix.summary)),
        changes=tuple(change for fix in fixes for change in fix.changes),
    )


def _remove_token(sheet: Sheet, step: Step, token: Token, name: str) -> Fix | None:
    """The fix that removes an entry; None where it has to stay and be hidden from the step."""
    if token.entry is not None and token.source in {"step env", "with"}:
        return remove_entry(sheet, token.entry, f"{name} is removed from the step")
    if token.entry is not None and token.source in {"setup-node env", "job env", "workflow env"}:
        if token.source == "workflow env" or _installs(sheet, step) or _is_named_again(sheet, token):
            return None
        return remove_entry(sheet, token.entry, f"{name} is removed from the job")
    return Fix(not_made=f"the token {name} comes from {token.source}")


def _installs(sheet: Sheet, step: Step) -> bool:
    """Whether the job installs packages, which may need the token."""
    if step.place.job_span is None:
        return True
    start, end = sheet.range(step.place.job_span)
    return _INSTALLS.search(sheet.text[start:end]) is not None


def _is_named_again(sheet: Sheet, token: Token) -> bool:
    """Whether the file names the variable of *token* in another place too."""
    if token.source == "setup-node env" or token.variable is None:
        return False
    return len(re.findall(rf"\b{re.escape(token.variable)}\b", sheet.text)) > 1


def _hide_tokens(sheet: Sheet, step: Step, names: Sequence[str]) -> Fix:
    """Set variables to an empty value for the publish step alone."""
    place = step.place
    if not names:
        return Fix()
    names = list(dict.fromkeys(names))
    summary = f"{', '.join(names)} is empty for this step: other steps of the job may need it"
    not_made = Fix(
        not_made=f"{', '.join(names)} may be needed by other steps, and the step is not written in block style"
    )
    mapping = sheet.mapping(place.span)
    if mapping is None or mapping.flow_style:
        return not_made
    env = next((value for key, value in mapping.value if key.value == "env"), None)
    if env is not None and (env.id != "mapping" or env.flow_style or env.start_mark.line < place.span.line - 1):
        return not_made
    if env is not None and env.value:
        first = env.value[0][0].start_mark
        lines = tuple(f'{" " * first.column}{name}: ""' for name in names)
        changes = added_entries(env, [(name, "") for name in names])
        return Fix((insert_lines(sheet, first.line + 1, lines),), summary, changes=changes)
    if env is not None:
        return not_made
    indent = " " * (place.span.column - 1)
    lines = (f"{indent}env:", *(f'{indent}  {name}: ""' for name in names))
    changes = added_entries(mapping, [("env", tuple((name, "") for name in names))])
    return Fix((insert_lines(sheet, last_line(sheet, place.span) + 1, lines),), summary, changes=changes)


def remove_unusable_keys(sheet: Sheet, step: Step) -> Fix:
    """Remove the commands that write a credential at which npm stops."""
    spans = []
    for key in step.credentials.keys:
        if not key.stops:
            continue
        if key.span is None or key.span.path != step.place.path:
            return Fix(not_made=f"`{key.name}` is in {key.at.path}, line {key.at.line}")
        spans.append(key.span)
    return remove_commands(sheet, spans)
