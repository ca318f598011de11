"""The kinds of CI systems and of credentials, in which runs and workflow files are told alike."""

import enum


class Ci(enum.Enum):
    """Where npm's oidc.js believes to be (ci-info 4: GITHUB_ACTIONS, GITLAB_CI, CIRCLECI)."""

    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    CIRCLECI = "CircleCI"
    OTHER = "other"
    NONE = "none"


class CredentialKind(enum.Enum):
    """What a credential is, as far as it may be known."""

    ABSENT = "absent"
    EMPTY = "empty"
    PLACEHOLDER = "placeholder"
    UNRESOLVED = "unresolved"  # the literal ${VAR}, sent as it stands
    SET = "set"
