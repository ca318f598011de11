"""What a finding does to the verdict, as its first word says."""

import enum


class Severity(enum.Enum):
    """The word before the id of a cause."""

    ERROR = "error"  # refuses
    PROBABLE = "probably"  # the likeliest cause of what failed
    WARNING = "warning"
    UNKNOWN = "unknown"  # could not be checked
    INFO = "info"  # a warning without a fix

    @property
    def counted(self) -> str:
        """The noun with which findings of this severity are counted."""
        return {Severity.PROBABLE: "probable cause", Severity.INFO: "note"}.get(self, self.value)
