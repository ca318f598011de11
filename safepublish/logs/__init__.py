"""Reads logs of publishes: npm's debug log, the output of npm and other tools, and both in the log format of a CI.

In: blocks of bytes of any size (`reader.read`). Out: a `log.Transcript`, which holds one `log.Log` for each publish
that ended in the log, without its secrets, and what was published.
A line goes from `ci_formats` (strips the format of the CI) to `npm_lines`, `tools` or `loose_lines`; `sentences` reads
what npm and the registry say, whoever prints it; `wording` holds the patterns, `signals` the words without which a
line is skipped, `phrases` finds many patterns fast, `pastes` undoes what pasting does, `prefix` finds what is before
every line, and `state` holds what is known between two lines. `notes` names what worked in a publish that failed;
`debug_log` finds the log of one npm.
May import `npm` and `facts`. Never touches a file.
"""
