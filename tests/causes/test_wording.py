import pytest

from safepublish.causes.wording import indent, location, quoted, sent, where
from safepublish.facts.finding import Location
from safepublish.facts.kinds import CredentialKind
from safepublish.facts.run import Credential, Origin

CLI = Origin("cli", "--registry", "registry")
ENV = Origin("env", "npm_config_registry", "registry")
PROJECT = Origin("project", ".npmrc", "registry", 3)
PUBLISH_CONFIG = Origin("publishConfig", "package.json", "registry")
USER = Origin("user", "/home/octo/.npmrc", "registry")
DEFAULT = Origin("default", "npm's default", "registry")


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        (None, "npm's configuration"),
        (CLI, "the command line (--registry)"),
        (ENV, "the variable npm_config_registry"),
        (PROJECT, ".npmrc, line 3"),
        (USER, "/home/octo/.npmrc"),
        (PUBLISH_CONFIG, "publishConfig in package.json"),
        (DEFAULT, "npm's default"),
    ],
)
def test_where_a_setting_stands(origin: Origin | None, text: str) -> None:
    assert where(origin) == text


@pytest.mark.parametrize(
    ("origin", "place"),
    [
        (None, None),
        (CLI, None),
        (USER, None),
        (PROJECT, Location(".npmrc", 3)),
        (PUBLISH_CONFIG, Location("package.json")),
    ],
)
def test_only_what_stands_in_the_project_has_a_place(origin: Origin | None, place: Location | None) -> None:
    assert location(origin) == place


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (CredentialKind.SET, "the token from /home/octo/.npmrc"),
        (
            CredentialKind.PLACEHOLDER,
            "the placeholder of actions/setup-node from /home/octo/.npmrc, which is not a token",
        ),
        (
            CredentialKind.UNRESOLVED,
            "the literal text ${TOKEN} from /home/octo/.npmrc, because that variable is not set",
        ),
        (CredentialKind.EMPTY, "no token"),
        (CredentialKind.ABSENT, "no token"),
    ],
)
def test_what_npm_sends(kind: CredentialKind, text: str) -> None:
    assert sent(Credential(kind, USER, "TOKEN")) == text


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("octo/left", "octo/left"),
        ("@octo/left", "@octo/left"),
        ("", "''"),
        ("two words", "'two words'"),
        ("$(rm -r /)", "'$(rm -r /)'"),
        ("it's", "'it'\"'\"'s'"),
        ("a\nb", "'a\nb'"),
    ],
)
def test_a_value_is_one_word_of_a_shell(value: str, word: str) -> None:
    assert quoted(value) == word


@pytest.mark.parametrize(("line", "blanks"), [("  a", "  "), ("a", ""), ("\t- a", "\t"), ("", "")])
def test_indent(line: str, blanks: str) -> None:
    assert indent(line) == blanks
