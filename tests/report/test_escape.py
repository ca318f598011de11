import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safepublish.report import escape

HOSTILE = st.text(
    st.one_of(
        st.sampled_from(list(":#[]\x1b\x07\\`|<>@\r\n\t%,*_~$ -+=.1a\u202e\u2066\u200b\ufe0f\u00a0\ud800")),
        st.characters(),
    )
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("left-pad", "left-pad"),
        ("größe ≥ 1", "größe ≥ 1"),
        ("  two  words ", "two  words"),
        ("line\nbreak\r\nand\ttab", "line break  and tab"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "click"),
        ("\x1b]0;never ends", "0;never ends"),
        ("\x1bcreset", "reset"),
        ("\x9b31mred", "31mred"),
        ("publish\u202egnp.exe", "publishgnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("line\u2028separator", "line separator"),
        ("no-break\u00a0space", "no-break space"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("a##[add-mask]b", "a## [add-mask]b"),
        ("#\ufe0f#\ufe0f[error]", "#\ufe0f# \ufe0f[error]"),
        ("", ""),
        ("\x00\x7f", ""),
    ],
)
def test_one_line_without_what_controls_a_terminal(text: str, shown: str) -> None:
    assert escape.plain(text) == shown


@pytest.mark.parametrize(("length", "shown"), [(9, "x" * 9), (10, "x" * 10), (11, "x" * 9 + "…"), (90, "x" * 9 + "…")])
def test_a_line_longer_than_its_limit_is_cut(length: int, shown: str) -> None:
    assert escape.plain("x" * length, 10) == shown


@given(HOSTILE)
def test_a_plain_line_is_printable(text: str) -> None:
    shown = escape.plain(text, 40)
    assert shown.isprintable()
    assert len(shown) <= 40
    assert "##[" not in shown


def test_lines_keep_their_indentation() -> None:
    assert escape.lines("\n  a:\n    b\x1b[0m\r\n\n-   c\n") == ("  a:", "    b", "", "-   c")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb", ("a", "b")), ("a\nb\nc", ("a", "b", "…")), ("", ()), ("x" * 100, ("x" * 19 + "…", "…"))],
)
def test_a_block_longer_than_its_limit_is_cut(text: str, shown: tuple[str, ...]) -> None:
    assert escape.lines(text, most=2, limit=20) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  \t::set-output name=a::b", "  \t: :set-output name=a::b"),
        ("\ufe0f:\ufe0f:error::x", "\ufe0f: \ufe0f:error::x"),
        (":: ", ": : "),
        ("x ::error::", "x ::error::"),
        (": one colon", ": one colon"),
        ("", ""),
    ],
)
def test_no_line_begins_as_a_workflow_command(line: str, shown: str) -> None:
    assert escape.inert(line) == shown


@given(HOSTILE)
@example("::::::")
def test_an_inert_line_is_no_command_however_dotnet_compares(line: str) -> None:
    visible = "".join(character for character in escape.inert(line) if " " <= character <= "~")
    assert not visible.lstrip().startswith("::")


@pytest.mark.parametrize(
    ("text", "data", "prop"),
    [
        ("50%", "50%25", "50%25"),
        ("a\r\nb", "a%0Ab", "a  b"),
        ("%0A::error::", "%250A::error::", "%250A%3A%3Aerror%3A%3A"),
        ("a,b:c", "a,b:c", "a%2Cb%3Ac"),
        ("\x1b[31mred", "red", "red"),
    ],
)
def test_workflow_commands(text: str, data: str, prop: str) -> None:
    assert escape.command_data(text) == data
    assert escape.command_property(text) == prop


