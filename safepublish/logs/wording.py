"""The wordings by which a log is read, and what each shows: of npm 9.9.4 to 12.2.0, as the real npm printed them."""

import re

from safepublish.logs.phrases import Phrases
from safepublish.npm.floors import Floor

NAME = r"(?:@[\w.~-]{1,100}/)?[\w.~-]{1,214}"
SPEC = rf"({NAME})@(\d{{1,9}}\.\d{{1,9}}\.\d{{1,9}}[\w.+-]{{0,100}})"
_NUMBER = r"(\d{1,3}\.\d{1,4}\.\d{1,4})"

NPM = re.compile(
    r"(?<![\w/@.-])p?npm (ERR!|error|WARN|warn|notice|http|verb|verbose|sill|silly|info|timing)(?= |$) ?(.*)"
)
NPM_LEVEL = re.compile(r"npm (?:ERR!|error|WARN|warn|notice|http|verb|sill|info|timing)")
"""What `NPM` finds, and more: a search for it is fast, because it starts with a literal."""
DEBUG_LOG = re.compile(r"\d{1,9} (silly|verbose|info|timing|http|notice|warn|error)(?: (.*)|$)")
LEVELS = {"verb": "verbose", "sill": "silly", "ERR!": "error", "WARN": "warn"}
DETAIL = ("notice", "http", "verbose", "silly")

TARBALL = re.compile(rf"(?:📦 +|package: +){SPEC}")
PREPUBLISH = re.compile(rf"{SPEC} prepublishOnly\b")  # the script's head, which no other command prints
WENT_OUT = re.compile(rf"\+ {SPEC}( \(staged.*)?$")
NAMED = re.compile(rf"'{SPEC}'")
REGISTRY = re.compile(r"(?:Publishing|Staging|logged in) to (https?://\S+)")
ORIGIN = re.compile(r"(https?://)(?:[^/@\s]{1,500}@)?([\w.:-]{1,253})(?=/|$)")
FETCH = re.compile(r"fetch (GET|POST|PUT|DELETE) (\d{3}) (\S+)")
ID_TOKEN = re.compile(r"(?:fetch )?GET (\S*audience=npm\S*) (\d{3})\b")
STATUS = re.compile(r"\b(4\d\d|5\d\d) [A-Z][A-Za-z]+(?: [A-Z]\w+){0,2} - (GET|PUT|POST|DELETE) (\S+)")
SHORT_STATUS = re.compile(r"\b(E?404):? Not Found - (GET|PUT|POST|DELETE) (\S+)")
SHORT_PUT = re.compile(r"\bE404:? Not Found - PUT https?://")  # npm's, as changesets shows it
WORD_STATUS = re.compile(r"(?:^|\s)(Not Found|Unauthorized|Forbidden) - (PUT) (https?://\S+)")  # npm's, as nx shows it
STATUSES = {"Unauthorized": 401, "Forbidden": 403, "Not Found": 404}
PUT = re.compile(r"\b(PUT) (\d{3}) (https?://\S+)")
PUT_BEHIND = re.compile(r"\b(\d{3}) (PUT) (https?://\S+)")
FAILED_PUT = re.compile(r"publish Failed PUT (?:(\d{3})|undefined)")  # npm 6 and older, lib/publish.js
EXCHANGE = "/oidc/token/exchange/package/"
EXCHANGED = re.compile(r"POST (\d{3}) \S*oidc/token/exchange/package/(\S*)")
OIDC = re.compile(
    r"(Skipped because incorrect permissions for id-token within GitHub workflow|Skipped because no id_token available"
    r"|Failed token exchange request.*|Failed to fetch id_?[tT]oken from GitHub.*"
    r"|Failed because token exchange was missing.*|Failure with message:.*|OIDC token exchange error.*"
    r"|Unable to get ACTIONS_ID_TOKEN_REQUEST_(?:URL|TOKEN).*)"
)

RUN_LOG = re.compile(r"\d{4}-\d\d-\d\dT\d\d_\d\d_\d\d_\d{3}Z-debug-\d{1,3}\.log")
"""The name of the debug log, which is another for each run of npm (npm 12.2.0, lib/utils/log-file.js)."""

LOG_PATH = re.compile(r"\s+\S.*(?:[/\\]_logs[/\\]|npm-debug\.log|-debug(?:-\d+)?\.log)")

