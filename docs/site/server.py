"""Serves the built site on the loopback, below the path that GitHub Pages gives it."""

import http.server
import socketserver
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from docs.site.sources import POLICY

BASE = "/safepublish/"


class Server:
    """A server of *directory* on the loopback, from `with` on. With *port* 0 the system chooses one."""

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        """Bind the port."""
        self.requests: list[str] = []
        requests, below = self.requests, str(directory)

        class Handler(_Handler):
            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, directory=below, **options)

            def log_message(self, *_: object) -> None:
                requests.append(self.path)

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{BASE}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Return when the server ends, or a KeyboardInterrupt comes."""
        try:
            self._thread.join()
        except KeyboardInterrupt:
            return


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012 - the base class's own name
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def end_headers(self) -> None:
        # The same policy as in the pages, because a worker follows the header of its own script.
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def translate_path(self, path: str) -> str:
        """The file for *path*, which stands below `BASE`."""
        below = urlsplit(path).path
        return super().translate_path("/" + below.removeprefix(BASE) if below.startswith(BASE) else "/nothing-there")
