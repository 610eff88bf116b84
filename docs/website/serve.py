"""Show the built website on this machine: `make site-serve PORT=8000`."""

from __future__ import annotations

import os
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
PORT = "8000"


class Quiet(SimpleHTTPRequestHandler):
    """Gives out files, and prints no line for each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder that only this machine can reach; 0: any port."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=folder))


def main(site: Path = SITE) -> int:
    """Serve the site until Ctrl-C; return the exit status."""
    if not (site / "index.html").exists():
        print(f"mmcourse: {site} holds no site; build it: make site", file=sys.stderr)
        return 1
    wanted = os.environ.get("PORT") or PORT
    if not wanted.isdigit() or int(wanted) > 65535:
        print(
            f"mmcourse: PORT={wanted} is no port; use a number such as {PORT}.",
            file=sys.stderr,
        )
        return 1
    try:
        server = serve(site, int(wanted))
    except OSError as problem:
        print(
            f"mmcourse: port {wanted} can't be had ({problem.strerror}); choose "
            "another: make site-serve PORT=8010",
            file=sys.stderr,
        )
        return 1
    with server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"mmcourse: open {address}; Ctrl-C here ends it", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
