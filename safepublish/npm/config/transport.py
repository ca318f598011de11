"""How npm reaches a registry: proxies, certificate authorities, client certificates."""

from typing import NamedTuple

from safepublish.npm import url
from safepublish.npm.arguments import BLANKS, text
from safepublish.npm.config.layers import ORDER, Layers
from safepublish.npm.config.values import text_or_none

_PROXIES = frozenset(("https_proxy", "http_proxy", "proxy", "no_proxy"))


class Transport(NamedTuple):
    """How npm reaches a registry. May hold a proxy's password and a private key: no fact, and it does not show them."""

    proxy: str | None = None
    https_proxy: str | None = None
    noproxy: str = ""
    ca: tuple[str, ...] = ()  # PEM
    cafile: str | None = None  # wins over ca
    strict_ssl: bool = True
    cert: str | None = None  # PEM
    key: str | None = None  # PEM
    local_address: str | None = None
    fetch_timeout: int = 300000  # milliseconds
    extra_ca_certs: str | None = None  # NODE_EXTRA_CA_CERTS, a path
    environment_https_proxy: str | None = None
    environment_http_proxy: str | None = None
    environment_no_proxy: str | None = None
    routes: tuple[tuple[str, int], ...] | None = (
        None  # in a rehearsal: host:port to a port of loopback; others are not reached
    )

    def __repr__(self) -> str:
        return "Transport(…)"


def transport_of(layers: Layers, routes: tuple[tuple[str, int], ...] | None = None) -> Transport:
    """How npm reaches a registry; *routes* are those of a rehearsal."""
    proxies = {key.lower(): value for key, value in layers.env.items() if key.lower() in _PROXIES}
    ca, cafile = _authorities(layers)
    noproxy = layers.flat("noproxy")
    timeout = layers.flat("fetch-timeout")
    strict_ssl = layers.flat("strict-ssl")
    return Transport(
        proxy=text_or_none(layers.flat("proxy")),
        https_proxy=text_or_none(layers.flat("https-proxy")),
        noproxy=",".join(map(text, noproxy))
        if isinstance(noproxy, list)
        else noproxy
        if isinstance(noproxy, str)
        else "",
        ca=ca,
        cafile=cafile,
        strict_ssl=strict_ssl is not False,
        cert=text_or_none(layers.flat("cert")),
        key=text_or_none(layers.flat("key")),
        local_address=text_or_none(layers.flat("local-address")),
        fetch_timeout=int(timeout) if isinstance(timeout, (int, float)) else 300000,
        extra_ca_certs=layers.env.get("NODE_EXTRA_CA_CERTS") or None,
        environment_https_proxy=proxies.get("https_proxy") or None,
        environment_http_proxy=proxies.get("http_proxy") or proxies.get("proxy") or None,
        environment_no_proxy=proxies.get("no_proxy") or None,
        routes=routes,
    )


def _authorities(layers: Layers) -> tuple[tuple[str, ...], str | None]:
    """`ca` and `cafile` set the same thing; the last one wins, the layers from the lowest up."""
    ca: tuple[str, ...] = ()
    cafile = None
    for name in reversed(ORDER):
        for key, value in layers.layers[name].values.items():
            if key == "ca":
                ca = tuple(map(text, value)) if isinstance(value, list) else (value,) if isinstance(value, str) else ()
                cafile = None
            elif key == "cafile" and isinstance(value, str) and value:
                cafile = value
    return ca, cafile


def proxy_for(target: str, transport: Transport) -> str | None:
    """The proxy that npm uses for the URL *target*, or None (@npmcli/agent 2.2.2 to 5.0.2, lib/proxy.js)."""
    parsed = url.parse(target)
    if parsed is None:
        return None
    proxy = transport.https_proxy or transport.proxy or transport.environment_https_proxy
    if not proxy and parsed.scheme != "https":
        proxy = transport.environment_http_proxy
    if not proxy:
        return None
    host = parsed.hostname.split(".")[::-1]
    for each in (transport.noproxy or transport.environment_no_proxy or "").split(","):
        labels = [label for label in each.strip(BLANKS).split(".") if label][::-1]
        if labels and host[: len(labels)] == labels:
            return None
    return proxy
