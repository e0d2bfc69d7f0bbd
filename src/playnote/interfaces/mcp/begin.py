"""Beginning: the only way in that does not need the extra to be installed; it says how to get it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playnote.errors import MissingExtraError
from playnote.interfaces.mcp.calls import Door
from playnote.service.session import Session
from playnote.text import Language, Text


def begin(session: Session, language: Language) -> None:
    """Serve the project until standard input ends. Raises MissingExtraError without the extra `mcp`."""
    try:
        from playnote.interfaces.mcp.server import serve
    except ImportError as error:
        raise MissingExtraError(
            Text(en="`playnote mcp` needs the package mcp.", zh="`playnote mcp` 需要 mcp 这个包。"),
            fix=Text(en="pip install 'playnote[mcp]'", zh="pip install 'playnote[mcp]'"),
        ) from error
    asyncio.run(serve(Door(Path(session.project.folder), language)))
