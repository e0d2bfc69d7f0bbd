"""Which files an agent may name: those inside the project's folder, outside the record and outside the test split."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from playnote.connectors.choose import KINDS
from playnote.errors import InputError, RefusedError
from playnote.service.door import INSIDE, refused
from playnote.service.evidence import is_test, no_test, sees_test
from playnote.service.number_files import read_numbers
from playnote.service.session import Session
from playnote.text import Text

_SQLITE = "sqlite:///"


def numbers_inside(session: Session, given: str | Sequence[float | None]) -> list[float]:
    """Numbers, or those of a file of the project ("runs.csv:dev/error"). Raises RefusedError, InputError."""
    if not isinstance(given, str):
        return [math.nan if each is None else each for each in given]
    file, _, column = given.partition(":") if "://" not in given else (given, "", "")
    if column and is_test(column):
        raise no_test(column)
    place = _inside(session, file)
    found = read_numbers(f"{place}:{column}" if column else str(place))
    if found.faults:
        raise InputError(
            Text(en="{file} cannot be read as numbers.", zh="{file} 读不出数。").fill(file=given),
            fix=found.faults[0].fix,
            details=found.faults,
        )
    return found.numbers


def source_inside(session: Session, source: str, metric: str | None = None) -> str:
    """A source for `review`, with its absolute path. Raises RefusedError for anything elsewhere, or the test split."""
    if metric and (is_test(metric) or sees_test(metric, session.state())):
        raise no_test(metric)
    kind, colon, rest = source.partition(":")
    named = bool(colon) and kind in {each.name for each in KINDS}
    path = rest if named else source
    for scheme in (_SQLITE, "sqlite:"):
        path = path.removeprefix(scheme)
    place = str(_inside(session, path))
    return f"{kind}:{place}" if named else place


def _inside(session: Session, path: str) -> Path:
    root = Path(session.project.folder).resolve()
    if "://" in path or "\0" in path:
        raise _outside(path)
    place = (root / path).resolve()  # follows links: one that leads out is outside
    if not place.is_relative_to(root) or place.is_relative_to(session.home.resolve()):
        raise _outside(path)
    test = session.project.splits.get("test")
    held = [] if test is None or not test.ids else [(root / test.ids).resolve()]
    if place in held or is_test(str(place.relative_to(root))):
        raise no_test(path)
    return place


def _outside(path: str) -> RefusedError:
    return refused(
        "outside",
        INSIDE,
        Text(en="{path!r} is not a file of this project.", zh="{path!r} 不是本项目里的文件。").fill(path=path[:200]),
        fix=Text(
            en="Name a file inside the project's folder; a person can copy others there.",
            zh="给出项目目录里的文件；别处的文件由人复制进来。",
        ),
    )
