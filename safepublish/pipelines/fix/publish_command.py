"""Fixes of the command that publishes."""

import re

from safepublish.facts.step import Step
from safepublish.pipelines.fix.edits import Edit, Fix
from safepublish.pipelines.fix.sheet import Sheet
from safepublish.pipelines.fix.yaml_edits import new_text

_YARN = re.compile(r"\byarn publish(?P<rest>[^\n;&|]*)$")

_NPM_OPTIONS = {
    "--access": True,
    "--tag": True,
    "--registry": True,
    "--non-interactive": False,
    "--no-git-tag-version": False,
}
"""The options of `yarn publish` that npm has too or does not need, and whether npm gets them, with their value."""


def publish_with_npm(sheet: Sheet, step: Step) -> Fix:
    """Replace `yarn publish` of yarn 1 by `npm publish`, where its options mean the same to both."""
    line = sheet.line(step.place.at.line or 1).rstrip()
    match = _YARN.search(line)
    if step.invocation.tool != "yarn" or match is None or step.place.composite:
        return Fix(not_made=f"{step.invocation.tool} is not npm, and its arguments may mean something else to npm")
    kept, version, at = [], None, 0
    words = match.group("rest").split()
    while at < len(words):
        word, takes = words[at], _NPM_OPTIONS.get(words[at])
        following = words[at + 1] if at + 1 < len(words) else ""
        if word == "--new-version" and "--no-git-tag-version" in words:
            version, at = following, at + 2
        elif takes is None:
            return Fix(not_made=f"npm may treat {word} differently from yarn publish")
        else:
            kept += [word, following] if takes else []
            at += 2 if takes else 1
    before = f"npm version {version} --no-git-tag-version --allow-same-version && " if version else ""
    start = sheet.at(step.place.at.line or 1, match.start() + 1)
    edit = Edit(start, start + len(match.group()), " ".join([f"{before}npm publish", *kept]))
    changes = new_text(sheet, start, match.group(), edit.text)
    return Fix((edit,), "npm publishes instead of yarn 1, which cannot log in through OIDC", changes=changes)


def start_path(sheet: Sheet, step: Step) -> Fix:
    """Write `./` before the path that is published."""
    spec = step.invocation.spec
    if spec is None or spec.span is None:
        return Fix(not_made="the path is not written in the command")
    start, end = sheet.range(spec.span)
    word = sheet.text[start:end]
    path = word.strip("'\"")
    if word not in {path, f"'{path}'", f'"{path}"'}:
        return Fix(not_made="the path is not written in the command")
    edit = Edit(start, end, word.replace(path, f"./{path}", 1))
    changes = new_text(sheet, start, word, edit.text)
    return Fix((edit,), f"./ stands before {path}, which npm then treats as a path", changes=changes)


def remove_provenance(sheet: Sheet, step: Step) -> Fix:
    """Remove `--provenance`: trusted publishing attaches it by itself."""
    flag = step.invocation.provenance_flag
    if flag is None or flag.span is None:
        return Fix(not_made="--provenance is not in the command")
    start, end = sheet.range(flag.span)
    if sheet.text[start:end] != flag.text or flag.text not in {"--provenance", "--provenance=true"}:
        return Fix(not_made="--provenance is not written in the command as such")
    summary = "--provenance is removed: npm attaches provenance automatically"
    changes = new_text(sheet, start, flag.text, "")
    alone = re.fullmatch(r"[ \t]*(\\)?[ \t]*\r?\n?", sheet.line(flag.span.line)[flag.span.end_column - 1 :])
    if not sheet.line(flag.span.line)[: flag.span.column - 1].strip() and alone:
        if alone.group(1):
            return Fix(
                (Edit(sheet.at(flag.span.line, 1), sheet.at(flag.span.line + 1, 1), ""),), summary, changes=changes
            )
        above = sheet.line(flag.span.line - 1)
        ending = re.search(r"[ \t]*\\[ \t]*\r?\n$", above)
        if ending is None:
            return Fix(not_made="--provenance is on a line of its own")
        return Fix((Edit(sheet.at(flag.span.line - 1, ending.start() + 1), end, ""),), summary, changes=changes)
    begin = start - 1 if sheet.text[start - 1 : start] in {" ", "\t"} else start
    return Fix((Edit(begin, end, ""),), summary, changes=changes)
