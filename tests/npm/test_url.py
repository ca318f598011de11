"""URLs against Node itself, and against ada, the parser that Node is built with."""

import json
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import ada_url
import pytest

from safepublish.npm import url
from safepublish.npm.config.registry import nerf_dart
from tests.support import world

_SCRIPT = Path(__file__).with_name("urls.cjs")
_SEED = 18
_MANY = 25_000 if world.some((True,)) else 4_000
_PIECES = (
    *"abzAZ09.-_~!$&'()*+,;=:@/\\?#%[]|^`{}\"<> \t\n\r\0\x1f\x7f",
    *("..", "://", "//", "\\\\", "%2e", "%2E", "%31", "%41", "%00", "%25", "%c3%9f", "%ff", "%", "%4", "xn--", "XN--"),
    *("0x", "0X7f", "0x7f", "017", "08", "127", "255", "256", "65536", "4294967295", "4294967296", "1_0", "+1", "0"),
    *("[::1]", "[::]", "[1::8]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7:8]", "::", "1.2.3.4", "ffff", "[", "]"),
    *("localhost", "registry.npmjs.org", "u:p@", "@", ":80", ":443", ":0", ":99999", ":8a", ":"),
    *("\xdf", "\xad", "\u0130", "\u0131", "\u017f", "\u200d", "\u3002", "\uff0e", "\uff11", "\u212a", "\ufffd"),
    "\U0001f600",
)  # fmt: skip
_CASES = (
    *("http://127.1:8/", "http://2130706433/", "http://0x7f.1/", "http:/127.0.0.1:8", "http:\\\\127.0.0.1:8"),
    *("http:127.0.0.1", "http://%3127.0.0.1/", "HTTP://LOCALHOST/", "http://a./", "http://a../", "http://./"),
    *("http://1.2.3.4./", "http://1.2.3.4../", "http://1.2.3.4.5/", "http://0x/", "http://0x.0x/", "http://08/"),
    *("http://1_0.1/", "http://+1.1/", "http://-1/", "http://1.0x_1/", "http://" + "9" * 5000 + "/", "http://1e3/"),
    *("http://[::1]/", "http://[0:0::1]/", "http://[1:2:3:4:5:6:7::]/", "http://[::ffff:1.2.3.4]/", "http://[::1.2.3.04]/"),
    *("http://[1::0:0:2:0:0]/", "http://[:::]/", "http://[::1%25lo]/", "http://[::1]x/", "http://[::1", "http://[v1.x]/"),
    *("http://a\\@b/", "http://a?@b/", "http://a#@b/", "http://u:p@a@b/", "http://@/", "http://@a/", "http://:@a/"),
    *("ht\ttp://a\nb\r.c/", "\x00 http://a/ \x1f", "http://a b/", "http://a%20b/", "http://a%2fb/", "http://a|b/"),
    *("http://a:/", "http://a:080/", "http://a:00000000080/", "http://a:65536/", "http://a:\uff18/", "http://a:8:8/"),
    *("http://stra\xdfe.example/", "http://xn--a/", "http://xn--strae-oqa/", "http://a.XN--A/", "http://%c3%9f/"),
    *("https://", "https:///", "https:///a", "https:\\/\\a", "//a", "a", "", "http", "http:", "http://" + "a" * 300),
)  # fmt: skip


def _hosts(chance: random.Random, number: int) -> Iterator[str]:
    for _ in range(number):
        yield "".join(chance.choices(_PIECES, k=chance.randint(1, 7)))


def _numbers(chance: random.Random, number: int) -> Iterator[str]:
    """What may be an IPv4 address."""
    forms = ("{}", "0{:o}", "0x{:x}", "0X{:X}", "00{:o}", "{}_", "+{}", "%3{}")
    values = (0, 1, 8, 9, 127, 255, 256, 65535, 65536, 2**24, 2**32 - 1, 2**32)
    for _ in range(number):
        parts = [
            chance.choice(forms[: chance.choice((2, 4, 8))]).format(chance.choice(values))
            for _ in range(chance.randint(1, 5))
        ]
        yield ".".join(parts) + chance.choice(("", "", "", ".", ".."))


