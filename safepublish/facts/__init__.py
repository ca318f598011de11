"""The vocabulary that flows between the rooms: frozen types without secrets and without logic.

The values are named tuples rather than dataclasses: `dataclasses` imports `inspect`, which a guard that runs before
every publish would pay for each time.
"""
