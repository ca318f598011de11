"""The cause registry-without-oidc."""

import re
from typing import TYPE_CHECKING

from safepublish.causes.cause import Cause, Screen
from safepublish.causes.wording import TRY_AGAIN, location, where
from safepublish.facts.finding import PASSED, SKIPPED, Answer, Judgement, Remedy
from safepublish.facts.log import Oidc
from safepublish.facts.run import Run, Setting
from safepublish.logs.log import Log
from safepublish.npm import url
from safepublish.npm.exchange import (
    MIRRORS,
    NPMJS,
    Outcome,
    disagreement,
    hostname,
    npm_exchange_succeeded,
    outcome,
    registry_answer,
)
from safepublish.npm.oidc import failure_answer, token_available
from safepublish.npm.secrets import shown_setting

if TYPE_CHECKING:
    from safepublish.facts.step import Step


_WITHOUT = frozenset({"npm.pkg.github.com", "registry.yarnpkg.com", "registry.npmmirror.com", "gitlab.com"})
_WITHOUT_SUFFIXES = (".jfrog.io", ".pkg.dev", ".amazonaws.com", ".visualstudio.com", "pkgs.dev.azure.com")
"""Hosts of GitHub Packages, mirrors, GitLab, Artifactory, Artifact Registry, CodeArtifact and Azure Artifacts."""
_PATHS = re.compile(r"/api/v4/(?:projects/[^/\s]+/|groups/[^/\s]+/-/)?packages/npm/|/artifactory/api/npm/|/_packaging/")
"""In the URL of a self-hosted GitLab, Artifactory or Azure Artifacts."""


