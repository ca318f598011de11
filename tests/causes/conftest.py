import pytest
from causes.situations import READY

from safepublish.facts.run import Run


@pytest.fixture
def ready() -> Run:
    """The run that every cause lets pass."""
    return READY
