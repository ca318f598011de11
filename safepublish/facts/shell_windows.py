"""The syntax of PowerShell's and cmd's scripts, as far as the commands in them go."""

from safepublish.facts.shell_syntax import AndOr, Source, read


def powershell(source: Source) -> tuple[AndOr, ...]:
    """The tree of a PowerShell script."""
    return read(source)


def cmd(source: Source) -> tuple[AndOr, ...]:
    """The tree of a batch script."""
    return read(source)