def _groups(chance: random.Random, number: int) -> Iterator[str]:
    """What may be an IPv6 address."""
    for _ in range(number):
        pieces = [
            chance.choice(("0", "0", "00", "1", "fF", "abcd", "12345", "", "g")[: chance.choice((6, 6, 9))])
            for _ in range(chance.randint(1, 9))
        ]
        if chance.random() < 0.3:
            pieces.append(
                chance.choice(("1.2.3.4", "0.0.0.0", "1.2.3", "1.2.3.04", "1.2.3.256", "1.2.3.4.5", ".1.2.3"))
            )
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            pieces.insert(chance.randint(0, len(pieces)), "")
        yield f"[{':'.join(pieces)}]"


def _labels(chance: random.Random, number: int) -> Iterator[str]:
    """Hosts in Punycode: of Latin words, of words of any letters, and of what is none."""
    latin = "abz09ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    for _ in range(number):
        letters = latin if chance.random() < 0.7 else latin + "-A\xad\u0301\u0431\u05d0\u0660\u4e2d\U0001f600"
        label = "".join(chance.choices(letters, k=chance.randint(1, 6))).encode("punycode").decode()
        if chance.random() < 0.2:
            label = label.replace("-", "", 1) + chance.choice(("", "a", "-", "9"))
        yield f"{chance.choice(('xn--', 'xn--', 'XN--'))}{label}{chance.choice(('', '.example', '.1'))}"


def _letters(chance: random.Random, number: int) -> Iterable[str]:
    """A host with each of Unicode's letters, or with some of them."""
    everything = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    chosen = everything[::7] if world.some((True,)) else [*range(0x300), *chance.sample(everything, number)]
    return (f"{'a' if code % 2 else ''}{chr(code)}b.example" for code in chosen)