NEWER_NPM = re.compile(rf"New (?:major|minor|patch) version of npm available! {_NUMBER}")
ECHOED_NPM = re.compile(rf"npm(?: cli)?(?: version)?(?: is)?[:=@ ]+v?{_NUMBER}\b\W{{0,3}}$", re.IGNORECASE)
BARE_VERSION = re.compile(rf"{_NUMBER}$")
ACTUAL_NPM = re.compile(r'Actual:.*"npm":"([\d.]+)"')
NODE_PATH = re.compile(rf"(?:/node/|\\node\\|/node/v|/versions/node/v){_NUMBER}[/\\]")
ASKS_VERSION = re.compile(r"\bnpm (?:-v|--version)\b")

CODE = re.compile(r"(?:npm )?(?:ERR!|error) code ([A-Z][A-Z0-9_]{2,50})$")
ERRNO = re.compile(r"(?:npm )?(?:ERR!|error) {2,4}code: '(E[A-Z]{4,20})',?$")
CODE_WORD = re.compile(r"[A-Z][A-Z0-9_]{2,60}|\d{1,3}")
JSON_CODE = re.compile(r'"code": "([A-Z][A-Z0-9_]{2,50})",?$')
JSON_TEXT = re.compile(r'"(?:summary|detail)": ("(?:[^"\\]|\\.)*"),?$')

TOKEN = re.compile(r"(NODE_AUTH_TOKEN|NPM_TOKEN|NPM_AUTH_TOKEN|YARN_NPM_AUTH_TOKEN|NPM_ID_TOKEN|CI): ?(.*)$")
RUN = re.compile(r"Run (.{2,400})")
SHELL = re.compile(r"(?:\$|\+|\[command\]\S*?/?(?=npm|yarn|pnpm)|%) ?((?:npm|npx|pnpm|yarn|bun|lerna|sudo) .{2,300})$")
UPGRADE = re.compile(
    r"\bnpm\s+(?:i|install|add)\b(?=.*\s(?:-g|--global|--location[= ]global)\b)"
    r"(?=.*\snpm(?:@|\s|$))"
)
PUBLISHES = re.compile(r"\b(?:npm|pnpm|yarn|bun|lerna|changeset|nx)\b.{0,80}\bpub(?:lish)?\b")
TRUST = re.compile(r"\bnpm trust [^&|;]*$")
"""The command that adds a trusted publisher; its option --file often names a `publish.yml`."""
OTHER_COMMAND = re.compile(
    r"\bnpm (whoami|trust|dist-tag|deprecate|owner|access|unpublish|team|token|profile|view|info|ci|install|i)\b"
)
NPM_MISSING = Phrases(
    (
        r"\bnpm: (?:command )?not found",
        r"npm: No such file or directory",
        r"\"npm\": executable file not found",
        r"'npm' is not recognized",
        r"spawn npm ENOENT",
        r"Unable to locate executable file: npm\b",
    )
)
PULL_REQUEST = re.compile(r"refs/(?:remotes/)?pull/\d{1,9}/merge")
GIT_TAG = re.compile(r"(?:\bcheckout --progress --force |\bGITHUB_REF[:=] ?|^ref: )refs/tags/(\S{1,200})")
"""Shows that a tag started the run: the checkout of actions/checkout, or a variable that was printed."""
GITHUB_STAMP = re.compile(r"\d\d:\d\d:\d\d\.\d{7}Z ")
CIRCLECI_HEAD = "#!/bin/bash -eo pipefail"
QUOTES_ITSELF = re.compile(r"(?:echo|printf|#|//|console\.|core\.|Write-|throw |- name:|run: )")
"""Begins a line of a script that only talks about an error."""

