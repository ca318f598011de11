"""Where yarn publishes and with what: the order in which the real one takes it (tests/test_with.py runs it)."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from safepublish.detect import yarn
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Package

R = "npmPublishRegistry: https://r.example/\n"
TOKEN = "npmAuthToken: canary\n"

# the nearest file, the one above, variables, publishConfig -> the registry, and where the token stands
TABLE: dict[str, tuple[str, str, Mapping[str, str], str | None, str, str | None]] = {
    "nothing": ("", "", {}, None, "https://registry.npmjs.org/", None),
    "for fetching alone": ("npmRegistryServer: https://f.example\n", "", {}, None, "https://f.example", None),
    "for publishing": (R + "npmRegistryServer: https://f.example\n", "", {}, None, "https://r.example/", None),
    "the file above": ("", R, {}, None, "https://r.example/", None),
    "the nearest file": ("npmPublishRegistry: https://n.example\n", R, {}, None, "https://n.example", None),
    "a variable": (R, "", {"YARN_NPM_PUBLISH_REGISTRY": "https://v.example"}, None, "https://v.example", None),
    "an empty variable": (R, "", {"YARN_NPM_PUBLISH_REGISTRY": ""}, None, "https://r.example/", None),
    "publishConfig": ("npmScopes: {s: {" + R.strip() + "}}", "", {}, "https://p.example", "https://p.example", None),
    "a scope": ("npmScopes: {s: {npmPublishRegistry: https://s.example}}", R, {}, None, "https://s.example", None),
    "another scope": (
        "npmScopes: {t: {npmPublishRegistry: https://t.example}}",
        R,
        {},
        None,
        "https://r.example/",
        None,
    ),
    "a scope's for fetching": (
        "npmScopes: {s: {npmRegistryServer: https://s.example}}",
        R,
        {},
        None,
        "https://r.example/",
        None,
    ),
    "a scope in two files": (
        "npmScopes: {s: {npmAlwaysAuth: true}}",
        "npmScopes: {s: {npmPublishRegistry: https://s.example}}",
        {},
        None,
        "https://s.example",
        None,
    ),
    "expanded": ("npmPublishRegistry: '${A}${B-b}${C:-c}'", "", {"A": "a", "C": ""}, None, "abc", None),
    "a token": (R + TOKEN, "", {}, None, "https://r.example/", "npmAuthToken"),
    "a token's variable": (R, "", {"YARN_NPM_AUTH_TOKEN": "canary"}, None, "https://r.example/", "YARN_NPM_AUTH_TOKEN"),
    "user and password": (R + "npmAuthIdent: a:canary\n", "", {}, None, "https://r.example/", "npmAuthIdent"),
    "a scope's token": (
        R + "npmScopes: {s: {npmAuthToken: canary}}",
        "",
        {},
        None,
        "https://r.example/",
        "npmScopes.s.npmAuthToken",
    ),
    "a registry's token": (
        R + "npmRegistries: {'https://r.example': {npmAuthToken: canary}}",
        "",
        {},
        None,
        "https://r.example/",
        "npmRegistries.https://r.example.npmAuthToken",
    ),
    "for either scheme": (
        R + "npmRegistries: {'//r.example/': {npmAuthToken: canary}}",
        "",
        {},
        None,
        "https://r.example/",
        "npmRegistries.//r.example.npmAuthToken",
    ),
    "of another registry": (
        R + "npmRegistries: {'https://o.example': {npmAuthToken: canary}}",
        "",
        {},
        None,
        "https://r.example/",
        None,
    ),
    "hidden by a listed registry": (
        R + TOKEN + "npmRegistries: {'https://r.example': {}}",
        "",
        {},
        None,
        "https://r.example/",
        None,
    ),
}


def configured(near: str, above: str, env: Mapping[str, str], publish: str | None, root: Path) -> Package:
    (root / "below").mkdir()
    for path, text in ((root / "below" / ".yarnrc.yml", near), (root / ".yarnrc.yml", above)):
        if text:
            path.write_text(text)
    held = {"registry": publish} if publish else {}
    return yarn.configured(
        Package(".", name="@s/a"), held, env={"HOME": str(root / "home"), **env}, cwd=str(root / "below")
    )


@pytest.mark.parametrize("name", TABLE)
def test_where_and_with_what(name: str, tmp_path: Path) -> None:
    near, above, env, publish, registry, token = TABLE[name]
    found = configured(near, above, env, publish, tmp_path)
    assert found.registry is not None
    assert found.registry.value == registry
    origin = found.credential.origin
    assert (found.credential.kind, origin.key if origin else None) == (
        CredentialKind.SET if token else CredentialKind.ABSENT,
        token,
    )
    assert "canary" not in repr(found)


UNKNOWN = {
    "a variable that is not set": (
        "npmPublishRegistry: '${NOWHERE}'",
        "a variable in npmPublishRegistry that is not set",
    ),
    "no YAML": ("npmScopes: [", "cannot be read"),
    "nested too deeply": ("a: " + "[" * 100_000, "cannot be read"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_told_is_said(name: str, tmp_path: Path) -> None:
    text, why = UNKNOWN[name]
    found = configured(text, "", {}, None, tmp_path)
    assert found.registry is None
    assert why in str(found.unread)
