"""The stream behind the page of a running round: server-sent events, one reader a page, read in a thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from playnote.errors import MissingExtraError, PlaynoteError
from playnote.service.live import Follower
from playnote.service.session import open_project
from playnote.text import Text

try:
    from sse_starlette.sse import EventSourceResponse
except ImportError as _missing:
    raise MissingExtraError(
        Text(en="The pages need the extra `dashboard`.", zh="网页需要 `dashboard` 这个可选组件。"),
        fix=Text(en="pip install 'playnote[dashboard]'", zh="pip install 'playnote[dashboard]'"),
    ) from _missing

_EVERY = 0.3  # seconds between two looks at the sizes of the files
_AT_LEAST = 0.5  # seconds between two messages, so that many trials cost no more than few


def stream(follower: Follower, headers: dict[str, str]) -> Response:
    """Everything once, then what is new, until the round is over."""
    return EventSourceResponse(_events(follower), headers=headers, ping=20, send_timeout=30)


async def follower_of(folder: Path, number: int | None) -> Follower:
    """A reader of the round, with a ledger of its own; raises NotFoundError where there is none."""
    return await run_in_threadpool(lambda: Follower(open_project(folder), number))


async def _events(follower: Follower) -> AsyncIterator[dict[str, Any]]:
    try:
        yield _message("news", await run_in_threadpool(follower.look))
        while not follower.over:
            await asyncio.sleep(_EVERY)
            if await run_in_threadpool(follower.moved):
                yield _message("news", await run_in_threadpool(follower.look))
                await asyncio.sleep(_AT_LEAST - _EVERY)
    except PlaynoteError as error:
        yield _message("trouble", error.as_json())
    yield _message("over", {})


def _message(kind: str, data: Any) -> dict[str, Any]:
    return {"event": kind, "data": json.dumps(data, ensure_ascii=False, allow_nan=False)}
