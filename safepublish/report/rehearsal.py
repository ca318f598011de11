"""A rehearsal in lines: what is simulated, and once npm has run, what came of it."""

import difflib
from collections.abc import Sequence

from safepublish.causes.fix_workflow import FixedFile
from safepublish.facts.finding import Answer, Finding
from safepublish.facts.rehearsal import Outcome, Receipt, Rehearsed
from safepublish.facts.report import Verdict
from safepublish.report import block, diagnostics, escape, verdicts
from safepublish.report.lines import BOLD, DIM, GREEN, INDENT, RED, Page
from safepublish.report.severity import Severity

MOST_FILES = 12
"""Files of a package that are listed."""

_WIDE = " " * 16


def before(
    *,
    at: str,
    job: str,
    facts: Sequence[tuple[str, str]],
    command: str,
    colour: bool = False,
    unicode: bool = True,
    width: int = 100,
) -> str:
    """What is simulated, and with what; *facts* are (label, value), *command* is shown as if it were typed."""
    page = Page(colour=colour, unicode=unicode, width=width)
    page.paragraph("", f"safepublish rehearses {at}, job {job}", hang=INDENT)
    for label, value in facts:
        _fact(page, label, value)
    page.say("")
    page.say(f"$ {escape.plain(command)}", (f"$ {escape.plain(command)}", BOLD))
    return page.text()


def ended_before(
    at: str,
    job: str,
    command: str,
    findings: Sequence[Finding],
    *,
    colour: bool = False,
    unicode: bool = True,
    width: int = 100,
) -> str:
    """The publish at *at* is not reached: *command*, before it, fails and ends the job."""
    page = Page(colour=colour, unicode=unicode, width=width)
    page.paragraph("", f"safepublish rehearses {at}, job {job}", hang=INDENT)
    page.say("")
    for finding in findings[:1]:
        block.show(page, diagnostics.of_finding(finding))
        page.say("")
    block.summary(page, Severity.ERROR, f"nothing would be published: the job fails earlier, at {command}")
    return page.text()


