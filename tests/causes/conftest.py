import pytest

from safepublish.facts.run import Run
from tests.support.runs import READY


@pytest.fixture
def ready() -> Run:
    """The run that every cause lets pass."""
    return READY
