"""Looking after the record: rebuild the cache, and what `doctor` finds."""

from __future__ import annotations

import platform
import sqlite3
from importlib import metadata

from playnote.ledger import Ledger
from playnote.records.settings import DEFAULTS, TABLE, Settings
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, finite

EXTRAS = ("optuna", "torch", "starlette", "mcp", "ray", "submitit", "vl-convert-python", "cleanlab")


def rebuild(session: Session, actor: str = PERSON) -> Json:
    """Make the cache anew from journal and logs; how many trials it holds, and what could not be read."""
    with session.writing(actor) as ledger:
        trials = ledger.rebuild()
        damage = ledger.damage()
    return {
        "trials": trials,
        "damage": [
            {"file": each.file, "offset": each.offset, "bytes": each.bytes, "kind": each.kind} for each in damage
        ],
    }


def doctor(session: Session | None = None) -> Json:
    """The environment and, inside a project, the health of its record."""
    damage = Ledger.open(session.home).damage() if session is not None else ()
    return {
        "playnote": metadata.version("playnote"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        # The race between several writers is mended from 3.51.3; one writer at a time does not meet it.
        "sqlite_many_writers_safe": tuple(map(int, sqlite3.sqlite_version.split("."))) >= (3, 51, 3),
        "extras": {name: _version(name) for name in EXTRAS},
        "damage": [{"file": each.file, "kind": each.kind, "bytes": each.bytes} for each in damage],
    }


def settings_table(session: Session | None = None) -> Json:
    """Every threshold in force, with unit, source and reason."""
    settings: Settings = session.project.settings if session is not None else DEFAULTS
    return {
        "settings": [
            {
                "name": row.name,
                "value": settings[row.name],
                "default": finite(row.value),
                "unit": row.unit,
                "source": "project" if row.name in settings.overrides else row.source,
                "reason": row.reason,
            }
            for row in TABLE.values()
        ]
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
