"""Reads the file of any CI that safepublish knows."""

from safepublish.facts.step import File
from safepublish.pipelines import github
from safepublish.pipelines.github import Callers
from safepublish.pipelines.scope import Files


def read(text: str, path: str, files: Files, callers: Callers = lambda _: ()) -> File:
    """The publish steps of the file *text*, whose *path* from the repository's root says which CI reads it.

    *files* gives the repository's other files, *callers* the workflows of GitHub that call this one.
    """
    if path.endswith(".gitlab-ci.yml"):
        from safepublish.pipelines import gitlab  # seldom

        return gitlab.read(text, path, files)
    if path.endswith(".circleci/config.yml"):
        from safepublish.pipelines import circleci  # seldom

        return circleci.read(text, path, files)
    return github.read(text, path, files, callers)
