"""Proxies and private authorities as npm takes them: a TLS registry and a proxy on loopback, npm beside the guard."""

import base64
import json
import ssl
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from safepublish.rehearsal import GitHubJob, Registry
from tests.support import wire, world

GUARD = [sys.executable, "-m", "safepublish", "check", "--format=json", "--deadline=20"]
USER = base64.b64encode(b"user:pass")

Make = Callable[..., world.Loopback]


class Settings(NamedTuple):
    """What is set: variables, and lines of the user's .npmrc. {ca} is a file, {pem} its text, {proxy} a port."""

    env: Mapping[str, str] = {}
    npmrc: str = ""
    password: bool = False  # the proxy wants one


SETTINGS: dict[str, Settings] = {
    "no authority": Settings(),
    "cafile": Settings(npmrc="cafile={ca}"),
    "cafile in the environment": Settings({"npm_config_cafile": "{ca}"}),
    "another cafile": Settings(npmrc="cafile={other}"),
    "a cafile that is not there": Settings(npmrc="cafile={ca}.gone"),
    "ca": Settings(npmrc='ca="{pem}"'),
    "ca, of two": Settings(npmrc='ca[]="{other-pem}"\nca[]="{pem}"'),
    "NODE_EXTRA_CA_CERTS": Settings({"NODE_EXTRA_CA_CERTS": "{ca}"}),
    "another cafile, and NODE_EXTRA_CA_CERTS": Settings({"NODE_EXTRA_CA_CERTS": "{ca}"}, "cafile={other}"),
    "strict-ssl=false": Settings(npmrc="strict-ssl=false"),
    "https-proxy": Settings(npmrc="cafile={ca}\nhttps-proxy=http://127.0.0.1:{proxy}"),
    "HTTPS_PROXY": Settings({"HTTPS_PROXY": "http://127.0.0.1:{proxy}"}, "cafile={ca}"),
    "proxy alone, for https": Settings(npmrc="cafile={ca}\nproxy=http://127.0.0.1:{proxy}"),
    "noproxy": Settings(npmrc="cafile={ca}\nhttps-proxy=http://127.0.0.1:{proxy}\nnoproxy=localhost"),
    "NO_PROXY": Settings({"HTTPS_PROXY": "http://127.0.0.1:{proxy}", "NO_PROXY": "localhost"}, "cafile={ca}"),
    "a proxy with the password": Settings(
        npmrc="cafile={ca}\nhttps-proxy=http://user:pass@127.0.0.1:{proxy}", password=True
    ),
    "a proxy without the password": Settings(npmrc="cafile={ca}\nhttps-proxy=http://127.0.0.1:{proxy}", password=True),
    "a proxy that is not there": Settings(npmrc="cafile={ca}\nhttps-proxy=http://127.0.0.1:9"),
}


ALWAYS = ("another cafile", "https-proxy", "a proxy without the password")


@pytest.mark.parametrize("name", world.some(SETTINGS, *ALWAYS))
def test_the_guard_reaches_the_registry_where_and_as_npm_does(make_loopback: Make, tmp_path: Path, name: str) -> None:
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    loopback = make_loopback(Registry({"hello-oidc": world.HELLO}, job=GitHubJob(visibility="private")), tls=context)
    settings = SETTINGS[name]
    words = {"{ca}": str(tmp_path / "ca.pem"), "{other}": str(tmp_path / "other.pem")}
    for key, one in (("{ca}", authority), ("{other}", other)):
        Path(words[key]).write_bytes(one.cert_pem.bytes())
    words["{pem}"], words["{other-pem}"] = (
        one.cert_pem.bytes().decode().strip().replace("\n", "\\n") for one in (authority, other)
    )
    with wire.serving(wire.forwarding(USER if settings.password else None)) as proxy:
        words["{proxy}"] = str(proxy.port)

        def filled(text: str) -> str:
            for key, value in words.items():
                text = text.replace(key, value)
            return text

        # By name: behind a proxy npm checks the certificate of an address against `localhost` (https-proxy-agent 7).
        url = loopback.url.replace("127.0.0.1", "localhost")
        (loopback.home / ".npmrc").write_text(f"registry={url}\n{filled(settings.npmrc)}\n")
        # The identity is at hand: its endpoint is asked without npm's own settings.
        more = {key: filled(value) for key, value in settings.env.items()}
        more["NPM_ID_TOKEN"] = loopback.registry.id_token("npm:localhost")
        env, project = loopback.environment(more=more), loopback.project()
        looked = loopback.run(GUARD, cwd=project, env=env)
        asked = len(proxy.received)
        through = any(one.startswith(b"CONNECT") for one in proxy.received)
        npm = loopback.run_npm(cwd=project, env=env)
        npms = any(one.startswith(b"CONNECT") for one in proxy.received[asked:])
    (package,) = json.loads(looked.stdout)["packages"]
    reached = any(one.endpoint == "exchange" and one.status == 201 for one in looked.received)
    assert (reached, through) == (npm.returncode == 0, npms), (package, npm.stderr)
    assert package["verdict"] != "refuse" or npm.returncode != 0
