"""Fixes of pipeline files, as edits of their text: every other byte stays as it was.

A function that a cause's `fix` calls takes the file (`sheet`) and the facts of one publish step, and returns the edits
of one fix (`edits`), or why it is not made: what cannot be fixed safely is reported, not guessed. Each fix says what it
changes in the parsed file; `edit_check` verifies that nothing else changes.
"""
