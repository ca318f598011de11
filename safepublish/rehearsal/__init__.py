"""The simulation of a CI job: an embedded registry and identity endpoint on the loopback, and a directory to run in.

Facts of a publish step come in; a prepared directory, and what the registry received, go out. Of a publish nothing
reaches another machine, and everything is removed when the command ends; only npm itself is downloaded and kept.
It may import facts, npm and shell; it starts git, node and npm, and prints nothing.
"""

from safepublish.rehearsal.identity import CircleCIJob, GitHubJob, GitLabJob
from safepublish.rehearsal.messages import ReceivedRequest
from safepublish.rehearsal.packages import Grant, PublishedPackage, PublishedVersion, TrustedPublisher
from safepublish.rehearsal.registry import Registry
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
    "ReceivedRequest",
    "Registry",
    "Server",
    "TrustedPublisher",
]
