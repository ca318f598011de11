"""No output holds a secret, however it came in: each form of one goes through each output that there is."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from safepublish import cli
from safepublish.causes import judge
from safepublish.causes.explain import explain_log
from safepublish.causes.fix_workflow import FixedFile
from safepublish.cli import exit_codes
from safepublish.detect import config, package
from safepublish.facts.finding import Answer, Finding, Location, Remedy
from safepublish.facts.rehearsal import Receipt, Rehearsed
from safepublish.facts.report import Judged, Report, Verdict
from safepublish.facts.run import Npm, Run, Setting
from safepublish.facts.step import File
from safepublish.logs import reader
from safepublish.npm import options as npm_options
from safepublish.npm.config.credentials import unread_tokens
from safepublish.npm.secrets import STARS, redacted, starred
from safepublish.report import (
    after_publish,
    escape,
    fixes,
    github,
    internal_error,
    job_summary,
    rehearsal,
    sarif,
    step_outputs,
    text,
)
from safepublish.report.documents import check as as_json
from tests.support import runs as s
from tests.support.canaries import FORMS, JWT, NPM, OPAQUE, OTP, PLACES, UUID, Form

every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
NPM_12 = Npm("/usr/bin/npm", None, npm_options.NEWEST, "/usr/bin/node", Version("24.11.1"))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """The files that GitHub's runner gives a step; called, all that was written to them."""
    place = tmp_path / "runner"
    place.mkdir()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(place / "output"))
    monkeypatch.setenv("RUNNER_TEMP", str(place))
    return lambda: "".join(file.read_text() for file in place.iterdir())


def outputs(report: Report) -> str:
    """The guard's outputs of *report*, one after the other."""
    return "\n".join(
        (
            text.render(report),
            github.render(report),
            job_summary.render(report),
            step_outputs.render(report),
            as_json.render(report),
            sarif.render(report),
        )
    )


# One form, and the whole text around it


@every_form
def test_the_secret_goes_and_the_rest_stays(form: Form) -> None:
    for around in ("{}", "before {}", "  {}  # after", "a, {}", 'x "y" {} z'):
        shown = redacted(around.format(form.text))
        assert form.secret not in shown
        assert STARS in shown
        assert shown.startswith(around.partition("{")[0])
        assert redacted(shown) == shown
        if form.prose:
            assert form.secret not in starred(around.format(form.text))


# The guard


@every_form
def test_the_guard_shows_no_secret_that_a_fact_holds(form: Form) -> None:
    said = form.text if form.prose else redacted(form.text)  # a log's words are cleaned when they are read
    diff = f"-  run: {form.text}\n+  run: npm publish"
    found = Finding(
        "npm-too-old", Answer.FAIL, said, (said, f"it was {said}"), Remedy(said, form.text, diff), Location(said, 1)
    )
    waived = found._replace(id="not-in-ci", waived=said)
    held = s.changed_package(
        s.READY.package,
        spec=said,
        name=said,
        version="1.0.0",
        file=said,
        registry=Setting(said, s.USER_NPMRC._replace(source=said)),
    )
    options = s.READY.options._replace(waive={"not-in-ci": said}, publish_with=said)
    run = s.READY._replace(package=held, options=options)
    two = tuple(Judged(run._replace(package=held._replace(spec=one)), (found, waived), Verdict.REFUSE) for one in "ab")
    log = reader.read([f"npm error code E404\nnpm error {form.text}\n".encode()]).logs[0]
    for report in (
        Report(two[:1], Verdict.REFUSE, goes_on=False),
        Report(two, Verdict.REFUSE, goes_on=False),
        Report(two[:1], Verdict.PASS, goes_on=True),
    ):
        assert form.secret not in outputs(report)
        assert form.secret not in job_summary.after_failure((found, waived), log, report, 1)
        assert form.secret not in job_summary.after_failure((), log, report, 1)
        assert form.secret not in step_outputs.after_publish(report, 1, log)
        assert form.secret not in after_publish.after_tool(report, 1, None)
    assert form.secret not in github.after_failure((found, waived))
    assert form.secret not in internal_error.render(ValueError(form.text), npm="")


