"""Findings as text, GitHub annotations and job summary, SARIF and JSON; pure text, nothing here prints.

In: what `causes` found (`facts.report`, `facts.step`, `facts.rehearsal`, an explained log). Out: strings for `cli`.
`diagnostics` is the model that every form shows: severity, id, message, places, notes, help, and whom it concerns.
`text`, `workflow`, `explanation`, `rehearsal` and `fixes` render lines for a terminal on the page of `lines`; `github`
renders annotations, `job_summary` Markdown, `step_outputs` GITHUB_OUTPUT, `sarif` SARIF. `verdicts` and `checked` hold
the sentences about a whole run; everything from outside passes through `escape`.
`documents` holds the JSON documents and is the only part that imports pydantic. May import `causes` and below.
"""