@given(HOSTILE)
def test_a_property_ends_neither_itself_nor_the_command(text: str) -> None:
    assert not re.search(r"[:,\r\n]", escape.command_property(text))
    assert not re.search(r"[\r\n]", escape.command_data(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("npm 10.9.4 is older than 11.5.1", "npm 10.9.4 is older than 11.5.1"),
        ("NODE_AUTH_TOKEN", "NODE_AUTH_TOKEN"),
        ("_em_ **strong** ~~gone~~", "&#95;em&#95; &#42;&#42;strong&#42;&#42; &#126;&#126;gone&#126;&#126;"),
        ("a|b", "a&#124;b"),
        ("`code`", "&#96;code&#96;"),
        ("<!-- x --><img src=x>", "&lt;!-- x --&gt;&lt;img src=x&gt;"),
        ("[a](javascript:b)", "&#91;a&#93;(javascript:b)"),
        ("&lt;", "&amp;lt;"),
        ("a\\|b", "a&#92;&#124;b"),
        ("${NODE_AUTH_TOKEN} $x$", "&#36;{NODE_AUTH_TOKEN} &#36;x&#36;"),
        ("hello @octocat", "hello @&#8203;octocat"),
        ("https://www.npmjs.com/package/@acme/core @x", "`https://www.npmjs.com/package/@acme/core` @&#8203;x"),
        ("see https://evil.example/a.", "see `https://evil.example/a`."),
        ("at www.evil.example, ftp://e/x", "at `www.evil.example`, `ftp://e/x`"),
        ("https://a|b", "`https://a`&#124;b"),
        ("closes #12, GH-3 and o/r#4", "closes #&#8203;12, GH-&#8203;3 and o/r#&#8203;4"),
        ("by a@b.example", "by a@&#8203;b.example"),
        ("in 0123456789abcdef0123456789abcdef01234567", "in `0123456789abcdef0123456789abcdef01234567`"),
        ("a\n\n# heading", "a  # heading"),
        ("# heading", "&#35; heading"),
        ("- item", "&#45; item"),
        ("1. item", "&#49;. item"),
        ("11.6.2 is fine", "11.6.2 is fine"),
        ("---", "&#45;--"),
        ("--otp", "--otp"),
        ("", ""),
    ],
)
def test_markdown_shows_what_it_says(text: str, shown: str) -> None:
    assert escape.markdown(text) == shown


@given(HOSTILE)
def test_markdown_never_opens_html_or_ends_a_cell(text: str) -> None:
    for shown in (escape.markdown(text), escape.prose(text)):
        assert "<" not in re.sub(r"`[^`]*`|</?code>", "", shown)
        assert "|" not in shown
        assert "\n" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@acme/core", "`@acme/core`"),
        ("<b>", "`<b>`"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a|b", "<code>a&#124;b</code>"),
        ("|https://a @b #1", "<code>&#124;https:&#8203;//a @&#8203;b #&#8203;1</code>"),
        ("\u202e", ""),
    ],
)
def test_code_spans(text: str, shown: str) -> None:
    assert escape.code(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("run `npm i -g npm@11` first", "run `npm i -g npm@11` first"),
        ("`a|b` <i>", "<code>a&#124;b</code> &lt;i&gt;"),
        ("one ` only <i>", "one &#96; only &lt;i&gt;"),
        ("`a`https://e`b` #1", "`a`&#8203;`https://e`&#8203;`b` #&#8203;1"),
    ],
)
def test_prose_keeps_the_code_between_backticks(text: str, shown: str) -> None:
    assert escape.prose(text) == shown


def test_a_fence_is_longer_than_the_backticks_inside() -> None:
    assert escape.fence("+ a", "diff") == "```diff\n+ a\n```"
    assert escape.fence("```\n## out\n````", "sh") == "`````sh\n```\n## out\n````\n`````"


LINKS = st.lists(
    st.sampled_from(["https://e.example/a", "www.e.example", "@octocat", "#1", "GH-1", "a@b.example", "o/r#2", "`", "|",
                     " ", "x", "(", ")", ".", "[a](https://e)", "<https://e>", "&#64;octocat", "&num;1", "_", "*",
                     "http://", "ftp://f.example"]),
    max_size=12,
).map("".join)  # fmt: skip


@given(LINKS)
@example("`a`https://e`b`")
def test_the_summary_mentions_nobody_and_links_nowhere(text: str) -> None:
    for shown in (escape.markdown(text), escape.prose(text), escape.code(text)):
        assert "``" not in shown
        outside = re.sub(r"`[^`]*`", "", shown)
        assert not re.search(r"://|www\.|@\w|(?<!&)#[0-9]|GH-[0-9]|[\[\]]", outside.replace(":&#8203;//", ""))


@given(HOSTILE)
def test_json_is_ascii_and_says_the_same(text: str) -> None:
    shown = escape.json_text({"text": text})
    assert shown.isascii()
    assert "##[" not in shown
    assert json.loads(shown) == {"text": text}


@given(HOSTILE)
def test_what_is_encodable_can_be_written_as_utf_8(text: str) -> None:
    assert escape.encodable(text).encode().decode() == escape.encodable(text)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert escape.ascii_only("✗ npm ≥ 11… „größe\u2009“") == 'x npm >= 11... \\u201egr\\xf6\\xdfe\\u2009"'
