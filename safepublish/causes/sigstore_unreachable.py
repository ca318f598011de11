"""The cause sigstore-unreachable."""

import re

from safepublish.causes.cause import Cause, Screen
from safepublish.facts.finding import SKIPPED, Answer, Judgement, Remedy
from safepublish.logs.log import Log

_CODE = re.compile(
    r"\b(?:CA_CREATE_SIGNING_CERTIFICATE_ERROR|TSA_CREATE_TIMESTAMP_ERROR|IDENTITY_TOKEN_PARSE_ERROR"
    r"|TUF_[A-Z_]{3,40}_ERROR)\b"
    r"|error (?:creating signing certificate|creating timestamp|refreshing TUF metadata|initializing TUF)"
)
_REFUSED = re.compile(r"\((?:400|401|403)\)")


class SigstoreUnreachable(Cause):
    """Sigstore did not sign the provenance.

    What happens
        Signing the provenance ends with CA_CREATE_SIGNING_CERTIFICATE_ERROR, TSA_CREATE_TIMESTAMP_ERROR or an error of
        TUF.

    Why
        npm gets a certificate and a timestamp from Sigstore before it uploads the package (@sigstore/sign). Where one
        of its services is down or cannot be reached, npm stops, and nothing was uploaded.

    Fix
        Run the job again; https://status.sigstore.dev shows outages. `--no-provenance` publishes without it.

    If you want to ignore it
        It is found in logs only, and refuses nothing.
    """

    id = "sigstore-unreachable"
    title = "Sigstore did not sign the provenance"
    screen = (Screen("CA_CREATE_SIGNING_CERTIFICATE_ERROR"), Screen("TSA_CREATE_TIMESTAMP_ERROR"))

    def in_log(self, log: Log) -> Judgement:
        """Fail when one of Sigstore's services gave npm no signature."""
        line = next((line for line in log.errors if _CODE.search(line.text)), None)
        if not (_CODE.fullmatch(log.code or "") or (line is not None and not (log.code or "").startswith("E4"))):
            return SKIPPED
        if any(_REFUSED.search(line.text) for line in log.errors):
            return Judgement(
                Answer.WARN,
                "Sigstore did not accept the ID token with which npm signs",
                evidence=tuple(map(str, log.errors[:3])),
                remedy=Remedy(
                    "Check that the ID token for Sigstore has the audience `sigstore`, and run the job again."
                ),
            )
        return Judgement(
            Answer.FAIL,
            "Sigstore could not sign the provenance just then; nothing was uploaded",
            evidence=tuple(map(str, log.errors[:3])),
            remedy=Remedy("Run the job again; https://status.sigstore.dev shows outages."),
        )
