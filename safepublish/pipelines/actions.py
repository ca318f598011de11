"""The actions that publish to npm, with the meaning of their inputs, and the actions that may install Node."""

import re
from functools import lru_cache
from typing import NamedTuple

from safepublish.npm.publish_tools import lowest
from safepublish.shell.options import names


class Uses(NamedTuple):
    """The value of a step's ``uses``."""

    name: str  # owner/repository/path, or ./path, or docker://image
    ref: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it stands in the same repository."""
        return self.name.startswith(("./", "../", "$/"))

    @property
    def shown(self) -> str:
        """The action as a message names it."""
        return f"{self.name}@{self.ref}" if self.ref else self.name

    @property
    def lower(self) -> str:
        """The name without regard to letter case, as GitHub compares it."""
        return self.name.lower()


@lru_cache(maxsize=1024)
def uses(text: str) -> Uses:
    """The parts of ``owner/name/path@ref``."""
    name, at, ref = text.strip().partition("@")
    return Uses(name.rstrip("/") if len(name) > 2 else name, ref if at else None)


class Publishes(NamedTuple):
    """An action that publishes."""

    tool: str
    token: tuple[str, ...] = ()  # the inputs that take a token
    script: str | None = None  # the input that holds the command it runs; without it, nothing is published
    version: str | None = None  # the input that gives the tool's version
    registry: str | None = None
    dry_run: str | None = None
    command_name: str | None = None  # the input that says what it does: publish, stage, or nothing that publishes
    own_from: int | None = None  # the first major of the action that can do without a token
    reads: tuple[str, ...] = ()  # the variables that it takes a token from


_PUBLISHERS: dict[str, Publishes] = {
    "js-devtools/npm-publish": Publishes(
        "JS-DevTools/npm-publish", ("token",), registry="registry", dry_run="dry-run", own_from=4
    ),
    "changesets/action": Publishes("changesets", script="publish", reads=("NPM_TOKEN",)),
    "changesets/action/publish": Publishes("changesets", reads=("NPM_TOKEN",)),
    "cycjimmy/semantic-release-action": Publishes(
        "semantic-release", version="semantic_version", dry_run="dry_run", reads=("NPM_TOKEN",)
    ),
    "codfish/semantic-release-action": Publishes(
        "semantic-release", ("npm-token",), dry_run="dry-run", reads=("NPM_TOKEN",)
    ),
    "ridedott/release-me-action": Publishes("semantic-release", dry_run="dry-run", reads=("NPM_TOKEN",)),
    "open-turo/actions-release/semantic-release": Publishes(
        "semantic-release", dry_run="dry-run", reads=("NPM_TOKEN",)
    ),
    "metamask/action-npm-publish": Publishes("action", ("npm-token",)),
    "udondan/jsii-publish": Publishes("action", ("NPM_TOKEN",), reads=("NPM_TOKEN",)),
    "the-guild-org/changesets-snapshot-action": Publishes("changesets", reads=("NPM_TOKEN",)),
    "pascalgn/npm-publish-action": Publishes("action", reads=("NPM_AUTH_TOKEN",)),
    "mikeal/merge-release": Publishes("action", reads=("NPM_TOKEN", "NPM_AUTH_TOKEN")),
    "continuousauth/action": Publishes("action", ("npm-token",)),
    "jbolda/covector/packages/action": Publishes("action", command_name="command"),
    "primer/publish": Publishes("action", reads=("NPM_AUTH_TOKEN",)),
}

_DEFAULT_SEMANTIC_RELEASE = {1: "15", 2: "17", 3: "19", 4: "24", 5: "25", 6: "25"}
"""cycjimmy/semantic-release-action: the semantic-release that each major brings when none is named (its README)."""

_LOOKS_LIKE_PUBLISHING = re.compile(r"npm[-_]?(?:publish|release)|publish[-_]?(?:to[-_])?npm|semantic-release")


def publishing(action: Uses) -> Publishes | None:
    """What *action* publishes with: the tool ``action`` where only its name says that it publishes; else None."""
    if action.lower.endswith("/safepublish") and not action.is_local:
        return Publishes("safepublish", command_name="command")
    known = _PUBLISHERS.get(action.lower)
    if known is not None or action.is_local:
        return known
    if _LOOKS_LIKE_PUBLISHING.search(action.lower.partition("/")[2]) and not re.search(
        r"version|check|dry", action.lower
    ):
        return Publishes(
            "action", ("token", "npm-token", "npm_token", "auth-token", "node-auth-token", "npm-auth-token")
        )
    return None


def semantic_release(action: Uses) -> str | None:
    """The semantic-release that a major of cycjimmy/semantic-release-action brings."""
    major = lowest(action.ref)
    return _DEFAULT_SEMANTIC_RELEASE.get(major.major) if major and action.lower.startswith("cycjimmy/") else None


_HARMLESS = re.compile(
    r"^(?:actions/(?!setup-node)|github/|docker/|pnpm/action-setup|oven-sh/|denoland/|softprops/|codecov/|dtolnay/"
    r"|google|aws-actions/|azure/|step-security/|astral-sh/|ruby/|swatinem/|rust|taiki-e/|mymindstorm/|peter-evans/"
    r"|changesets/action)"
)
_OTHER_LANGUAGE = re.compile(
    r"setup[-_](?:python|go|java|ruby|rust|php|dotnet|zig|uv|buildx|qemu|deno|bun|gcloud|kubectl|helm|terraform|gh|git\b"
    r"|chrome|android|xcode|msbuild|msvc|swift|elixir|beam|haskell|ocaml|julia|r\b|gradle|maven|docker|task|just|protoc"
    r"|cmake|ninja|emsdk|wasm|bot|auth|git-user|ssh|sccache|cargo|tinygo|hugo|pandoc|ffmpeg|dart|flutter|clojure)"
)


_MAY_INSTALL = re.compile(r"(?:setup|install|prepare|init|bootstrap|env|toolchain|node|npm|checkout-and)")
_WORDS = re.compile(r"[a-z]+")
_VERBS = names(
    "action actions and bootstrap cache cached checkout ci fast gh ghaction github init install installer prepare set "
    "setup tool toolchain toolchains tooling tools up use with"
)
"""The words of an action's name that do not say what it installs."""

_NODE = names(
    "app asdf base bun common conda corepack dependencies deps dev devbox devenv env environment flox fnm frontend "
    "javascript job js lerna mamba micromamba miniconda mise monorepo moon n nix node nodejs npm nvm nx package "
    "packages pixi pnpm project proto release repo repository rtx runner shared sdk "
    "ts turbo typescript vite volta vp web workspace yarn"
)
"""What brings a Node with it, or may."""


def may_install_node(action: Uses) -> bool:
    """Whether an action that cannot be read may install another Node or npm, to judge by its name.

    One that names what it sets up, `setup-raku`, sets up nothing else; one of the repository may do more than it says.
    """
    name = action.lower
    if _HARMLESS.match(name) or _OTHER_LANGUAGE.search(name):
        return False
    own = name if action.is_local else name.partition("/")[2]
    if _MAY_INSTALL.search(own) is None:
        return False
    words = set(_WORDS.findall(own)) - _VERBS
    return action.is_local or not words or bool(words & _NODE)
