"""A credential in npm's configuration is written so that npm cannot use it.

What it is
    A credential without the registry it belongs to (`_auth`, `_authToken`, `username`, `_password` alone), or a key
    that npm does not recognise, as `//registry.npmjs.org:_authToken`, which lacks the slash before the colon.

Why npm behaves so
    npm refuses unscoped credentials in any .npmrc with ERR_INVALID_AUTH before it does anything (@npmcli/config,
    lib/errors.js; `email`, `certfile` and `keyfile` only from npm 12 on). A key without the slash is kept and never
    looked up, so the credential is not there when npm needs it.

How to mend
    Remove the line: trusted publishing needs none. Where a token is needed, write
    `//registry.npmjs.org/:_authToken=${NPM_TOKEN}`. `npm config fix` rewrites unscoped keys.

How to ignore
    `--waive auth-config-invalid=reason` lets npm start and stop there itself.
"""

from safepublish.causes.arguments_refused import AUTH
from safepublish.facts.finding import PASSED, Answer, Judgement, Remedy
from safepublish.facts.run import Run
from safepublish.facts.wording import location, where

ID = "auth-config-invalid"
TITLE = "a credential is written so that npm cannot use it"


def in_run(run: Run) -> Judgement:
    """Fail where npm stops at a credential's key; warn where it never looks the key up."""
    found = [one for one in run.problems if one.kind in AUTH]
    stopping = [one for one in found if one.stops_npm]
    if not found:
        return PASSED
    first = (stopping or found)[0]
    others = tuple(f"also: {one.text}, in {where(one.origin)}" for one in found if one is not first)
    if stopping:
        return Judgement(
            Answer.FAIL,
            f"npm stops at {first.text} in {where(first.origin)} (ERR_INVALID_AUTH)",
            evidence=others,
            remedy=Remedy("Remove that line; trusted publishing needs none.", command="npm config fix"),
            location=location(first.origin),
        )
    return Judgement(
        Answer.WARN,
        f"npm never looks up {first.text} in {where(first.origin)}",
        evidence=others,
        remedy=Remedy("Remove the line; where a token is needed, write //registry.npmjs.org/:_authToken."),
        location=location(first.origin),
    )