class RegistryWithoutOidc(Cause):
    """The registry does not support trusted publishing.

    What happens
        npm fails with ENEEDAUTH, "This command requires you to be logged in to …", or with E401, "Unable to
        authenticate". npm publishes to a registry that does not answer the exchange as npmjs.com does: GitHub Packages,
        Artifactory, Nexus, Verdaccio, or a mirror such as registry.yarnpkg.com.

    Why
        npm sends the exchange to the registry that it publishes to (npm 12.2.0, lib/utils/oidc.js), and does not show
        the refusal. The setting that chose the registry is often in an unexpected place. `@scope:registry` in any
        .npmrc takes precedence over `--registry` and publishConfig. setup-node's `scope` input writes such a line.
        `yarn run` and pnpm export `npm_config_registry`, which `npm publish` in a script then uses.

    Fix
        To publish to npmjs.com, remove or override the setting that the message names, for instance in package.json:

            "publishConfig": { "registry": "https://registry.npmjs.org/" }

        For a scoped package write `"@scope:registry"` there. In a script run by yarn or pnpm put
        `npm_config_registry=https://registry.npmjs.org/` before the command. To publish to the other registry, use its
        token: it has no trusted publishing.

    If you want to ignore it
        `--allow-token` publishes to that registry with its token.
    """

    id = "registry-without-oidc"
    title = "the registry does not support trusted publishing"
    screen = (
        Screen("ENEEDAUTH: This command requires you to be logged in to", rank=14),
        Screen("E401: Unable to authenticate", rank=4),
    )
    applies_to_tools = True
    rests_on_network = True
    any_registry = True
    only_tokens_publish = True
    rests_on_manifest = True

    def in_run(self, run: Run) -> Judgement:
        """Fail where the registry's answer to the exchange shows that it has no trusted publishing."""
        registry = run.package.settings.registry
        if registry is None:
            return SKIPPED
        if outcome(run) is not Outcome.NOT_OFFERED:
            return PASSED
        if npm_exchange_succeeded(run):
            return disagreement(run)
        return Judgement(
            failure_answer(run),
            f"{hostname(run)} has no trusted publishing: it answered the exchange with {registry_answer(run)}",
            evidence=_evidence(run, registry),
            remedy=_remedy(run, registry),
            location=location(registry.origin),
        )

    def in_workflow(self, step: "Step") -> Judgement:
        """Fail where the step publishes to a registry that is known to have no trusted publishing."""
        credentials = step.credentials
        place = credentials.registry.entry.value.at if credentials.registry.entry else step.place.at
        host = _host(credentials.registry.url) if credentials.registry.url else None
        if host == NPMJS:
            return PASSED
        if host in _WITHOUT or (host or "").endswith(_WITHOUT_SUFFIXES):
            return Judgement(
                Answer.FAIL,
                f"the step publishes to {host} ({credentials.registry.source}), which has no trusted publishing",
                remedy=Remedy(f"To publish to npmjs.com, use https://{NPMJS}/. To publish to {host}, use its token."),
                location=place,
            )
        return Judgement(
            Answer.UNKNOWN,
            f"{host or 'the registry that an expression names'} could not be checked for trusted publishing: only its"
            " answer to a publish shows it",
            location=place,
        )

    def in_log(self, log: Log) -> Judgement:
        """Fail when npm published to a registry that is known to have no exchange, or that answered so."""
        if not log.unauthenticated:
            return SKIPPED
        host = log.host
        if has_no_oidc(log):
            return Judgement(
                Answer.FAIL,
                f"npm published to {host}, which does not support trusted publishing",
                evidence=log.quoted("registry", "code"),
                remedy=Remedy(
                    "To publish there, use a token of that registry. To publish to npmjs.com instead, find the setting"
                    " that chose it (`@scope:registry` in an .npmrc, publishConfig, `yarn run`, pnpm), or run:",
                    command=f"npm publish --registry https://{NPMJS}/",
                ),
            )
        if (log.hides_exchange or log.has_exchange is False) and host not in {NPMJS, ""}:
            return Judgement(
                Answer.UNKNOWN,
                f"{host} may not support trusted publishing",
                log.quoted("registry", "code"),
                TRY_AGAIN,
            )
        if log.oidc is not Oidc.NOT_OFFERED:
            return SKIPPED
        return Judgement(
            Answer.FAIL,
            f"{host or 'the registry'} does not support trusted publishing: its 404 differs from that of npmjs.com",
            evidence=log.quoted("exchange", "oidc", "registry"),
            remedy=Remedy("Publish to npmjs.com.", command=f"npm publish --registry https://{NPMJS}/"),
        )


def has_no_oidc(log: Log) -> bool:
    """Whether the log names a registry that has no exchange, so that no npm can publish there through OIDC."""
    named = (*log.quoted("put"), *log.quoted("registry"))
    return (
        log.host in _WITHOUT
        or log.host.endswith(_WITHOUT_SUFFIXES)
        or (log.host not in {NPMJS, ""} and any(_PATHS.search(line) for line in named))
    )


def _host(address: str) -> str:
    """The host name in an address; "" where there is none."""
    parsed = url.parse(address)
    return parsed.hostname if parsed else ""


def _evidence(run: Run, registry: Setting) -> tuple[str, ...]:
    origin = f"{where(registry.origin)} ({registry.origin.key})"
    lines = [f"npm publishes to {shown_setting(registry)}, which comes from {origin}."]
    if hostname(run) in MIRRORS and registry.origin.layer == "env":
        lines.append("yarn sets that variable for its scripts, so `npm publish` in a script uses yarn's mirror.")
    return tuple(lines)


def _remedy(run: Run, registry: Setting) -> Remedy:
    npmjs = f"https://{NPMJS}/"
    own = " To publish to this registry with its token, add --allow-token." if token_available(run) else ""
    if registry.origin.layer == "env":
        return Remedy(
            f"To publish to npmjs.com, set the variable for this step.{own}",
            command=f"export {registry.origin.source}={npmjs}",
        )
    return Remedy(
        f"To publish to npmjs.com, change {registry.origin.key} in {where(registry.origin)} to {npmjs}.{own}",
    )
