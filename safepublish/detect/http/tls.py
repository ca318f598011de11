"""npm's TLS settings: which authorities are trusted, and which client certificate is presented."""

import functools
import re
import threading
from typing import TYPE_CHECKING

from safepublish.detect.files import UnreadableError, read_bytes
from safepublish.detect.http.deadline import Deadline
from safepublish.detect.http.errors import UnreachableError
from safepublish.detect.http.target import Target
from safepublish.npm.config.transport import Transport

if TYPE_CHECKING:
    import socket
    import ssl

_LARGEST_CA = 4 * 1024 * 1024  # bytes
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_LOADING = threading.Lock()  # loading the system's certificates costs 50 ms: once is enough, and not in every thread


def encrypt(sock: "socket.socket", target: Target, deadline: Deadline, transport: Transport) -> "ssl.SSLSocket":
    """Return *sock* after the TLS handshake with *target*; raises `UnreachableError`."""
    import ssl  # only for https

    try:
        with _LOADING:
            context = _context(
                transport.ca,
                transport.cafile,
                transport.extra_ca_certs,
                transport.cert,
                transport.key,
                strict=transport.strict_ssl,
            )
        deadline.arm(sock)
        # Bytes, since Python maps a text by IDNA 2003, which is not what Node does.
        return context.wrap_socket(sock, server_hostname=target.host.encode("ascii"))
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message or "the certificate is not trusted"
        raise UnreachableError(f"TLS: the certificate of {target.authority} is not trusted: {why}") from error
    except ssl.SSLError as error:
        reason = (error.reason or "handshake failed").replace("_", " ").lower()
        raise UnreachableError(f"TLS with {target.authority} fails: {reason}") from error


@functools.lru_cache(maxsize=4)
def _context(
    ca: tuple[str, ...], cafile: str | None, extra: str | None, cert: str | None, key: str | None, *, strict: bool
) -> "ssl.SSLContext":
    """Return what npm's TLS settings mean here; raises `ssl.SSLError` and `UnreachableError`.

    `cafile` wins over `ca`, and either replaces the known authorities, NODE_EXTRA_CA_CERTS adds to them
    (@npmcli/config, definitions.js, `cafile`; Node's `tls.createSecureContext`).
    """
    import ssl  # only for https

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks names and certificates, and no stricter than Node does
    context.set_alpn_protocols(["http/1.1"])
    own = _certificates(_read(cafile)) if cafile else ""
    own = own or _certificates("\n".join(ca))
    if own:
        context.load_verify_locations(cadata=own)
    else:
        context.load_default_certs()
        added = _certificates(_read(extra)) if extra else ""
        if added:
            context.load_verify_locations(cadata=added)
    if not strict:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert and key:
        _present(context, cert, key)
    return context


def _certificates(text: str) -> str:
    return "\n".join(_CERTIFICATE.findall(text))


def _read(path: str) -> str:
    """Return the file's text, or "" when it cannot be read, as npm does for a `cafile` (definitions.js, maybeReadFile).

    A pipe is not waited for, and npm must be the first to read it.
    """
    try:
        return read_bytes(path, _LARGEST_CA, truncate=True).decode("latin-1")
    except (OSError, ValueError, UnreadableError):
        return ""


def _present(context: "ssl.SSLContext", cert: str, key: str) -> None:
    """Load a client certificate. The ssl module takes it from files only, so they exist for as long as that takes."""
    import tempfile  # client certificates are rare

    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name, text in (("cert", cert), ("key", key)):
            paths.append(f"{directory}/{name}")
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        try:
            context.load_cert_chain(paths[0], paths[1], password=_no_password)
        except (OSError, ValueError) as error:
            raise UnreachableError("the client certificate in npm's `cert` and `key` cannot be loaded") from error


def _no_password() -> str:
    """Answer the question for the key's passphrase, which would otherwise be asked on the terminal."""
    return ""
