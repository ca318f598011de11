"""What is known: frozen values without secrets, and pure functions over them.

Nothing in this package reads the machine.
The values are named tuples rather than dataclasses: `dataclasses` imports `inspect`, which a guard that runs before
every publish would pay for each time.
"""
