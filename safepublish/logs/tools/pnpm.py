"""Reads what pnpm prints of a publish, of pnpm 10 to 12 as the real tool printed it."""

import re
from typing import Any

from safepublish.facts.log import Line, Tool
from safepublish.logs import wording
from safepublish.logs.state import LONGEST, State
from safepublish.logs.tools import common
from safepublish.logs.wording import SPEC

_CODE = re.compile(r"\[(E\d{3}|E[A-Z]{3,20}|[A-Z][A-Z_]{5,60})\] (.*)|pnpm: (\d{3}) (.*)")
_FAILED = re.compile(rf"Failed to publish package {SPEC} \(status (\d{{3}}) ?([^)]*)\)")
_TARBALL = re.compile(rf"📦 {SPEC} → (\S+)")
STATUS = re.compile(r"status code (\d{3})")


def read(state: State, text: str, line: Line) -> bool:
    """Whether the line is one of pnpm's, which is then read."""
    if "Skipped OIDC" in text:
        read_skipped_oidc(state, text, line)
        return True
    match = _TARBALL.search(text) if "📦" in text else None
    if match:
        state.set_tool(Tool.PNPM)
        state.start_next_package(match[1], match[2], line)
        return True
    match = _FAILED.search(text) if "Failed to publish" in text else None
    if match:
        state.set_tool(Tool.PNPM)
        if state.current.last.name != match[1]:
            state.start_next_package(match[1], match[2], line)
        state.current.fail(f"E{match[3]}", line)
        state.current.note("put", line, put_status=int(match[3]))
        state.current.add_error(line)
        return True
    match = wording.ID_TOKEN.match(text)
    if match:
        state.set_tool(Tool.PNPM)
        state.note_exchange("minted", line, minted=match[2].startswith("2"))
        return True
    return _reads_error(state, text, line)


def _reads_error(state: State, text: str, line: Line) -> bool:
    match = _CODE.match(text)
    if match and (state.tool is Tool.PNPM or (match[1] or "").startswith("ERR_PNPM_")):
        state.set_tool(Tool.PNPM)
        common.end_publish(state, match[1] or f"E{match[3]}", text, line)
        state.attach_exchange()
        return True
    if not text.startswith(("Error: ERR_PNPM_", "ERR_PNPM_")):
        return False
    code = text.removeprefix("Error: ").split()[0][:60]
    if code != "ERR_PNPM_FAILED_TO_PUBLISH":  # the next line has the registry's status
        state.set_tool(Tool.PNPM)
        state.current.fail(code, line)
    state.current.add_error(line)
    return True


def read_skipped_oidc(state: State, text: str, line: Line) -> None:
    """Read pnpm's `[WARN] Skipped OIDC`.

    pnpm reads the registry's message from the wrong place, and prints "Unknown error".
    """
    state.set_tool(Tool.PNPM)
    code, _, message = text.partition("Skipped OIDC: ")[2].partition(": ")
    status = STATUS.search(message or code)
    fields: dict[str, Any] = {"oidc": (message or code)[:LONGEST]}
    if status:
        fields |= {"exchange_status": int(status[1]), "minted": True}
    state.replace_exchange(fields, line)
