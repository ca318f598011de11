"""npm's configuration: what its layers come to, as @npmcli/config, ini and npm-registry-fetch work it out.

In: the text of .npmrc files, the environment and the command line, read by `safepublish.detect.config`. Out: what npm
would use for one package (registry, tag, credential …), how it reaches the registry, and what it stops at.
`Layers` and `Transport` hold secrets: neither is a fact, and neither shows what it holds. Imports `npm` and `facts`.
"""
