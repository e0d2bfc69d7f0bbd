"""The server: on this machine alone, in one process, with clocks on clients that dawdle."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

from playnote.errors import InputError, MissingExtraError
from playnote.text import Text, same

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError as _missing:  # the extra is not installed: said when the server is asked for
    raise MissingExtraError(
        Text(en="The pages need the extra `dashboard`.", zh="网页需要 `dashboard` 这个可选组件。"),
        fix=Text(en="pip install 'playnote[dashboard]'", zh="pip install 'playnote[dashboard]'"),
    ) from _missing

LOOPBACK = "127.0.0.1"
HEAD_PATIENCE = 10.0  # seconds from the first byte (or the connection) to a whole request head
MOST_CLIENTS = 128


@final
class PatientProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection on which no whole request head arrived in time."""

    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base class has it
        """Start the clock."""
        super().connection_made(transport)
        self._clock = self.loop.call_later(HEAD_PATIENCE, self._too_slow)

    def handle_events(self) -> None:
        """Stop the clock once a request is whole; start it where the next has begun."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop()
        elif self._clock is None and self.cycle is not None and self.cycle.response_complete:
            self._clock = self.loop.call_later(HEAD_PATIENCE, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """No clock outlives its connection."""
        self._stop()
        super().connection_lost(exc)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _too_slow(self) -> None:
        self._clock = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


def listen(port: int) -> socket.socket:
    """A socket on this machine alone; `port` 0 takes a free one. Raises InputError where the port is taken."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((LOOPBACK, port))
    except OSError as error:
        found.close()
        raise InputError(
            Text(en="Port {port} cannot be used: {why}.", zh="端口 {port} 用不了：{why}。").fill(
                port=port, why=same(error.strerror or str(error))
            ),
            fix=Text(en="Leave --port out, or name another.", zh="去掉 --port，或者换一个端口。"),
        ) from error
    found.listen(MOST_CLIENTS)
    return found


def server_of(app: Any) -> uvicorn.Server:
    """The server for these pages; run it with the socket."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CLIENTS,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=1,
        )
    )


def serve(folder: Path, *, port: int = 0, show: Callable[[str], None], open_browser: bool = True) -> None:
    """Serve a project's pages until Ctrl-C. `show` is called once with the address that lets a browser in."""
    from playnote.interfaces.web.app import app_of
    from playnote.interfaces.web.guard import Keys

    logging.getLogger("uvicorn.error").addFilter(_not_the_end)
    listening = listen(port)
    keys, taken = Keys(), listening.getsockname()[1]
    address = f"http://{LOOPBACK}:{taken}/?token={keys.token}"
    try:
        server = server_of(app_of(folder, keys, taken))
        show(address)
        if open_browser and _has_screen():
            webbrowser.open(address)
        server.run(sockets=[listening])
    finally:
        listening.close()


def _not_the_end(record: logging.LogRecord) -> bool:
    """Pages that follow a round are cut off when the server ends; that is no fault to be told of."""
    return "without completing response" not in record.getMessage()


def _has_screen() -> bool:
    """Without one a browser would open inside the terminal and hold it."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
