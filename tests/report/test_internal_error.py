"""A bug of ours, as it is said."""

import json

from safepublish.report import internal_error

CANARY = "npm_cAnArYcAnArYcAnArY"


def met(text: str) -> Exception:
    try:
        json.loads(text)
    except ValueError as error:
        return error
    raise AssertionError(text)


def test_it_says_what_and_where_and_what_it_means_for_the_publish() -> None:
    said = internal_error.render(met("{"), npm="npm publish was not started.").splitlines()
    assert said[0].startswith(
        "safepublish: internal error in safepublish; it says nothing about your package: JSONDecode"
    )
    assert said[1].startswith("    at decoder.py:")
    assert " (met)" in said[1]
    assert said[2:] == [
        "    npm publish was not started.",
        f"    Please report it with these lines: {internal_error.TRACKER}",
    ]


def test_what_it_met_is_escaped_and_no_secret() -> None:
    said = internal_error.render(ValueError(f"\x1b[31m{CANARY}\n::error::x" + "y" * 999), npm="")
    assert CANARY not in said
    assert "\x1b" not in said
    assert len(said.splitlines()) == 3
    assert len(said) < 700
