"""Reads the files that describe a CI pipeline: what will happen where they publish to npm.

In: the text of a file, and a function that gives the text of another file of the same repository. Out: the facts about
each publish step (`safepublish.facts.step`), and edits that fix one (`fix/`). Nothing is executed or fetched.
`reader` chooses the CI: `github/`, `gitlab` or `circleci`. All three follow the steps of a job with `job`, which keeps
what those leave on the machine in `machine`: the Node and npm (`node_setup`) and npm's configuration (`npm_setup`).

It may import shell, npm, ci and facts.
"""
