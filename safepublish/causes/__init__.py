"""The catalogue of causes: the reasons why trusted publishing cannot work, one file each.

In come the facts of a run, of a workflow file's publish step, or of a log; out come findings and verdicts.
`cause.py` holds the base class; `judge.py` judges runs and steps, `explain.py` explains logs, and `fix_workflow.py`
fixes workflow files with what the causes know.
Causes are pure: they import pipelines, logs, shell, npm, ci and facts, and never `os`, processes or sockets.
"""

from safepublish.causes.access_not_public import AccessNotPublic
from safepublish.causes.arguments_refused import ArgumentsRefused
from safepublish.causes.auth_config_invalid import AuthConfigInvalid
from safepublish.causes.cause import Cause
from safepublish.causes.command_without_oidc import CommandWithoutOidc
from safepublish.causes.dev_engines_unsatisfied import DevEnginesUnsatisfied
from safepublish.causes.dual_use_direct import DualUseDirect
from safepublish.causes.failure_swallowed import FailureSwallowed
from safepublish.causes.fork_pull_request import ForkPullRequest
from safepublish.causes.id_token_expired import IdTokenExpired
from safepublish.causes.id_token_malformed import IdTokenMalformed
from safepublish.causes.id_token_missing import IdTokenMissing
from safepublish.causes.id_token_rejected import IdTokenRejected
from safepublish.causes.id_token_request_failed import IdTokenRequestFailed
from safepublish.causes.id_token_wrong_audience import IdTokenWrongAudience
from safepublish.causes.manifest_unreadable import ManifestUnreadable
from safepublish.causes.missing_id_token_permission import MissingIdTokenPermission
from safepublish.causes.name_invalid import NameInvalid
from safepublish.causes.no_publishing_workflow import NoPublishingWorkflow
from safepublish.causes.node_unusable import NodeUnusable
from safepublish.causes.not_in_ci import NotInCi
from safepublish.causes.npm_missing import NpmMissing
from safepublish.causes.npm_release_broken import NpmReleaseBroken
from safepublish.causes.npm_too_old import NpmTooOld
from safepublish.causes.npm_upgrade_fails import NpmUpgradeFails
from safepublish.causes.oidc_disabled import OidcDisabled
from safepublish.causes.package_missing import PackageMissing
from safepublish.causes.package_private import PackagePrivate
from safepublish.causes.prerelease_without_tag import PrereleaseWithoutTag
from safepublish.causes.provenance_private_repository import ProvenancePrivateRepository
from safepublish.causes.provenance_redundant import ProvenanceRedundant
from safepublish.causes.provenance_unsupported import ProvenanceUnsupported
from safepublish.causes.provenance_variables_missing import ProvenanceVariablesMissing
from safepublish.causes.provenance_without_sigstore_token import ProvenanceWithoutSigstoreToken
from safepublish.causes.publish_in_script import PublishInScript
from safepublish.causes.publisher_mismatch import PublisherMismatch
from safepublish.causes.publisher_tool_without_oidc import PublisherToolWithoutOidc
from safepublish.causes.registry_ignored import RegistryIgnored
from safepublish.causes.registry_unreachable import RegistryUnreachable
from safepublish.causes.registry_without_oidc import RegistryWithoutOidc
from safepublish.causes.registry_without_slash import RegistryWithoutSlash
from safepublish.causes.repository_url_mismatch import RepositoryUrlMismatch
from safepublish.causes.repository_url_missing import RepositoryUrlMissing
from safepublish.causes.self_hosted_runner import SelfHostedRunner
from safepublish.causes.settings_unread import SettingsUnread
from safepublish.causes.sigstore_unreachable import SigstoreUnreachable
from safepublish.causes.spec_not_a_path import SpecNotAPath
from safepublish.causes.stage_only_publisher import StageOnlyPublisher
from safepublish.causes.tag_mismatch import TagMismatch
from safepublish.causes.token_beats_oidc import TokenBeatsOidc
from safepublish.causes.token_conflict import TokenConflict
from safepublish.causes.token_rejected import TokenRejected
from safepublish.causes.transparency_log_conflict import TransparencyLogConflict
from safepublish.causes.trust_downgrade import TrustDowngrade
from safepublish.causes.two_factor_required import TwoFactorRequired
from safepublish.causes.unsupported_ci import UnsupportedCi
from safepublish.causes.version_missing import VersionMissing
from safepublish.causes.version_not_latest import VersionNotLatest
from safepublish.causes.version_published import VersionPublished
from safepublish.causes.workflow_invalid import WorkflowInvalid

CAUSES: tuple[Cause, ...] = (
    # npm does not start, or stops before it reads the package
    NpmMissing(),
    NodeUnusable(),
    NpmReleaseBroken(),
    ArgumentsRefused(),
    SpecNotAPath(),
    AuthConfigInvalid(),
    ManifestUnreadable(),
    DevEnginesUnsatisfied(),
    NameInvalid(),
    VersionMissing(),
    PackagePrivate(),
    # no OIDC here
    NotInCi(),
    UnsupportedCi(),
    NpmTooOld(),
    NpmUpgradeFails(),
    PublisherToolWithoutOidc(),
    OidcDisabled(),
    ForkPullRequest(),
    MissingIdTokenPermission(),
    IdTokenMissing(),
    IdTokenMalformed(),
    IdTokenExpired(),
    IdTokenWrongAudience(),
    # the registry refuses the exchange
    RegistryWithoutSlash(),
    RegistryWithoutOidc(),
    WorkflowInvalid(),
    PackageMissing(),
    PublisherMismatch(),
    IdTokenRejected(),
    IdTokenRequestFailed(),
    StageOnlyPublisher(),
    # the version
    VersionPublished(),
    VersionNotLatest(),
    PrereleaseWithoutTag(),
    # provenance
    RepositoryUrlMissing(),
    RepositoryUrlMismatch(),
    SelfHostedRunner(),
    ProvenanceVariablesMissing(),
    ProvenancePrivateRepository(),
    ProvenanceWithoutSigstoreToken(),
    ProvenanceUnsupported(),
    AccessNotPublic(),
    TransparencyLogConflict(),
    SigstoreUnreachable(),
    # tokens: what npm does instead
    TokenBeatsOidc(),
    TokenConflict(),
    TokenRejected(),
    TwoFactorRequired(),
    CommandWithoutOidc(),
    # what is unknown, and notes
    NoPublishingWorkflow(),
    RegistryUnreachable(),
    SettingsUnread(),
    RegistryIgnored(),
    TagMismatch(),
    TrustDowngrade(),
    DualUseDirect(),
    PublishInScript(),
    ProvenanceRedundant(),
    FailureSwallowed(),
)
"""Every cause, worst first: findings are shown in this order."""

BY_ID = {cause.id: cause for cause in CAUSES}
