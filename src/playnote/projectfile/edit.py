"""Changing `playnote.toml` without losing a comment: the changed file is checked, then put in place in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from playnote.errors import InputError
from playnote.projectfile.read import FILE, parse_project
from playnote.records.project import Project
from playnote.text import Text

Place = str | tuple[str, ...]


def edit(path: Path | str, changes: Mapping[Place, Any]) -> Project:
    """Apply changes to the project file and return the project it then declares.

    path     the file, or its folder
    changes  new value by place: {"hyperparameters.lr.high": 3.0}; None removes. A name that holds a dot
             is given as a tuple: ("hyperparameters", "adam.lr", "high")

    Comments, order and layout stay. Raises ProjectFileError, and writes nothing, where the
    changed file would have a fault. The file is replaced in one step: it is the old one or the new one, even after a
    power cut.
    """
    file = Path(path)
    file = file / FILE if file.is_dir() else file
    content = changed(file.read_bytes(), changes)
    project = parse_project(content, file.absolute().parent, name=file.name)
    replace_file(file, content)
    return project


def changed(content: bytes, changes: Mapping[Place, Any]) -> bytes:
    """The content of a file after the changes. A file that is no TOML comes back as it is: reading it reports why."""
    try:
        document = tomlkit.parse(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, TOMLKitError):
        return content
    for place, value in changes.items():
        _put(document, tuple(place.split(".")) if isinstance(place, str) else place, value)
    return tomlkit.dumps(document).encode()


def _put(document: Any, place: tuple[str, ...], value: Any) -> None:
    holder = document
    for number, key in enumerate(place[:-1]):
        if key not in holder:
            if value is None:
                return
            # A section of the file gets a header of its own, anything deeper stands in braces.
            holder[key] = tomlkit.table() if number == 0 else tomlkit.inline_table()
        holder = holder[key]
        if not isinstance(holder, dict):
            raise InputError(
                Text(en="{place} is a value, not a table.", zh="{place} 是一个值，不是表。").fill(
                    place=".".join(place[: number + 1])
                ),
                fix=Text(en="Name the place of a value.", zh="请写出某个值的位置。"),
            )
    if value is None:
        holder.pop(place[-1], None)
    else:
        holder[place[-1]] = _item(value)


def _item(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return list(value) if isinstance(value, tuple) else value
    table = tomlkit.inline_table()
    table.update({key: _item(each) for key, each in value.items()})
    return table


def replace_file(file: Path, content: bytes) -> None:
    """Put the content in place in one step: a new file beside it, flushed to disk, then renamed over it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".new")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            new.chmod(file.stat().st_mode)
        else:
            new.chmod(0o644)
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
