"""Files between the runner and a node that shares no disk with it: the training code out, a trial's files both ways.

The log of an attempt travels as `LogLines`; everything else in a trial's folder (checkpoints, predictions, what
was printed) travels as pieces of files, each written whole or not at all on arrival. The index of checkpoints
goes last, so that it never names a file that has been left behind; it waits, too, for the lines that were logged
before it: a node that dies in between must not leave a checkpoint to go on from and a gap in the curve.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import final

from playnote.errors import LedgerError, WorkflowError
from playnote.recorder.checkpoints import INDEX
from playnote.text import Text, same

_PIECE = 8 << 20  # bytes of one piece
_LARGEST_CODE = 64 << 20  # bytes of training code that are sent to a node
_NOT_CODE = {"__pycache__", "node_modules"}  # and every folder or file with a hidden name


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file: its name in the trial's folder, where it begins, its bytes, whether it is the last."""

    name: str
    offset: int
    data: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """A file that was there and is not any more (a checkpoint no longer among the best)."""

    name: str


@final
@dataclass(slots=True)
class Outbox:
    """What is new in a trial's folder on the node since the last look; what came with the job is not."""

    folder: Path
    but: str  # the log of the attempt, which travels by itself
    _sent: dict[str, tuple[int, int]] = field(default_factory=dict)
    _held: list[Piece | Gone] = field(default_factory=list)

    def mark(self) -> None:
        """What lies there now is known to the runner."""
        self._sent = dict(self._found())

    def look(self) -> Iterator[Piece]:
        """New and changed files. The index of checkpoints, and what it no longer names, is held until `release`."""
        found = dict(self._found())
        new = [name for name in found if self._sent.get(name) != found[name]]
        index = list(_pieces(self.folder / INDEX, INDEX)) if INDEX in new else []
        for name in sorted(new):
            if name != INDEX:
                yield from _pieces(self.folder / name, name)
        self._held += [*index, *(Gone(name) for name in self._sent.keys() - found.keys())]
        self._sent = found

    def release(self) -> Iterator[Piece | Gone]:
        """What was held: for the moment when the lines that were logged before the last look are on their way."""
        while self._held:  # no `yield from` a list: Ray sends into its generators, and a list takes nothing
            yield self._held.pop(0)

    def _found(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if name != self.but and not _hidden(Path(name)) and path.is_file():
                state = path.stat()
                yield name, (state.st_mtime_ns, state.st_size)


def contents(folder: Path) -> list[Piece]:
    """The files that an attempt may go on from: everything but logs and hidden drafts."""
    if not folder.is_dir():
        return []
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [p for name in names if not _hidden(Path(name)) and not _own(name) for p in _pieces(folder / name, name)]


def take_in(folder: Path, news: Piece | Gone) -> None:
    """Put a piece where it belongs; the file appears under its name with its last piece. Raises LedgerError."""
    path = (folder / news.name).resolve()
    if not path.is_relative_to(folder.resolve()):  # a node writes into its trial's folder and nowhere else
        return
    try:
        if isinstance(news, Gone):
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.arriving")
        with draft.open("wb" if news.offset == 0 else "ab") as file:
            file.write(news.data)
        if news.last:
            draft.replace(path)
    except OSError as error:
        raise LedgerError(
            Text(en="{path} cannot be written: {why}.", zh="无法写入 {path}：{why}。").fill(
                path=same(str(path)), why=same(error.strerror or str(error))
            ),
            fix=Text(en="Make the folder writable, or free some space.", zh="请让该文件夹可写，或腾出磁盘空间。"),
        ) from error


def pack_code(folder: Path) -> bytes:
    """The files of the project's folder as a zip, hidden ones left out. Raises WorkflowError where they are too large."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        size = 0
        for path in _code(folder):
            size += path.stat().st_size
            if size > _LARGEST_CODE:
                raise _too_large(folder)
            archive.write(path, path.relative_to(folder))
    return kept.getvalue()


def unpack_code(code: bytes, folder: Path) -> None:
    """Lay the code out on the node."""
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        archive.extractall(folder)


def _code(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _NOT_CODE)
        yield from (Path(place) / name for name in sorted(files) if not name.startswith("."))


def _pieces(path: Path, name: str) -> Iterator[Piece]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return  # dropped between the look and the reading
    for at in range(0, max(len(data), 1), _PIECE):
        yield Piece(name, at, data[at : at + _PIECE], at + _PIECE >= len(data))


def _hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _own(name: str) -> bool:
    """Whether a file belongs to one earlier attempt alone."""
    return any(fnmatch(name, pattern) for pattern in ("attempt-*.jsonl", "output-*.txt", "end-*.json"))


def _too_large(folder: Path) -> WorkflowError:
    return WorkflowError(
        Text(
            en="{folder} holds more than {n} MB, too much to send to a node that does not see it.",
            zh="{folder} 超过 {n} MB，无法发到看不到该文件夹的节点。",
        ).fill(folder=same(str(folder)), n=_LARGEST_CODE >> 20),
        fix=Text(
            en="Keep data outside the project's folder, or put the folder on a disk that every node sees.",
            zh="请把数据放到项目文件夹之外，或把项目放到每个节点都能看到的磁盘上。",
        ),
    )
