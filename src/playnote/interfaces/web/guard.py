"""Who gets in: this machine, this page, with the token; everything else is refused before any page is asked.

The threats are a page of somebody else's in the same browser (cross-site requests, DNS rebinding,
framing), another user of the same machine, and text in trials that would like to be script. Hence: the
Host must be ours, the Origin must be ours wherever one is sent and must be sent with every POST, the token
of the printed address is exchanged once for a cookie that other sites cannot use, every form carries a
token of its own, bodies are small and must arrive in time, and the policy lets no script run but our files.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 262_144  # bytes of a body
PATIENCE = 10.0  # seconds for a body to arrive
CSRF_FIELD, CSRF_HEADER = "csrf", b"x-playnote-csrf"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_ENTERED = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Playnote</title>
<link rel="icon" href="data:,"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=/"></head>
<body><p><a href="/">Playnote</a></p></body></html>"""
_REFUSED = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Playnote</title><link rel="icon" href="data:,"></head>
<body><h1>{status}</h1><p>{en}</p><p lang="zh-CN">{zh}</p></body></html>"""
_WHY = {
    "host": (403, "This address is not the one Playnote was started at.", "这个地址不是 Playnote 启动时的地址。"),
    "origin": (403, "Another site asked for this.", "这个请求来自别的网站。"),
    "token": (
        403,
        "Open the address that `playnote serve` printed: it carries the token.",
        "请打开 `playnote serve` 打印的地址，令牌在里面。",
    ),
    "csrf": (403, "The form is not from this page. Load the page again.", "表单不是这个页面发出的，请重新载入页面。"),
    "method": (405, "Only GET, HEAD and POST are answered.", "只接受 GET、HEAD 和 POST。"),
    "large": (413, "That is more than a form of these pages can hold.", "超出了这些页面的表单能装的大小。"),
    "slow": (408, "The request did not arrive in time.", "请求没有按时收完。"),
    "head": (400, "The request cannot be read.", "请求读不懂。"),
}


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens the door: the token of the printed address, the cookie it is exchanged for, the forms' token."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@final
class Guard:
    """Wraps the pages. `hosts` are the only values of Host that are answered ("127.0.0.1:7700")."""

    def __init__(self, app: ASGIApp, keys: Keys, hosts: Iterable[str]) -> None:
        self._app, self._keys = app, keys
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: refused, let in with the token, or handed on."""
        if scope["type"] != "http":
            return
        send = _with_headers(send)
        why = self._refusal(scope)
        if why is None and self._brings_token(scope):
            await _answer(send, 200, _ENTERED, self._cookie(scope))
        elif why is None and not self._knows(scope):
            await refuse(send, "token")
        elif why is not None:
            await refuse(send, why)
        elif scope["method"] == "POST":
            await self._post(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return "method"
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0].decode("latin-1").lower() not in self._hosts:
            return "host"
        origins = [each.decode("latin-1").lower() for each in _values(scope, b"origin")]
        if len(origins) > 1 or any(each not in self._origins for each in origins):
            return "origin"
        if scope["method"] == "POST" and not origins:
            return "origin"
        return None

    def _brings_token(self, scope: Scope) -> bool:
        if scope["method"] != "GET" or scope["path"] != "/":
            return False
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        return len(given) == 1 and _same(given[0], self._keys.token)

    def _knows(self, scope: Scope) -> bool:
        for value in _values(scope, b"cookie"):
            try:
                held = SimpleCookie(value.decode("latin-1"))
            except CookieError:
                continue
            name = cookie_name(scope)
            if name in held and _same(held[name].value, self._keys.cookie):
                return True
        return False

    def _cookie(self, scope: Scope) -> dict[str, str]:
        words = f"{cookie_name(scope)}={self._keys.cookie}; HttpOnly; SameSite=Strict; Path=/"
        return {"set-cookie": words, "referrer-policy": "no-referrer"}

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, within bounds, before anything looks at it."""
        try:
            async with asyncio.timeout(PATIENCE):
                body = await _body(scope, receive)
        except TimeoutError:
            await refuse(send, "slow")
            return
        if body is None:
            await refuse(send, "large")
        elif not self._own_form(scope, body):
            await refuse(send, "csrf")
        else:
            await self._app(scope, _replay(body, receive), send)

    def _own_form(self, scope: Scope, body: bytes) -> bool:
        given = [each.decode("latin-1") for each in _values(scope, CSRF_HEADER)]
        if not given:
            try:
                given = parse_qs(body.decode("utf-8"), max_num_fields=1000).get(CSRF_FIELD, [])
            except ValueError:
                return False
        return len(given) == 1 and _same(given[0], self._keys.csrf)


def cookie_name(scope: Scope) -> str:
    """Two servers on one machine share a host; their cookies must not."""
    server: Any = scope.get("server")
    return f"playnote-{server[1] if server else 0}"


async def refuse(send: Send, why: str) -> None:
    """A short page that says why, in both languages."""
    status, en, zh = _WHY[why]
    headers = {"connection": "close"} if why in ("large", "slow") else {}
    await _answer(send, status, _REFUSED.format(status=status, en=en, zh=zh).encode(), headers)


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    pairs = {"content-type": "text/html; charset=utf-8", "content-length": str(len(body)), **headers}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in pairs.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """None where it is larger than allowed."""
    announced = _values(scope, b"content-length")
    if announced and (not announced[0].isdigit() or int(announced[0]) > LARGEST):
        return None
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    left = [body]

    async def once() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return once


def _with_headers(send: Send) -> Send:
    """Every response carries the policy, unless the page brings a stricter one of its own."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            held = {name.lower() for name, _ in message["headers"]}
            more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in held]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return sent


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _same(given: str, held: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), held.encode())
