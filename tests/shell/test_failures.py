"""What keeps a failure from ending the script."""

import pytest

from safepublish.shell import interpreter


@pytest.mark.parametrize(
    ("script", "step_shell", "swallowed"),
    [
        ("npm publish", None, None),
        ("npm publish || true", None, "|| true"),
        ("npm publish || :", None, "|| :"),
        ("npm publish || echo no", None, "|| echo"),
        ("npm publish || exit 1", None, None),
        ("npm publish || exit 0", None, "|| exit"),
        ("npm publish || { echo no; exit 1; }", None, None),
        ("npm publish || { echo no; }", None, "|| group"),
        ("die() { exit 1; }; npm publish || die", None, None),
        ("npm ci && npm publish || true", None, "|| true"),
        ("npm publish && echo yes || echo no", None, "|| echo"),
        ("npm publish && echo yes", None, None),
        ("npm publish && echo yes\necho more", None, "&&"),
        ("npm ci && npm publish\necho more", None, None),
        ("if npm publish; then echo yes; fi", None, "if"),
        ("if npm publish; then echo yes; else exit 1; fi", None, None),
        ("if ! npm publish; then exit 1; fi", None, None),
        ("if ! npm publish; then echo no; fi", None, "if"),
        ("! npm publish", None, "!"),
        ("set +e\nnpm publish\necho", None, "set +e"),
        ("set +e\nnpm publish", None, None),
        ("set +e\nnpm publish\ncode=$?\nexit $code", None, None),
        ("set +e\nset -e\nnpm publish\necho", None, None),
        ("set +o errexit\nnpm publish\necho", None, "set +e"),
        ("npm publish | tee log", None, "| tee"),
        ("npm publish | tee log", "bash", None),
        ("npm publish | tee log", "bash -e {0}", "| tee"),
        ("npm publish | tee log", "bash -eo pipefail {0}", None),
        ("set -o pipefail\nnpm publish | tee log", None, None),
        ("set -euo pipefail\nnpm publish | tee log", None, None),
        ("npm publish\necho", "bash -l {0}", "set +e"),
        ("npm publish &", None, "&"),
        ("echo $(npm publish)", None, "$( )"),
        ("until npm publish; do sleep 1; done", None, None),
        ("out=$(npm publish 2>&1)\necho $out", None, None),
        ("export OUT=$(npm publish)\necho $OUT", None, "$( )"),
        ("if out=$(npm publish); then exit 0; fi\necho $out\nexit 1", None, None),
        ("if out=$(npm publish); then echo yes; fi\necho $out", None, "if"),
        ("f() {\n if npm publish; then\n  return 0\n fi\n return 1\n}\nf", None, None),
        ("f() {\n if npm publish; then\n  return 0\n fi\n echo no\n}\nf\nexit 1", None, "if"),
        ("for i in 1 2 3; do npm publish && exit 0; sleep 1; done\nexit 1", None, None),
        ("for i in 1 2 3; do npm publish && break; sleep 1; done", None, "&&"),
        ("for p in *; do if npm publish; then continue; fi; exit 1; done", None, None),
        ('npm publish || failed=1\necho\nif [ -n "$failed" ]; then exit 1; fi', None, None),
        ("npm publish || failed=1\necho", None, "|| …"),
        ("npm publish || true\n[ -f x ] || exit 1", None, "|| true"),
        ('if npm publish; then ok=1; fi\n[ "$ok" = 1 ] || exit 1', None, None),
        ("until npm publish; do n=1; [ $n -gt 3 ] && exit 1; done", None, None),
        ("npm publish || true", "pwsh", "|| true"),
        ("npm publish; echo", "pwsh", None),
        ("npm publish || ver>nul", "cmd", "|| ver>nul"),
    ],
)
def test_what_swallows_a_failure(script: str, step_shell: str | None, swallowed: str | None) -> None:
    found = interpreter.parse(script, shell=step_shell)
    assert [one.swallowed for one in found if "publish" in one.argv] == [swallowed]