@cache
def _texts() -> tuple[str, ...]:
    chance = random.Random(_SEED)
    hosts = (
        *_hosts(chance, _MANY),
        *_numbers(chance, _MANY // 2),
        *_groups(chance, _MANY // 2),
        *_labels(chance, _MANY // 4),
        *_letters(chance, 1_000),
    )
    starts = (
        "http://",
        "https://",
        "http:",
        "http:/",
        "http:\\\\",
        "HTTP:\\/",
        " https:///",
        "ws://",
        "http://u:p@",
        "ht\ntps://",
    )
    ends = ("", "/", ":8080/a/../b?c=d&e#f", "/a\\b%2e/./c ", "?q", "#f", ":80", "\t:443/")
    return (*_CASES, *(chance.choice(starts) + host + chance.choice(ends) for host in hosts))


@cache
def _answers(node: str, entries: tuple[tuple[str, ...], ...]) -> list[dict[str, Any]]:
    process = subprocess.run([node, _SCRIPT], input=json.dumps(entries), capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(process.stdout)
    assert len(answers) == len(entries)
    return answers


def _nodes() -> Sequence[str]:
    """The Node on PATH; with the whole of the tables, those that npm is tested on as well."""
    return [
        shutil.which("node") or "node",
        *([str(world.node(major)) for major in world.NODE] if world.some((True,)) else []),
    ]


def _may_be_uncertain(text: str) -> bool:
    text = unquote(text.translate(dict.fromkeys(map(ord, "\t\n\r"))))
    return not text.isascii() or "xn--" in text.lower()


def _one_caret(text: str) -> str:
    """*text* as every Node writes it: up to 20 a path keeps its caret, from 24 on it is escaped."""
    return text.replace("^", "%5E")


@pytest.mark.real_process
@pytest.mark.parametrize("node", _nodes())
def test_every_url_is_read_as_node_reads_it(node: str) -> None:
    entries = tuple((text,) for text in _texts())
    certain = 0
    for (text,), answer in zip(entries, _answers(node, entries), strict=True):
        theirs, ours = answer["parsed"], url.parse(text)
        if ours is None:
            assert theirs is None, repr(text)
        elif ours.certain:
            assert theirs is not None, repr(text)
            assert (f"{ours.scheme}:", ours.host, ours.hostname) == (
                theirs["protocol"], theirs["host"], theirs["hostname"],
            ), repr(text)  # fmt: skip
            assert ours.host.isascii()
            if "//." not in theirs["pathname"]:  # in which Node 20 leaves dot segments behind
                assert ours.path == _one_caret(theirs["pathname"]), repr(text)
                assert _one_caret(ours.href) == _one_caret(theirs["href"]), repr(text)
            user = theirs["username"] + (theirs["password"] and f":{theirs['password']}")
            assert _one_caret(ours.userinfo) == _one_caret(user), repr(text)
            certain += 1
        else:
            assert _may_be_uncertain(text), repr(text)
    assert certain > len(entries) // 6


def test_every_host_is_read_as_ada_reads_it() -> None:
    for text in _texts():
        ours = url.parse(text)
        try:
            theirs = ada_url.URL(text.encode("utf-8", "replace").decode()).host
        except ValueError:
            theirs = None
        if ours is None or ours.certain:
            assert (ours and ours.host) == theirs, repr(text)


@pytest.mark.real_process
@pytest.mark.parametrize("node", _nodes())
def test_what_npm_validated_with_up_to_version_11_goes_to_the_same_host(node: str) -> None:
    # Node 20 ends a host at a NUL and Node 24 refuses it; a broken escape in the user ends url.parse itself.
    entries = tuple((text,) for text in _texts() if "\0" not in text and not ("%" in text and "@" in text))
    for (text,), answer in zip(entries, _answers(node, entries), strict=True):
        href, theirs = url.legacy(text), answer["legacy"]
        ours = url.parse(href) if href is not None else None
        if ours is None:
            assert theirs is None, repr(text)
        elif ours.certain:
            assert theirs is not None, repr(text)
            assert ours.host == theirs["host"], repr(text)
        else:
            assert _may_be_uncertain(text), repr(text)


@pytest.mark.real_process
@pytest.mark.parametrize("node", _nodes())
def test_a_redirect_goes_where_node_sends_it(node: str) -> None:
    chance = random.Random(_SEED)
    bases = ("http://registry.example:8/a/b?c=d", "https://a.example/", "https://u:p@a.example/x/y/")
    starts = ("", "/", "//", "\\\\", "/\\", "../", "?", "#", "http:", "https:", "https:/", "https://", "HTTP:\\/")
    entries = tuple(
        (chance.choice(starts) + host + chance.choice(("", "/x", "/../y?z", "#f")), chance.choice(bases))
        for host in ("", *_hosts(chance, _MANY // 2))
    )
    for (text, base), answer in zip(entries, _answers(node, entries), strict=True):
        ours, theirs = url.join(text, base), answer["parsed"]
        if ours is not None and ours.certain and ours.scheme in {"http", "https"}:
            assert theirs is not None, (text, base)
            assert ours.host == theirs["host"], (text, base)
            assert "//." in theirs["pathname"] or _one_caret(ours.href) == _one_caret(theirs["href"]), (text, base)
        elif ours is None:
            assert theirs is None, (text, base)


def test_no_codec_of_python_maps_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_arguments: object) -> None:
        pytest.fail("Python's own IDNA 2003 was asked")

    monkeypatch.setattr("encodings.idna.Codec.encode", never)
    monkeypatch.setattr("encodings.idna.ToASCII", never)
    for host in ("stra\xdfe.example", "\uff52egistry.npmjs.org", "xn--a.example", "a%C3%9F.example", "\xad.x"):
        url.parse.cache_clear()
        parsed = url.parse(f"https://{host}/")
        assert parsed is not None
        assert not parsed.certain
        if "%" not in host:  # there the older parser ends the host
            again = url.parse(url.legacy(f"https://{host}/") or "")
            assert again is not None
            assert not again.certain


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("https://u:p@a.example/x", "https://a.example/x"),
        ("https://a.example", "https://a.example"),
        ("http://a.example\\@b.example/", "http://a.example\\@b.example/"),  # the user is none: it is the path
        ("http://a.example?@b.example/", "http://a.example?@b.example/"),
        ("http://a.example#@b.example", "http://a.example#@b.example"),
        ("http:u:p@a.example/", "http://a.example/"),
        ("http:\\\\u@a.example\\x", "http://a.example/x"),
        ("http://u:p@stra\xdfe.example/", "http://stra\xdfe.example/"),
        ("http://u:p@a:99999/", "http://a:99999/"),
    ],
)
def test_the_user_that_is_taken_out_is_the_one_that_node_finds(text: str, without: str) -> None:
    assert url.without_userinfo(text) == without


def test_a_host_that_is_uncertain_is_no_error_in_the_registrys_keys() -> None:
    assert nerf_dart("https://stra\xdfe.example/npm/") is not None
    assert nerf_dart("https://xn--a/") is not None
    assert nerf_dart("https://a b/") is None


def test_a_host_in_ascii_is_certain_where_its_letters_are_latin() -> None:
    parsed = url.parse("https://xn--strae-oqa.example/")
    assert parsed is not None
    assert (parsed.host, parsed.certain) == ("xn--strae-oqa.example", True)
