"""Which steps of a job may publish, as far as a glance at their text tells: the others are not read closely."""

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

from safepublish.pipelines.actions import Uses, publishing, uses
from safepublish.pipelines.document import Map
from safepublish.pipelines.publish_names import may_publish
from safepublish.pipelines.publish_script import may_hold_publish
from safepublish.pipelines.repository_scripts import MAKEFILES
from safepublish.pipelines.scope import Files
from safepublish.pipelines.unknown_programs import may_hide_publish

_HANDS_ON = re.compile(r"publish[^\n]*(?:GITHUB_(?:ENV|OUTPUT)|set-output)|set-output[^\n]*publish")
_HANDED_ON = re.compile(r"(?:^|[;&|]|\beval)[ \t]*[\"']?\$(?:\{?\w|\{\{\s*steps\.)", re.MULTILINE)
"""A command that an earlier step has put into a variable, or into an output."""


class Candidates:
    """Finds the steps that may publish, in a repository of *files*."""

    def __init__(self, files: Files) -> None:  # noqa: D107 - the class says it
        self.files = files

    def steps(self, job: Map) -> Sequence[Map]:
        """The steps of *job* up to the last that may publish; none where no step may."""
        steps = job.maps("steps")
        hands_on = any(_HANDS_ON.search(step.text("run") or "") for step in steps)
        for last in range(len(steps) - 1, -1, -1):
            action, script = steps[last].text("uses"), steps[last].text("run")
            if action is not None and self._action_may_publish(action):
                return steps[: last + 1]
            if script is not None and self._text_may_publish(script):
                return steps[: last + 1]
            if script is not None and hands_on and _HANDED_ON.search(script) is not None:
                return steps[: last + 1]
            if (script or action) and may_hide_publish(steps[last]):
                return steps[: last + 1]
        return ()

    @cached_property
    def scripts(self) -> Sequence[str]:
        """The scripts of package.json and the targets of the Makefile that may publish."""
        makefile = next((text for name in MAKEFILES if (text := self.files(name)) is not None), None)
        return (*_package_scripts(self.files("package.json")), *_make_targets(makefile))

    def _text_may_publish(self, text: str) -> bool:
        return may_hold_publish(text) or any(name in text for name in self.scripts)

    def _action_may_publish(self, called: str) -> bool:
        action = uses(called)
        if not action.is_local:
            return "${{" in called or publishing(action) is not None or may_publish(action.name.rpartition("/")[2])
        text = self._local_action(action)
        if text is not None:
            return self._text_may_publish(text)
        directory = action.name[2:].rstrip("/")
        return not directory or may_publish(directory.rpartition("/")[2])

    def _local_action(self, action: Uses) -> str | None:
        directory = action.name[2:].rstrip("/")
        paths = (f"{directory}/{name}".lstrip("/") for name in ("action.yml", "action.yaml"))
        return next((text for path in paths if (text := self.files(path)) is not None), None)


@lru_cache(maxsize=8)
def _package_scripts(manifest: str | None) -> tuple[str, ...]:
    """The names of package.json's scripts that may publish, also through one another."""
    if not manifest:
        return ()
    import json  # only where there is a file

    try:
        declared = json.loads(manifest.removeprefix("\ufeff")).get("scripts")
    except (ValueError, RecursionError, AttributeError):
        return ()
    scripts = declared if isinstance(declared, dict) else {}
    scripts = {name: text for name, text in scripts.items() if isinstance(text, str)}
    names = {name for name, text in scripts.items() if may_hold_publish(text)}
    while more := {name for name, text in scripts.items() if any(known in text for known in names)} - names:
        names |= more
    return tuple(names)


@lru_cache(maxsize=8)
def _make_targets(makefile: str | None) -> tuple[str, ...]:
    if makefile is None:
        return ()
    from safepublish.shell import makefile as reader  # where there is one

    return reader.publishing(makefile, may_hold_publish)
