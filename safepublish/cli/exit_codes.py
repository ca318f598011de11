"""The exit codes of safepublish itself; once npm has run, its own is returned."""

OK = 0
INTERNAL_ERROR = 1
USAGE_ERROR = 2
REFUSED = 3
NO_CAUSE_FOUND = 4
NOT_AVAILABLE = 5
NO_NPM = 127
