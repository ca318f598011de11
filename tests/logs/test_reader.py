"""What is read from logs: npm's debug log, its screen at every level, and what other tools print."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from safepublish.facts.kinds import Ci, CredentialKind
from safepublish.facts.log import Attempt, Log, Oidc, Tool, Transcript, registry_words
from safepublish.facts.run import PLACEHOLDER
from safepublish.logs import reader

HEAD = """\
0 verbose cli /n/bin/node /n/lib/node_modules/npm/bin/npm-cli.js
1 info using npm@12.2.0
2 info using node@v24.21.0
7 verbose title npm publish
8 verbose argv "publish"
12 verbose publish [ '.' ]
14 notice
15 notice 📦  pkg@1.0.0
19 notice name: pkg
20 notice version: 1.0.0
"""
EXCHANGED = """\
28 http fetch GET http://127.0.0.1:1/idtoken?x=1&audience=npm%3A127.0.0.1 200 13ms
29 http fetch POST 201 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/pkg 5ms
30 verbose oidc Successfully retrieved and set token
"""
REFUSED = """\
29 http fetch POST 404 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/pkg 5ms
30 verbose oidc Failed token exchange request with body message: OIDC token exchange error - package not found
"""
ENDED = """\
31 http fetch PUT 404 http://127.0.0.1:1/pkg 4ms
32 notice Access token expired or revoked. Please try logging in again.
33 error code E404
34 error 404 Not Found - PUT http://127.0.0.1:1/pkg - Not found
35 verbose exit 1
"""
OLD_SCREEN = """\
npm notice
npm notice 📦  @octo/hello@1.0.0
npm notice Publishing to https://registry.npmjs.org/ with tag latest and public access
npm notice Access token expired or revoked. Please try logging in again.
npm error code E404
npm error 404 Not Found - PUT https://registry.npmjs.org/@octo%2fhello - Not found
npm error 404
npm error 404  '@octo/hello@1.0.0' is not in this registry.
npm error A complete log of this run can be found in: /home/runner/.npm/_logs/2026-01-27T22_20_33_597Z-debug-0.log
"""


def read(text: str) -> Transcript:
    return reader.read([text.encode("utf-8", "surrogateescape")])


def only(text: str) -> Log:
    (log,) = read(text).logs
    return log


def test_a_publish_through_oidc() -> None:
    log = only(HEAD + EXCHANGED + "37 http fetch PUT 200 http://127.0.0.1:1/pkg 5ms\n38 verbose exit 0\n39 info ok\n")
    assert (log.npm, log.node) == (Version("12.2.0"), Version("24.21.0"))
    assert (log.command, log.status) == ("npm publish", 0)
    assert (log.last.name, log.last.version, log.last.exchanged) == ("pkg", "1.0.0", True)
    assert (log.last.exchange_status, log.last.put_status, log.last.published) == (201, 200, True)
    assert not log.failed


def test_a_refused_exchange_and_a_dead_token() -> None:
    log = only(HEAD + REFUSED + ENDED)
    assert log.oidc is Oidc.REFUSED
    assert registry_words(log.last) == "OIDC token exchange error - package not found"
    assert (log.last.put_status, log.code) == (404, "E404")
    assert [str(line) for line in log.notices] == [
        "line 14: 32 notice Access token expired or revoked. Please try logging in again."
    ]
    assert log.says("404 Not Found") is not None
    assert log.says("EOTP") is None
    assert log.quoted("exchange", "oidc", "nothing") == (
        "line 11: 29 http fetch POST 404 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/pkg 5ms",
        f"line 12: {REFUSED.splitlines()[1]}",
    )


def test_what_follows_a_successful_exchange_does_not_undo_it() -> None:
    provenance = "31 verbose oidc Failed to set provenance with message: 500\n32 verbose oidc Enabling provenance\n"
    assert only(HEAD + EXCHANGED + provenance).last.exchanged


def test_with_json_the_exchange_names_the_package_where_there_is_one() -> None:
    head = "0 verbose title npm publish\n1 info using npm@12.2.0\n2 silly logfile done\n"
    one = "3 http fetch POST 201 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/@a%2fb 5ms\n"
    end = "33 error code EUSAGE\n34 verbose exit 1\n"
    assert only(head + one + end).last.name == "@a/b"
    assert only(head + one + one + end).last.name == "@a/b"
    assert only(head + one + one.replace("%2fb", "%2fc") + one + end).last.name is None


def test_each_package_of_a_run_is_its_own_attempt() -> None:
    second = "40 verbose oidc Cleared previous exchange token\n"
    out = "38 http fetch PUT 200 http://127.0.0.1:1/pkg 4ms\n"
    text = HEAD + EXCHANGED + out + "39 verbose publish [ '/r/b' ]\n41 notice name: b\n42 notice version: 2.0.0\n"
    transcript = read(text + second + REFUSED + ENDED)
    first, last = transcript.logs[0].attempts
    assert (first.name, first.exchanged, first.published) == ("pkg", True, True)
    assert (last.name, last.exchanged, last.published) == ("b", False, False)
    assert [line.text for line in transcript.published] == ["pkg@1.0.0"]


@pytest.mark.parametrize(
    ("line", "oidc"),
    [
        ("5 silly oidc Skipped because incorrect permissions for id-token within GitHub workflow", Oidc.NO_PERMISSION),
        ("5 silly oidc Skipped because no id_token available", Oidc.NO_ID_TOKEN),
        ("5 verbose oidc Failed to fetch id_token from GitHub: missing value", Oidc.ENDPOINT_FAILED),
        ("5 verbose oidc Failure with message: fetch failed", Oidc.FAILED),
        ("5 verbose oidc Failed token exchange request with body message: Unknown error", Oidc.FAILED),
        ("5 verbose oidc Failed token exchange request with body message: x unauthorized", Oidc.REJECTED),
        ("5 silly packumentCache heap:1", Oidc.NOT_TRIED),
        ("5 verbose cwd /x", Oidc.UNKNOWN),
    ],
)
def test_what_became_of_the_exchange(line: str, oidc: Oidc) -> None:
    log = only(HEAD + line + "\n33 error code ENEEDAUTH\n35 verbose exit 1\n")
    assert log.oidc is oidc


def test_a_404_without_words_is_a_registry_without_an_exchange() -> None:
    post = "29 http fetch POST 404 http://127.0.0.1:1/-/npm/v1/oidc/token/exchange/package/pkg 5ms\n"
    said = "30 verbose oidc Failed token exchange request with body message: Unknown error\n"
    assert only(HEAD + post + said + ENDED).oidc is Oidc.NOT_OFFERED


def test_the_screen_of_an_old_npm() -> None:
    log = only(OLD_SCREEN)
    assert (log.code, log.last.name, log.last.version) == ("E404", "@octo/hello", "1.0.0")
    assert (log.npm, log.npm_before, log.npm_since) == (None, Version("11.5.0"), None)
    assert log.has_exchange is False
    assert log.registry == "https://registry.npmjs.org/"
    assert log.ci is Ci.GITHUB  # by the place of the debug log
    assert log.unauthenticated


@pytest.mark.parametrize(
    ("text", "since", "before"),
    [
        ("npm error 404  'a@1.0.0' is not in this registry.", None, Version("11.5.0")),
        (
            "npm error 404  The requested resource 'a@1.0.0' could not be found or you do not have permission to.",
            Version("11.5.0"),
            None,
        ),
        ("npm error need auth You need to authorize this machine using `npm login`", Version("12.0.0"), None),
        ("npm error need auth You need to authorize this machine using `npm adduser`", None, None),
        ("npm ERR! need auth You need to authorize this machine using `npm adduser`", None, Version("10.6.0")),
    ],
)
def test_a_wording_dates_npm(text: str, since: Version | None, before: Version | None) -> None:
    log = only(f"npm error code E404\n{text}\n" if "ERR!" not in text else f"npm ERR! code ENEEDAUTH\n{text}\n")
    assert (log.npm_since, log.npm_before) == (since, before)


@pytest.mark.parametrize(
    "lines",
    [
        "npm notice New major version of npm available! 10.9.4 -> 11.6.2",
        "##[group]Environment details\nnode: v22.21.0\nnpm: 10.9.4\n##[endgroup]",
        "$ npm --version\n10.9.4",
        "Run npm -v\n10.9.4",
        "npm version: 10.9.4",
        "npm verbose cli /opt/hostedtoolcache/node/22.21.0/x64/bin/node",
    ],
)
def test_an_earlier_line_shows_an_npm(lines: str) -> None:
    assert only(f"{lines}\nnpm error code ENEEDAUTH\nnpm error need auth x\n").npm_hint == Version("10.9.4")


def test_an_upgrade_takes_the_hint_away_and_is_kept() -> None:
    log = only("$ npm --version\n10.9.4\n$ npm install -g npm@latest\nchanged 1 package\n" + OLD_SCREEN)
    assert log.npm_hint is None
    assert str(log.quotes["upgraded"]) == "line 3: npm install -g npm@latest"


def test_several_publishes_are_told_apart() -> None:
    good = "npm notice 📦  one@1.0.0\nnpm notice Publishing to https://registry.npmjs.org/ with tag x\n+ one@1.0.0\n"
    second = OLD_SCREEN.replace("@octo/hello", "@octo/two").replace("33_597Z", "34_002Z")
    transcript = read(good + OLD_SCREEN + good.replace("one", "three") + second)
    assert [line.text for line in transcript.published] == ["one@1.0.0", "three@1.0.0"]
    assert [log.last.name for log in transcript.failures] == ["@octo/hello", "@octo/two"]


def test_one_run_of_npm_that_is_printed_again_is_one_failure() -> None:
    again = OLD_SCREEN.replace("\n", "\r\n")
    (log,) = read(OLD_SCREEN + "at getFinalError (x.js:6:9) {\n" + OLD_SCREEN + again).failures
    assert str(log.quotes["code"]) == "line 5: npm error code E404"


def test_what_a_script_throws_again_is_no_failure_of_its_own() -> None:
    errors = "".join(f"{line}\n" for line in OLD_SCREEN.splitlines()[4:-1])
    assert len(read(OLD_SCREEN + "Error: Command failed: npm publish\n" + errors + "  status: 1\n").failures) == 1
    another = "npm notice 📦  @octo/hello@1.0.0\nnpm notice Publishing to https://registry.npmjs.org/ with tag x\n"
    assert len(read(OLD_SCREEN + another + errors).failures) == 2  # npm ran again
    assert len(read(OLD_SCREEN + errors.replace("E404", "E403")).failures) == 2


def test_of_what_one_run_of_npm_printed_and_wrote_the_more_detailed_is_read() -> None:
    last = OLD_SCREEN.splitlines()[-1].removeprefix("npm ")
    head = "0 verbose cli node npm\n1 info using npm@10.9.4\n2 verbose title npm publish\n"
    written = f"{head}3 error code E404\n4 {last}\n"
    cut = f"{head}3 verbose logfile {last.rpartition(' ')[2]}\n4 error code E404\n"
    for text in (OLD_SCREEN + written, written + OLD_SCREEN, OLD_SCREEN + cut, cut + OLD_SCREEN):
        (log,) = read(text).failures
        assert (log.npm, log.level) == (Version("10.9.4"), "verbose")


@pytest.mark.parametrize(("word", "command"), [("Publishing", None), ("Adding", "npm dist-tag add")])
def test_semantic_release_names_a_tag_when_it_publishes_and_when_it_moves_a_tag(word: str, command: str | None) -> None:
    said = f"[semantic-release] [@semantic-release/npm] > i  {word} version 1.0.0 to npm registry on dist-tag latest\n"
    assert only(said + OLD_SCREEN).command == command


ENDS = """\
npm error 404 Not Found - PUT https://registry.npmjs.org/{0} - Not found
npm error 404  '{0}@1.0.0' is not in this registry.
"""
ASKED = """\
npm notice Publishing to https://registry.npmjs.org/ with tag latest and public access
npm notice You must provide a one-time pass.
This operation requires a one-time password.
Enter OTP:
npm error code EOTP
npm error This operation requires a one-time password from your authenticator.
"""
PATH_BELOW = """\
Run octo/npm-publish@v2
npm ERR! code E404
npm ERR! 404 Not Found - PUT https://registry.npmjs.org/a - Not found
npm ERR! A complete log of this run can be found in:
npm ERR!     /home/runner/.npm/_logs/[20](https://x
"""
NPM_6 = """\
npm ERR! publish Failed PUT 403
npm ERR! code E403
npm ERR! no : a
"""
YARN = """\
yarn publish v1.22.0
error Couldn't publish package.
"""


@pytest.mark.parametrize(
    ("text", "failures"),
    [
        (ASKED, 1),
        (PATH_BELOW, 1),
        (ENDS.format("a") + ENDS.format("b"), 2),
        (ENDS.format("a") + ENDS.format("a"), 1),
        (NPM_6 + NPM_6, 2),
        (NPM_6 + YARN, 2),
    ],
)
def test_each_failed_publish_is_one_failure(text: str, failures: int) -> None:
    assert sum(log.publishing for log in read(text).failures) == failures


def test_a_command_that_follows_is_not_that_of_the_publish_above() -> None:
    (log,) = read("$ npm publish\n" + OLD_SCREEN + "$ npm whoami\nocto\n").failures
    assert log.command == "npm publish"


@pytest.mark.parametrize(
    ("line", "may"),
    [
        (
            "npm notice publish Signed provenance statement with source and build information from GitHub Actions\n",
            True,
        ),
        ("npm notice publish Signed provenance statement with source and build information from GitLab CI\n", False),
        ("No NPM_TOKEN found, but OIDC is available - using npm trusted publishing\n", True),
        ("No NPM_TOKEN or OIDC available\n", False),
    ],
)
def test_what_shows_that_the_job_may_ask_for_an_id_token(line: str, may: bool) -> None:
    assert only(line + OLD_SCREEN).may_ask is may


@pytest.mark.parametrize(
    ("home", "ci"),
    [("octo", Ci.NONE), ("octo-agent", None), ("kbuilder", None), ("vsts", None), ("runner", Ci.GITHUB)],
)
def test_the_home_of_a_build_agent_is_no_persons(home: str, ci: Ci | None) -> None:
    assert only(OLD_SCREEN.replace("/home/runner", f"/home/{home}")).ci is ci


def test_changesets_prints_the_words_of_npm_below_its_own() -> None:
    own = "an error occurred while publishing @octo/hello: E404 Not Found - PUT https://registry.npmjs.org/x\n"
    log = only(own + "".join(f"🦋  error {line}\n" for line in OLD_SCREEN.splitlines()[2:]))
    assert log.tool is Tool.CHANGESETS
    assert log.dead_token is not None


def test_a_package_that_went_out_at_the_next_try_did_not_fail() -> None:
    out = "npm notice 📦  @octo/hello@1.0.0\nnpm notice Publishing to https://r/ with tag x\n+ @octo/hello@1.0.0\n"
    transcript = read(OLD_SCREEN + out)
    assert [line.text for line in transcript.published] == ["@octo/hello@1.0.0"]
    assert transcript.failures == ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (PLACEHOLDER, CredentialKind.PLACEHOLDER),
        ("***", CredentialKind.SET),
        ("", CredentialKind.EMPTY),
        ("${X}", CredentialKind.UNRESOLVED),
    ],
)
def test_the_variables_that_github_shows(value: str, kind: CredentialKind) -> None:
    log = only(f"Run npm publish\n  shell: bash\n  env:\n    NODE_AUTH_TOKEN: {value}\n{OLD_SCREEN}")
    assert log.tokens == {"NODE_AUTH_TOKEN": kind}
    assert log.command == "npm publish"


LOGS = Path(__file__).with_name("samples")


@pytest.mark.parametrize(
    ("file", "tool", "code", "oidc"),
    [
        ("yarn-classic", Tool.YARN_CLASSIC, "E404", Oidc.UNKNOWN),
        ("yarn-4.9", Tool.YARN, "ENEEDAUTH", Oidc.UNKNOWN),
        ("pnpm-11-refused", Tool.PNPM, "E404", Oidc.REFUSED),
        ("pnpm-12-permission", Tool.PNPM, "E401", Oidc.NO_PERMISSION),
        ("lerna-9-refused", Tool.LERNA, "E404", Oidc.REFUSED),
        ("changesets-2", Tool.CHANGESETS, "E404", Oidc.UNKNOWN),
        ("changesets-3", Tool.CHANGESETS, "ENEEDAUTH", Oidc.UNKNOWN),
        ("semantic-release-refused", Tool.SEMANTIC_RELEASE, "ENONPMTOKEN", Oidc.REFUSED),
        ("semantic-release-permission", Tool.SEMANTIC_RELEASE, "ENONPMTOKEN", Oidc.NO_PERMISSION),
        ("bun", Tool.BUN, "ENEEDAUTH", Oidc.UNKNOWN),
        ("bun-refused", Tool.BUN, "E404", Oidc.UNKNOWN),
        ("release-it", Tool.RELEASE_IT, "ENEEDAUTH", Oidc.UNKNOWN),
        ("npm-publish-3", Tool.NPM_PUBLISH, "ENONPMTOKEN", Oidc.UNKNOWN),
        ("npm-publish-4", Tool.NPM, "ENEEDAUTH", Oidc.UNKNOWN),
        ("nx-22", Tool.NPM, "E404", Oidc.UNKNOWN),
        ("changesets-2-unseen", Tool.CHANGESETS, "ENEEDAUTH", Oidc.UNKNOWN),
    ],
)
def test_other_tools(file: str, tool: Tool, code: str, oidc: Oidc) -> None:
    log = only((LOGS / f"{file}.log").read_text())
    assert (log.tool, log.code, log.oidc) == (tool, code, oidc)
    assert log.unauthenticated


@pytest.mark.parametrize(
    "line",
    [
        'lerna WARN Unable to determine published version, assuming "pkg" unpublished.\n',
        'warn Received 404 for npm info "pkg"\n',
        "Package pkg was not found in the registry.\n",
    ],
)
@pytest.mark.parametrize(
    "ended",
    [
        "lerna WARN notice Package failed to publish: pkg\nlerna ERR! E401 You must be logged in\n",
        "error an error occurred while publishing pkg: ENEEDAUTH This command requires you to be logged in\n",
        "pkg@1.0.0\n└ ENEEDAUTH: This command requires you to be logged in to https://r/\n",
    ],
)
def test_a_package_that_the_registry_did_not_show_to_the_tool(line: str, ended: str) -> None:
    assert only(line + ended).last.packument_status == 404
    assert only(line.replace("pkg", "other") + ended).last.packument_status is None


def test_the_code_of_an_error_that_npm_prints_whole() -> None:
    assert only("npm error errno x\nnpm error   code: 'ECONNREFUSED',\n").code == "ECONNREFUSED"
    assert only("npm error errno x\nnpm error   code: 'x',\n").code is None


@pytest.mark.parametrize(
    ("words", "code"), [("Not Found", "E404"), ("Unauthorized", "E401"), ("Forbidden", "E403"), ("Accepted", None)]
)
def test_an_answer_without_its_number(words: str, code: str | None) -> None:
    logs = read(f"npm publish error:\n{words} - PUT https://r/pkg - no\n").logs
    assert [log.code for log in logs] == ([code] if code else [])


def test_lerna_tells_who_went_out() -> None:
    text = (
        "lerna notice cli v9.0.7\nlerna WARN notice Package failed to publish: hello-b\nlerna ERR! E401 You must be"
        " logged in to publish packages.\nlerna success published hello-a 1.0.0\n"
    )
    transcript = read(text)
    assert [line.text for line in transcript.published] == ["hello-a@1.0.0"]
    assert [log.last.name for log in transcript.failures] == ["hello-b"]


def test_the_json_of_npm() -> None:
    text = (
        '{\n  "error": {\n    "code": "E422",\n    "summary": "422 Unprocessable Entity - PUT https://r/a - Error",\n'
    )
    log = only(text + '    "detail": "line one\\nline two"\n  }\n}\n')
    assert (log.code, log.last.put_status) == ("E422", 422)
    assert [line.text for line in log.errors][-2:] == ["line one", "line two"]


def test_a_script_that_only_talks_about_an_error_is_no_error() -> None:
    script = '\x1b[36;1mecho "npm error code E404"\x1b[0m\necho "This command requires you to be logged in to x"\n'
    assert read(f"##[group]Run x\n{script}##[endgroup]\n").logs == ()


def test_secrets_are_not_kept() -> None:
    canary = "npm_CANARYcanaryCANARYcanaryCANARY123456"
    text = f"npm error code E404\nnpm error 404 Not Found - PUT https://user:{canary}@r/a - {canary}\n"
    log = only(f"Run npm publish --//r/:_authToken={canary}\n  env:\n    NODE_AUTH_TOKEN: {canary}\n{text}")
    assert "CANARY" not in repr(log)


def test_memory_does_not_grow_with_the_log() -> None:
    transcript = read("npm error code E404\nnpm error 404 Not Found - PUT https://r/a - x\n" * 5000)
    assert len(transcript.logs) <= 200
    assert transcript.lines == 10000


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    reader.read([data])


PARTS = st.sampled_from(
    [*HEAD.splitlines(), *REFUSED.splitlines(), *OLD_SCREEN.splitlines(), "lerna ERR! ", "🦋  error ", "➤ YN0033: ",
     "[WARN] Skipped OIDC: ", "+ a@1.0.0", "##[group]Run ", "npm error code ", '"code": "E404"', "\ufeff", "\x1b[36;1m",
     "section_start:1:x\r\x1b[0K", '[{"message":"', "npm notice ", "npm verbose exit ", 'Actual:   {"npm":"1.2.3"}',
     "an error occurred while publishing a: ", "pnpm: 404 ", "Run npm --version", "1.2.3"]
)  # fmt: skip


@given(st.lists(st.tuples(PARTS, st.text(max_size=20)), max_size=25))
def test_no_npm_like_lines_break_the_reader(parts: list[tuple[str, str]]) -> None:
    read("\n".join(part + rest for part, rest in parts))


@given(st.lists(PARTS, max_size=15), st.integers(1, 50))
def test_blocks_of_any_size_read_alike(parts: list[str], size: int) -> None:
    data = "\n".join(parts).encode()
    assert reader.read([data[at : at + size] for at in range(0, len(data), size)]) == reader.read([data])


def test_nothing_is_nothing() -> None:
    assert read("") == Transcript()
    assert Log().last == Attempt()


@pytest.mark.parametrize(
    ("puts", "status", "out"),
    [
        ((200,), 0, [True]),
        ((299,), 1, [True]),  # a postpublish script failed
        ((300,), 1, [False]),
        ((None,), 0, [True]),  # npm did not wait for the answer's end
        ((None,), 1, [False]),
        ((None,), None, [False]),
        ((None, 403), 1, [True, False]),
        ((None, None), 1, [True, False]),
        ((None, None), 0, [True, True]),
    ],
)
def test_what_went_out(puts: tuple[int | None, ...], status: int | None, out: list[bool]) -> None:
    log = Log(attempts=tuple(Attempt(str(at), put_status=put) for at, put in enumerate(puts)), status=status)
    assert [log.went_out(attempt) for attempt in log.attempts] == out


def test_nx_prints_what_npm_printed_below_its_own_words() -> None:
    said = "402 Payment Required - PUT https://r.test/@o%2fa - You must sign up for private packages"
    text = (
        f'npm publish error:\n{said}\nnpm publish stdout:\n{{"error": {{\n"code": "E402",\n"summary": "{said}"\n}}}}\n'
    )
    assert len(reader.read([text.encode()]).failures) == 1


def test_the_first_half_of_a_wrapped_sentence_dates_npm() -> None:
    text = (
        b"npm error 404 Not Found - PUT https://registry.npmjs.org/a\nnpm error 404  The requested resource 'a@1.0.0'\n"
    )
    (log,) = reader.read([text]).failures
    assert log.has_exchange is True


def test_a_pnpm_whose_code_stands_alone_tells_of_the_permission() -> None:
    text = b"[WARN] Skipped OIDC: ERR_PNPM_ID_TOKEN_GITHUB_WORKFLOW_INCORRECT_PERMISSIONS:\n[E404] Not Found\n"
    (log,) = reader.read([text]).failures
    assert log.oidc is Oidc.NO_PERMISSION


@pytest.mark.parametrize(("status", "words"), [(404, "Not Found"), (401, "Unauthorized"), (403, "Forbidden")])
def test_yarn_tells_of_an_answer_in_several_lines(status: int, words: str) -> None:
    log = only(
        "➤ YN0000: ┌ Publishing to https://registry.npmjs.org with tag latest\n"
        "➤ YN0035: │ The remote server failed to provide the requested resource\n"
        f"➤ YN0035: │   Response Code: {status} ({words})\n"
        "➤ YN0035: │   Request Method: PUT\n"
        "➤ YN0035: │   Request URL: https://registry.npmjs.org/@octo%2fhello\n"
        "➤ YN0000: └ Failed with errors in 0s 900ms\n"
    )
    assert (log.tool, log.code, log.last.put_status) == (Tool.YARN, f"E{status}", status)
    assert (log.last.name, log.host) == ("@octo/hello", "registry.npmjs.org")


def test_what_nx_published_before_another_failed() -> None:
    transcript = read(
        "📦  @octo/a@1.0.0\n=== Tarball Contents ===\n\n"
        'Published to https://registry.npmjs.org with tag "latest"\n'
        "npm publish error:\nNot Found - PUT https://registry.npmjs.org/@octo%2fb - Not found\n"
        "'@octo/b@1.0.0' is not in this registry.\n"
    )
    assert [line.text for line in transcript.published] == ["@octo/a@1.0.0"]
    assert [(log.last.name, log.last.version) for log in transcript.failures] == [("@octo/b", "1.0.0")]