_SENTENCES = (
    r"is not in (?:this|the npm) registry",
    r"could not be found or you do not have permission",
    r"The requested resource '",
    r"OIDC permission denied",
    r"sigstore provenance bundle",
    r'"repository\.url" is',
    r"Unsupported GitHub Actions",
    r"source repository visibility",
    r'"write" access to the "id-token" permission',
    r'requires "SIGSTORE_ID_TOKEN"',
    r"rovenance generation (?:is )?not supported",
    r"Can't generate provenance for new or private",
    r"Can't restrict access to unscoped",
    r"must specify a tag using --tag",
    r"Cannot implicitly apply the",
    r"publish over (?:the )?(?:previously|existing)",
    r"previously (?:published|staged) version",
    r"already contains file",
    r"this package is already present",
    r"does not allow updating assets",
    r"one-time pass",
    r"[Tt]wo-factor auth",
    r"bypass 2fa",
    r"enable TFA",
    r"Cannot find module '",
    r"marked as private",
    r"requesting 'id-token: write', but is only allowed",
    r"Not compatible with your version of node/npm",
    r"(?:Required|Actual): +\{\"n",
    r"This command requires you to be logged in",
    r"authorize this machine using `npm",
    r"No authentication configured for request",
    r"(?:need to be|must be) logged in",
    r"must be authenticated",
    r"missing authentication",
    r"Invalid authentication",
    r"Incorrect or missing password",
    r"Unable to authenticate",
    r"may not perform that action",
    r"do not have permission to publish",
    r"Package name too similar to",
    r"Package name triggered spam detection",
    r"Failed to save packument",
    r"rate limited exceeded",
    r"error refreshing TUF metadata",
    r"No npm token specified",
    r"Invalid npm token",
    r"don't have a NPM_TOKEN",
    r"TLOG_CREATE_ENTRY_ERROR",
    r"equivalent entry already exists",
    r"Payment Required",
    r"Invalid auth configuration",
    r'Unknown command: "stage"',
    r"Invalid abbreviated flag",
    r"is not a valid single-hyphen cli flag",
    r"EACCES: permission denied",
    r'Run "npm help publish" for more info',
    r"Use `npm whoami` to troubleshoot",
    r"is not a legal HTTP header value",
    r"error (?:retrieving identity token|creating signing certificate|creating timestamp)",
    r"Invalid devEngines\.",
    r"packageExtensions is only honored",
    r"Connection to npm registry failed",
    r"Unable to reach npm registry",
    r"cannot publish a scoped package privately without a paid plan",
    r"Staged publishing requires the package to already exist",
    r"must specify a dist-tag using --tag when publishing a pre-release",
    r"Private workspaces cannot be published",
    r"Workspaces must have valid names and versions",
    r"Unable to obtain two-factor auth mode",
    r"\bENOPKG(?:NAME)? Missing `",
)
SENTENCE = Phrases(_SENTENCES)
"""A sentence of npm or the registry that tells of a failed publish, wherever it stands."""

CODES = (
    (re.compile(r"Invalid devEngines\."), "EBADDEVENGINES"),
    (re.compile(r"packageExtensions is only honored"), "EPACKAGEEXTENSIONS"),
    (re.compile(r"invalid semver: "), "EBADSEMVER"),
    (re.compile(r"error retrieving identity token"), "IDENTITY_TOKEN_READ_ERROR"),
    (re.compile(r"error creating signing certificate"), "CA_CREATE_SIGNING_CERTIFICATE_ERROR"),
    (re.compile(r"error creating timestamp"), "TSA_CREATE_TIMESTAMP_ERROR"),
    (re.compile(r"\bOIDC permission denied"), "E403"),
    (re.compile(r"sigstore provenance bundle"), "E422"),
    (re.compile(r"\"write\" access to the \"id-token\"|requires \"SIGSTORE_ID_TOKEN\"|Can't generate prov"), "EUSAGE"),
    (re.compile(r"Automatic provenance generation not supported"), "EUSAGE"),
    (re.compile(r"requires you to be logged in|No authentication configured for request"), "ENEEDAUTH"),
    (re.compile(r"missing authentication"), "ENEEDAUTH"),
    (re.compile(r"requires a one-time password"), "EOTP"),
    (re.compile(r"Failed to save packument"), "E409"),
    (re.compile(r"rate limited exceeded"), "E429"),
    (re.compile(r"Package name too similar to|Package name triggered spam detection"), "E403"),
    (re.compile(r"No npm token specified"), "ENONPMTOKEN"),
    (re.compile(r"Invalid npm token"), "EINVALIDNPMTOKEN"),
    (re.compile(r"Can't restrict access to unscoped"), "EUNSCOPED"),
    (re.compile(r"marked as private|Private workspaces cannot be published"), "EPRIVATE"),
    (re.compile(r"\bENOPKGNAME Missing"), "ENOPKGNAME"),
    (re.compile(r"\bENOPKG Missing"), "ENOPKG"),
    (re.compile(r'Run "npm help publish" for more info'), "EUSAGE"),
    (re.compile(r"Not compatible with your version of node/npm: npm@"), "EBADENGINE"),
)
"""The code that stands above a sentence, where the log has the sentence alone."""

DATES: tuple[tuple[str, str, Floor], ...] = (
    ("is not in this registry.", "npm_before", Floor.REWORDED_404),
    ("is not in the npm registry", "npm_before", Floor.REWORDED_404),
    ("could not be found or you do not have permission", "npm_since", Floor.REWORDED_404),
    ("The requested resource '", "npm_since", Floor.REWORDED_404),
    ("authorize this machine using `npm login`", "npm_since", Floor.REWORDED_LOGIN),
    ("npm ERR!", "npm_before", Floor.NPM_ERROR),
)
"""What dates npm: lib/utils/error-message.js was reworded at 11.5.0 and 12.0.0, and `ERR!` became `error` at 10.6.0."""