def after(rehearsed: Rehearsed, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The cause, what the registry received, whether the checks had predicted it, and the result."""
    page = Page(colour=colour, unicode=unicode, width=width)
    page.say("")
    published = any(receipt.accepted for receipt in rehearsed.receipts)
    for finding in _causes(rehearsed)[:1]:
        packages = rehearsed.predicted.packages
        shown = finding._replace(answer=Answer.WARN) if rehearsed.outcome is Outcome.TOKEN else finding
        block.show(page, diagnostics.of_packages(shown, packages, named=False, published=published))
        page.say("")
    for receipt, matches in zip(rehearsed.receipts, rehearsed.matches, strict=True):
        _received(page, receipt, rehearsed.repository, matches=matches)
    if not rehearsed.receipts:
        _fact(page, "received", "nothing: npm sent no package")
    if rehearsed.log_removed:
        _fact(page, "npm's log", _LOG_REMOVED)
    _fact(page, "prediction", _prediction(rehearsed))
    block.summary(page, severity(rehearsed), headline(rehearsed))
    return page.text()


_LOG_REMOVED = "was removed with the rehearsal; to see all of it, add --loglevel=silly"


def legs(
    rehearsed: Sequence[tuple[str, Rehearsed]],
    others: Sequence[tuple[str, str]] = (),
    *,
    colour: bool = False,
    unicode: bool = True,
    width: int = 100,
) -> str:
    """How each of several jobs of a matrix, or commands of a step, ended; why *others* were not simulated."""
    page = Page(colour=colour, unicode=unicode, width=width)
    page.say("")
    page.paragraph("", "each was simulated as if no other had published:", hang=INDENT)
    for name, result in (*((name, headline(one)) for name, one in rehearsed), *others):
        page.paragraph(f"{INDENT}{escape.plain(name)}: ", result, hang=INDENT * 2)
    worked = sum(result.works for _, result in rehearsed)
    summary = f"{worked} of {len(rehearsed)} would publish through OIDC (trusted publishing)"
    block.summary(page, None if worked == len(rehearsed) else Severity.ERROR, summary)
    return page.text()


def severity(rehearsed: Rehearsed) -> Severity | None:
    """How grave the result is; None where it is as it should be."""
    if rehearsed.works:
        return None
    published_or_dry = rehearsed.outcome in {Outcome.TOKEN, Outcome.DRY_RUN}
    return Severity.WARNING if published_or_dry else Severity.ERROR


def fixed(found: FixedFile, *, colour: bool = False, unicode: bool = True, width: int = 100) -> str:
    """The fix of a workflow as a diff, and what npmjs.com has to know before it works there."""
    page = Page(colour=colour, unicode=unicode, width=width)
    page.say("")
    if found.text == found.before:
        page.paragraph("", f"safepublish workflow --fix has nothing to fix in {found.path}", hang=INDENT)
        for job, why in found.unfixed:
            page.paragraph(f"{INDENT}{escape.plain(job)}: ", why, hang=INDENT * 2)
        return page.text()
    page.paragraph("", f"fixed in a copy, as safepublish workflow --fix would fix {found.path}", hang=INDENT)
    names = (f"a/{found.path}", f"b/{found.path}")
    for line in difflib.unified_diff(found.before.splitlines(), found.text.splitlines(), *names, n=1, lineterm=""):
        shown = f"{INDENT}{escape.lines(line)[0] if line.strip() else line}"
        page.say(shown, (shown, {"+": GREEN, "-": RED}.get(line[:1], DIM if line.startswith("@") else "")))
    for moved in found.migrated:
        publisher = (
            f"{moved.workflow} of this repository{f', environment {moved.environment}' if moved.environment else ''}"
        )
        _fact(page, "first", f"add this trusted publisher on npmjs.com: {publisher}")
    page.say("")
    return page.text()


def _fact(page: Page, label: str, value: str) -> None:
    label = f"{INDENT}{label.ljust(11)} "
    page.paragraph(label, value, hang=_WIDE, styles=((label, DIM),))


def headline(rehearsed: Rehearsed) -> str:
    """What came of a rehearsal, in one line."""
    accepted = [receipt for receipt in rehearsed.receipts if receipt.accepted]
    done = "staged" if any(receipt.staged for receipt in accepted) else "published"
    names = ", ".join(f"{receipt.name}@{receipt.version}" for receipt in accepted)
    if rehearsed.outcome is Outcome.OIDC:
        return f"{names} would be {done} through OIDC (trusted publishing)"
    if rehearsed.outcome is Outcome.TOKEN:
        return f"{names} would be {done} with a long-lived token, not through OIDC"
    if rehearsed.outcome is Outcome.DRY_RUN:
        login = "got a token through OIDC" if rehearsed.logged_in else "did not log in through OIDC"
        return f"the dry run exited with code 0, and npm {login}; a dry run publishes nothing"
    ended = f"npm exited with code {rehearsed.status}"
    if rehearsed.status < 0:
        ended = f"signal {-rehearsed.status} ended npm"
    if rehearsed.script_failed:
        ended += " because a script of the package failed"
    return f"nothing would be {done}: {ended}" if not accepted else f"{names} would be {done}, but {ended}"


def _causes(rehearsed: Rehearsed) -> tuple[Finding, ...]:
    """Why it is not published through OIDC: what npm's log shows, at the place and with the fix of the check.

    Where npm did not fail, or its log shows nothing, what the check refuses it for.
    """
    if rehearsed.works:
        return ()
    refusing = {
        finding.id: finding
        for judged in rehearsed.predicted.packages
        for finding in judged.findings
        if verdicts.refuses(finding, judged)
    }
    return tuple(refusing.get(finding.id, finding) for finding in rehearsed.findings) or tuple(refusing.values())


def _received(page: Page, receipt: Receipt, repository: str, *, matches: bool) -> None:
    parts = [f"{receipt.name}@{receipt.version}"]
    parts.append("staged" if receipt.staged else f"tag {receipt.tag}")
    parts.append(f"access {receipt.access}" if receipt.access else "access not set")
    parts.append("with provenance (nothing was sent to Sigstore)" if receipt.provenance else "without provenance")
    parts.append(f"sent with {_CREDENTIALS.get(receipt.credential, receipt.credential)}")
    ended = "accepted" if receipt.accepted else f"refused with {receipt.status}"
    if receipt.said:
        ended += f': "{receipt.said}"'
    _fact(page, "received", f"{', '.join(parts)}; {ended}")
    for path, size in receipt.files[:MOST_FILES]:
        page.say(f"{_WIDE}{_size(size)}  {escape.plain(path)}")
    more = len(receipt.files) - MOST_FILES
    count = f"{len(receipt.files)} file{'s' if len(receipt.files) != 1 else ''}, "
    count += _size(sum(size for _, size in receipt.files)).strip()
    page.say(f"{_WIDE}{f'… and {more} more, ' if more > 0 else ''}{count} unpacked")
    needed = f"https://github.com/{repository}"
    if matches:
        source = f"repository.url is {needed}, as provenance requires"
    else:
        source = f"repository.url is {receipt.repository or 'missing'}; provenance requires {needed}"
    _fact(page, "source", source)


_CREDENTIALS = {
    "oidc": "the token from the exchange",
    "token": "a long-lived token",
    "placeholder": "setup-node's placeholder",
    "unresolved": "the name of an unset variable",
    "dead": "a token that the registry does not know",
    "basic": "a user and password",
    "none": "no credential",
}


def _size(count: int) -> str:
    if count < 1000:
        return f"{count:>5} B "
    return f"{count / 1000:>5.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:>5.1f} MB"


def _prediction(rehearsed: Rehearsed) -> str:
    report = rehearsed.predicted
    ids = ", ".join(dict.fromkeys(cause for judged in report.packages for cause in verdicts.reasons(judged)))
    if report.verdict is Verdict.REFUSE:
        prediction = f"safepublish would have refused this publish ({ids})"
        if rehearsed.outcome is Outcome.TOKEN:
            allow = "; with --allow-token it would have run npm" if rehearsed.works_with_token else ""
            return f"{prediction}, because it would use a token{allow}"
    elif report.verdict is Verdict.UNKNOWN:
        return f"safepublish could not have predicted this{f' ({ids})' if ids else ''}"
    else:
        prediction = "safepublish would have run npm"
    if rehearsed.script_failed:
        return f"{prediction}; it does not predict what a package's scripts do"
    waived = dict.fromkeys(
        finding.id
        for judged in report.packages
        for finding in judged.findings
        if finding.waived is not None and finding.answer in {Answer.FAIL, Answer.UNKNOWN}
    )
    if waived and report.verdict is not Verdict.REFUSE:
        return f"{prediction}, because {', '.join(waived)} {'is' if len(waived) == 1 else 'are'} waived"
    if rehearsed.outcome is Outcome.TOKEN:
        return f"{prediction}{', because the step allows a token' if rehearsed.token_allowed else ''}"
    if rehearsed.outcome is Outcome.DRY_RUN and not rehearsed.logged_in:
        return prediction
    correct = (report.verdict is Verdict.REFUSE) != rehearsed.works
    return f"safepublish had {'' if correct else 'not '}predicted this: it{prediction.removeprefix('safepublish')}"
