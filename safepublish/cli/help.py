"""The commands `help` and `version`."""

from safepublish import __version__
from safepublish.cli import exit_codes, terminal
from safepublish.cli.arguments import Invocation

HELP = """\
usage: safepublish [OPTIONS] [npm publish arguments]        check, then npm publish
       safepublish stage [OPTIONS] [npm publish arguments]  check, then npm stage publish
       safepublish check [OPTIONS] [npm publish arguments]  everything but running npm
       safepublish workflow [OPTIONS] [PATH ...]            what will happen at each publish step of workflow files
       safepublish explain [LOG | -]                        why did that publish fail? (no LOG: npm's newest debug log)
       safepublish explain CAUSE-ID                         the manual page of a cause
       safepublish rehearse [OPTIONS] [stage] [npm publish arguments]
                                                            the CI's publish, here, against an embedded registry
       safepublish help [COMMAND]

Arguments that are not listed here are passed to npm, unchanged and in order. Options may also be written before the
command. After -- nothing is an option of safepublish.

options of safepublish, stage and check; those marked * also of workflow, those marked + also of rehearse:
  --allow-token         a token may publish where OIDC cannot; without it that is a refusal
  --no-probe            do not ask the registry for an OIDC token beforehand
  --strict            * also refuse when a check is inconclusive
  --waive ID[=reason] *+  let this cause pass; repeatable; the reason is printed
  --format FORMAT     * text, github, json or sarif; default: github in GitHub Actions, else text; also of explain
  --deadline SECONDS  + time limit for all checks (15, and 0.1 more for each further package; 8 in rehearse)
  --with 'COMMAND'      publish with this instead of npm: pnpm publish -r, lerna publish from-package,
                        changeset publish, yarn npm publish; not with stage
  --already-published skip|refuse
                        whether a version that is out is left out or refused (skip where there are several packages)
  --help, --version     of every command
options of workflow:
  --diff                print the smallest edits that make broken steps trusted, as a patch
  --fix                 make them
  --migrate             with either: also move the steps that publish with a token

options of rehearse:
  --workflow FILE[:LINE], --job JOB     which publish step, where there are several
  --fixed                               then mend the workflow as `workflow --fix` does, in a copy, and play it again
  --publisher OWNER/REPO:FILE[:ENV]     the trusted publisher; default: that of the last published version, else this
                                        workflow
  --assume-published [VERSION]          ask no registry what is published; take VERSION (0.0.1) for it
  --no-secrets                          the repository's secrets are empty

Environment variables set options for the commands that have them: SAFEPUBLISH_ALLOW_TOKEN=1, SAFEPUBLISH_NO_PROBE=1,
SAFEPUBLISH_STRICT=1, SAFEPUBLISH_WAIVE="ID=reason, ID" (or one a line), SAFEPUBLISH_FORMAT, SAFEPUBLISH_DEADLINE,
SAFEPUBLISH_ALREADY_PUBLISHED.

exit status: npm's own once npm has run; else 0 fine, 1 a bug of ours, 2 wrong usage or unreadable input, 3 refused,
4 explain found no cause, 127 no npm.
"""


def run(invocation: Invocation) -> int:
    """Print the help text, or the version; returns the exit code."""
    terminal.write_out(f"safepublish {__version__}\n" if invocation.command == "version" else HELP)
    return exit_codes.OK
