"""The embedded registry and identity endpoint: a CI's publish, rehearsed on the loopback.

It keeps nothing on disk, listens on 127.0.0.1 alone, and ends with the command.
"""

from safepublish.rehearsal.identity import CircleCIJob, GitHubJob, GitLabJob
from safepublish.rehearsal.registry import (
    Grant,
    PublishedPackage,
    PublishedVersion,
    Received,
    Registry,
    TrustedPublisher,
)
from safepublish.rehearsal.server import HANG, Fault, Server

__all__ = [
    "HANG",
    "CircleCIJob",
    "Fault",
    "GitHubJob",
    "GitLabJob",
    "Grant",
    "PublishedPackage",
    "PublishedVersion",
    "Received",
    "Registry",
    "Server",
    "TrustedPublisher",
]