def judged(words: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> Run:
    """A run with what npm's configuration and words come to."""
    configuration = config.read(["publish", *words], env={"HOME": str(cwd), **env}, cwd=str(cwd), npm=NPM_12)
    found = package.read(configuration, cwd=str(cwd))[0]
    run = s.command(unread_tokens=unread_tokens(configuration), problems=configuration.problems)
    bare = {key: value for key, value in found._asdict().items() if key not in {"exchange_result", "packument"}}
    return run._replace(package=s.READY.package._replace(**bare))


HOST = "//registry.npmjs.org/"


@pytest.mark.parametrize(
    ("words", "npmrc", "env", "shown"),
    [
        ((), f"{HOST}left:_authToken=${{NPM_TOKEN:-{OPAQUE}}}", {}, "npm does not support default values"),
        ((), f"{HOST}left:_authToken=${{NPM_TOKEN-{NPM}}}", {}, "${NPM_TOKEN:-…}"),
        ((), f"{HOST}left:_authToken=${{NPM_TOKEN:={OPAQUE}}}", {}, "${NPM_TOKEN:-…}"),
        ((), f"{HOST}left:_authToken=${{NPM_TOKEN:?{OPAQUE}}}", {}, "${NPM_TOKEN:-…}"),
        ((), f"{HOST}left:_authToken=${{NPM_TOKEN|{OPAQUE}}}", {"NPM_TOKEN": "x"}, "${NPM_TOKEN:-…}"),
        ((), f"{HOST}left:_authToken=${{{NPM}}}", {}, "${***}"),
        ((), "", {f"npm_config_{HOST}left:_authToken": f"${{NPM_TOKEN:-{OPAQUE}}}"}, "${NPM_TOKEN:-…}"),
        ((f"--{HOST}:_authToken", OPAQUE), "", {}, "must follow an equals sign"),
        ((f"--{HOST}:_authToken", OPAQUE, "."), "", {}, "*** ."),
        ((f"--{HOST}:_authToken", "dist/" + OPAQUE), "", {}, "must follow an equals sign"),
        (("--npm-token", "/" + OPAQUE), "", {}, "must follow an equals sign"),
        (("--otq", OTP), "", {}, "may be a secret"),
        (("--otq", UUID), "", {}, "may be a secret"),
        (("--", f"--otp={OTP}"), "", {}, "--otp=***"),
        (("--", "--otp", OTP), "", {}, "--otp ***"),
        (("--", f"--{HOST}:_authToken={OPAQUE}"), "", {}, STARS),
        ((NPM,), "", {}, STARS),
        ((JWT,), "", {}, STARS),
        (("0123456789abcdef" * 2,), "", {}, STARS),
        ((f"--{NPM}",), "", {}, "`--***` is not an option"),
        ((f"--{NPM}={OPAQUE}",), "", {}, "`--***` is not an option"),
        ((f"--{UUID}",), "", {}, "`--***` is not an option"),
        ((), f"strict-npmrc=true\n{NPM}", {}, "`***` is not an option"),
        ((), f"strict-npmrc=true\n{OPAQUE}", {}, "`***` is not an option"),
        ((), f"strict-npmrc=true\n{NPM}=x", {}, "`***` is not an option"),
        ((), f"strict-npmrc=true\n{'0123456789abcdef' * 2}=", {}, "`***` is not an option"),
        ((), f"_authToken={OPAQUE}", {}, "`_authToken` is not tied to a registry"),
        ((), f"registry=https://octo:{OPAQUE}@r.example/", {}, "https://r.example/"),
        ((f"--registry=https://r.example/?token={OPAQUE}",), "", {}, "token=***"),
    ],
)
def test_the_guard_shows_no_secret_of_npms_configuration(
    words: tuple[str, ...], npmrc: str, env: Mapping[str, str], shown: str, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"name": "left", "version": "1.2.0"}')
    (tmp_path / ".npmrc").write_text(npmrc)
    run = judged(words, tmp_path, env)
    given = f"{words}{npmrc}{env}"
    canaries = [one for one in (OPAQUE, NPM, JWT, UUID, OTP, "0123456789abcdef" * 2) if one in given]
    assert canaries
    said = outputs(judge.report([run], goes_on=True))
    assert shown in said
    for canary in canaries:
        assert canary not in said
        assert canary not in repr(run.package) + repr(run.command.problems) or "registry=" in given


@pytest.mark.parametrize("secret", [NPM, OPAQUE, OTP])
@pytest.mark.parametrize(
    "name", ["STRICT", "ALLOW_TOKEN", "NO_PROBE", "FORMAT", "DEADLINE", "WAIVE", "ALREADY_PUBLISHED"]
)
def test_a_broken_variable_of_ours_is_named_without_its_value(
    name: str, secret: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"SAFEPUBLISH_{name}", secret)
    assert cli.main(["check"]) == exit_codes.USAGE_ERROR
    err = capsys.readouterr().err
    assert f"SAFEPUBLISH_{name}" in err
    assert secret not in err


@pytest.mark.parametrize(
    "words",
    [
        ["--with", "pnpm publish", "--otp", OTP],
        ["--with", "pnpm publish", OPAQUE],
        ["--with", "pnpm publish", f"--otp={OTP}"],
        ["--format", NPM],
        ["--deadline", UUID],
        ["--waive", NPM],
        ["check", "--already-published", NPM],
        ["explain", NPM],
        ["explain", f"--{NPM}"],
        ["workflow", f"--{NPM}"],
        ["workflow", NPM],
        ["rehearse", "--publisher", NPM],
    ],
)
def test_wrong_usage_repeats_no_secret(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == exit_codes.USAGE_ERROR
    out, err = capsys.readouterr()
    assert err.startswith("safepublish: ")
    for canary in (OTP, OPAQUE, NPM[:12], UUID[:12]):
        assert canary not in out + err


# explain


@every_form
@pytest.mark.parametrize("form_of_output", ["text", "github", "json", "sarif"])
def test_explain_shows_no_secret_of_a_log(
    form: Form, form_of_output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "ci.log"
    log.write_text(
        f"Run {form.text}\n  {form.text}\n  shell: /usr/bin/bash -e {{0}}\n  env:\n    {form.text}\n"
        f"$ {form.text}\n0 verbose title {form.text}\n"
        f"npm notice 📦  hello@1.0.0\nnpm notice {form.text}\n"
        f"npm notice Publishing to https://registry.npmjs.org/ {form.text} with tag latest and public access\n"
        f"npm verbose oidc {form.text}\n"
        f"npm error code E404\nnpm error 404 Not Found - PUT https://registry.npmjs.org/hello - {form.text}\n"
        f"npm error {form.text}\nnpm error 404  '{form.text}' is not in this registry.\n"
    )
    assert cli.main(["explain", f"--format={form_of_output}", str(log)]) in {exit_codes.OK, exit_codes.NO_CAUSE_FOUND}
    out, err = capsys.readouterr()
    assert len(out + err) > 80
    assert form.secret not in out + err


@pytest.mark.parametrize("form_of_output", ["text", "json"])
@pytest.mark.parametrize("option", ["--//registry.npmjs.org/:_authToken", "--otp-token", "--_authToken"])
def test_explain_knows_a_secret_again_that_npm_takes_for_a_package(
    option: str, form_of_output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "ci.log"
    log.write_text(
        f"Run npm publish {option} {OPAQUE}\n  npm publish {option} {OPAQUE}\n  shell: /usr/bin/bash -e {{0}}\n"
        "npm error code E404\n"
        f"npm error 404 Not Found - GET https://registry.npmjs.org/{OPAQUE} - Not found\n"
        f"npm error 404  '{OPAQUE}@*' is not in this registry.\n"
    )
    cli.main(["explain", f"--format={form_of_output}", str(log)])
    out, err = capsys.readouterr()
    assert f"https://registry.npmjs.org/{STARS}" in out + err
    assert OPAQUE not in out + err


@every_form
def test_after_a_failed_publish_npms_debug_log_shows_no_secret(form: Form) -> None:
    debug = (
        f"0 verbose cli /usr/bin/node /usr/bin/npm\n1 info using npm@11.6.2\n2 verbose title npm publish {form.text}\n"
        f"3 verbose argv {form.text}\n4 verbose oidc {form.text}\n5 http fetch PUT 404 https://r.example/left 5ms\n"
        f"6 verbose stack HttpErrorGeneral: 404 Not Found - PUT https://r.example/left - {form.text}\n"
        f"7 error code E404\n8 error 404 Not Found - PUT https://r.example/left - {form.text}\n"
        f"9 error 404 {form.text}\n"
        "10 verbose exit 1\n"
    )
    (log,) = reader.read([debug.encode()]).logs
    findings = explain_log(log)
    report = judge.report([s.READY], goes_on=True)
    assert log.errors
    said = after_publish.after_failure(findings) + github.after_failure(findings)
    said += job_summary.after_failure(findings, log, report, 1) + job_summary.after_failure((), log, report, 1)
    assert len(said) > 200
    assert form.secret not in said + repr(log)


def test_what_stands_in_npms_argv_is_known_again() -> None:
    debug = f"""\
0 verbose cli /usr/bin/node /usr/bin/npm
1 info using npm@11.6.2
2 verbose title npm publish
3 verbose argv "publish" "--//r.example/:_authToken" "{OPAQUE}"
4 http fetch GET 404 https://r.example/{OPAQUE} 5ms
5 error code E404
6 error 404  '{OPAQUE}@*' is not in this registry.
"""
    (log,) = reader.read([debug.encode()]).logs
    assert OPAQUE not in repr(log)
    assert f"'{STARS}@*'" in repr(log)


# workflow


@every_form
@pytest.mark.parametrize("form_of_output", ["text", "github", "json", "sarif", "--diff"])
def test_workflow_shows_no_secret_of_a_file(
    form: Form, form_of_output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], runner: Callable[[], str]
) -> None:
    quoted = json.dumps(form.text)  # JSON's text is YAML's
    name, _, value = form.text.partition(": ")
    own = f"{name.strip()}: {value}" if value and name.replace("_", "").isalnum() else f"A: {quoted}"
    file = tmp_path / "publish.yml"
    file.write_text(f"""\
name: Publish
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {{contents: read}}
    env:
      {own}
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v6
        with: {{node-version: 22, registry-url: "https://registry.npmjs.org"}}
      - name: {quoted}
        run: {json.dumps("npm publish; " + form.text)}
        env:
          NODE_AUTH_TOKEN: {quoted}
      - run: {json.dumps(form.text if form.text.startswith("npm publish") else "npm publish " + form.text)}
""")
    wanted = form_of_output if form_of_output.startswith("-") else f"--format={form_of_output}"
    cli.main(["workflow", wanted, str(file)])
    out, err = capsys.readouterr()
    written = runner()
    assert written
    assert form.secret not in out + err + written


# rehearse


@every_form
def test_a_rehearsal_shows_no_secret(form: Form) -> None:
    said = form.text if form.prose else redacted(form.text)
    found = Finding("npm-too-old", Answer.FAIL, said, (said,), Remedy(said, form.text), Location(said, 1))
    report = Report((Judged(s.READY, (found,), Verdict.REFUSE),), Verdict.REFUSE, goes_on=False)
    receipt = Receipt(said, "1.0.0", "latest", said, True, said, ((said, 1),), "none", 401, said=said)
    shown = rehearsal.before(at=said, job=said, facts=(("npm", said),), command=said)
    shown += rehearsal.ended_before(said, said, said, [found])
    shown += rehearsal.after(Rehearsed(1, (receipt,), (found,), report, said, (False,)))
    file = File("a.yml", f"- run: {form.text}\n- a: 2\n")
    mended = FixedFile("a.yml", f"- run: {form.text}\n- a: 1\n", file, ())
    shown += rehearsal.fixed(mended) + fixes.patch(mended)
    assert form.secret not in shown


# What is no secret


@pytest.mark.parametrize(
    "line",
    [
        "npm error 404 Not Found - PUT https://registry.npmjs.org/@octo%2fhello - Not found",
        "-  uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v6",
        "NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}",
        "//registry.npmjs.org/:_authToken=${NODE_AUTH_TOKEN}",
        "npm config set //registry.npmjs.org/:_authToken ${NPM_TOKEN}",
        "npm publish --otp=<code>",
        "Remove `--otp` from the command",
        "npm does not read a credential under `//r/:_authToken`, but under `//r/:_auth`",
        "the key //registry.npmjs.org/:_authToken is empty",
        "the cause token-conflict is waived, and npm before 11.21.0 looks no further",
        "integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "npm_config_registry=https://registry.npmjs.org/ npm_lifecycle_event=publish npm_config_STRICT_SSL=true",
        "permissions: { contents: read, id-token: write }",
        "npm trust github left-pad --repo acme/left-pad --file publish.yml",
        "Basic authentication is off, bearer tokens are on",
        "NPM_CONFIG_PROVENANCE=true --tag next ${TAG:-latest}",
    ],
)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert escape.plain(line) == starred(line) == redacted(line) == line


def test_each_place_has_its_form() -> None:
    assert all(STARS not in form.text and form.secret in form.text for form in FORMS.values())
    assert len(PLACES) > 40
