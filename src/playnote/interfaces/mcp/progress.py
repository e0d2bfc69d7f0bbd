"""Progress of a job while a call waits for it: sent to a client that asked to be told, and to no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from playnote.errors import PlaynoteError
from playnote.interfaces.mcp.calls import Door
from playnote.service.jobs import job_status
from playnote.service.session import open_project

EVERY = 1.0  # seconds between two looks at a job
T = TypeVar("T")
Told = tuple[int, int | None]  # trials that have ended, of how many


def progress_of(door: Door, tool: str, arguments: dict[str, Any]) -> Told | None:
    """How far the job is that a call of `status` waits for; None for every other call and for a job that is not there."""
    name = arguments.get("job")
    if tool != "status" or not isinstance(name, str) or not arguments.get("wait_s"):
        return None
    try:
        found = job_status(open_project(door.folder), name)
    except PlaynoteError:
        return None
    return (int(found["done"] or 0) + int(found["failed"] or 0), found["total"])


async def watched(asked: Awaitable[T], context: Any, look: Callable[[], Told | None]) -> T:
    """The answer; until it comes, what `look` says is sent whenever it is another than before."""
    waits, told = asyncio.ensure_future(asked), None
    if getattr(context, "meta", None) and context.meta.get("progress_token") is not None:
        while not waits.done():
            now = await asyncio.to_thread(look)
            if now is None:
                break
            if now != told:
                await context.session.report_progress(float(now[0]), now[1])
                told = now
            await asyncio.wait([waits], timeout=EVERY)
    return await waits
