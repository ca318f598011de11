"""Reads workflow and action files of GitHub Actions.

In: the text of one file, and functions that give the repository's other files and the workflows that call this one.
Out: the facts about each publish step on each leg of its matrix (`read`), or about the running job (`read_job`).
Actions and workflows of other repositories are not read; what depends on them stays unknown.
"""

from safepublish.pipelines.github.running_job import read_job, read_publishing_steps
from safepublish.pipelines.github.workflow_file import Callers, read

__all__ = ["Callers", "read", "read_job", "read_publishing_steps"]
