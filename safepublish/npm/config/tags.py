"""The dist-tags that npm refuses."""

import re

from safepublish.npm.arguments import BLANKS


def is_semver_range(tag: str) -> bool:
    """Whether semver's `validRange` takes *tag*, so that `npm publish --tag` refuses it (semver 7, ranges/valid.js)."""
    if len(tag) > 256:
        return False
    return all(_is_simple_range(part.strip(BLANKS)) for part in tag.split("||"))


def is_no_tag(tag: str) -> bool:
    """Whether npm is known to refuse *tag* with EINVALIDTAGNAME (npm-package-arg 13, lib/npa.js, `fromRegistry`).

    It does where encodeURIComponent would change the tag, unless it takes it for a range, a path, a URL or a
    repository: whatever may be one of those is let pass here.
    """
    tag = tag.strip(BLANKS)
    if not tag or re.search(r"[/\\:#]", tag):
        return False
    may_be_a_range = re.match(r"[vxX]|[^A-Za-z]", tag) and re.fullmatch(r"[A-Za-z0-9.\-+*<>=~^|\s]*", tag)
    return not may_be_a_range and re.fullmatch(r"[A-Za-z0-9\-_.!~*'()]*", tag) is None


def _is_simple_range(part: str) -> bool:
    if not part:
        return True
    if part.isalpha() and part.lstrip("v") not in {"x", "X"}:  # nearly every tag
        return False
    digits = "(?:0|[1-9][0-9]{0,15})"
    numeric = f"(?:{digits}|[xX*])"
    word = "(?:0|[1-9][0-9]{0,255}|[0-9]{0,256}[a-zA-Z-][a-zA-Z0-9-]{0,250})"
    suffix = rf"(?:-{word}(?:\.{word})*)?(?:\+[0-9A-Za-z-]{{1,250}}(?:\.[0-9A-Za-z-]{{1,250}})*)?"
    whole = rf"{digits}\.{digits}\.{digits}{suffix}"
    partial = rf"[v=\s]*{numeric}(?:\.{numeric}(?:\.{numeric}{suffix})?)?"
    if re.fullmatch(rf"{partial}\s+-\s+{partial}", part):
        return True
    part = re.sub(r"([<>]=?|=|~>?|\^)\s+", r"\1", part)
    comparator = rf"(?:[<>]?=?(?:v?{whole}|(?![v=]*{whole}$){partial})|(?:~>?|\^){partial})"
    return all(re.fullmatch(comparator, each) for each in part.split())
