"""How npm behaves, pure, each rule with the place in npm's own source that says so.

In: a command line, the text of files, versions, the facts of a run. Out: what npm makes of them: its arguments and
options, its configuration (`config/`), the package, registry and credential it picks, whether OIDC can give it a token
(`oidc`, `exchange`), and what stops it before (`publish_rules`). `floors` is the one table of versions.
Imports `facts`, `safepublish.data`, the standard library and `packaging`.
"""
