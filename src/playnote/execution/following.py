"""Reading a command's numbers while it runs: from standard output, a JSON-lines file, a CSV file or a logger's folder.

A file may be there already from an earlier attempt. What it held before the start is skipped, unless the
command writes the file anew; an unfinished last line waits for its rest.
"""

from __future__ import annotations

import contextlib
import csv
import select
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Protocol, final

from playnote.errors import WorkflowError
from playnote.recorder.stdout import STEP_NAMES, read_line
from playnote.records.project import Workflow
from playnote.space.hyperparameter import Value
from playnote.text import Text, same

Row = tuple[float | None, dict[str, float]]
_PAUSE = 0.05  # seconds between two looks
_REMEMBERED = 4096  # bytes by which a file is known again


class Follower(Protocol):
    """Where a running command's metrics come from."""

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Until there may be something new; a moment at most."""
        ...

    def read(self) -> Iterator[Row]:
        """(step, metrics) of what came since; the step is None where none was given."""
        ...


def follower_for(
    workflow: Workflow, values: Mapping[str, Value], stream: tuple[IO[bytes], IO[bytes]] | None
) -> Follower:
    """The follower of `[workflow] metrics`. Raises WorkflowError for a source that cannot be followed.

    stream  (the command's standard output, where to copy it), for "stdout"
    """
    kind, _, place = workflow.metrics.partition(":")
    path = Path(workflow.folder) / _filled(place, values)
    if kind in ("recorder", "stdout"):
        return Printed(*stream) if stream is not None else Nothing()
    if kind == "jsonl":
        return Grown(path, csv_columns=False)
    if kind == "csv":
        return Grown(path, csv_columns=True)
    if kind in ("tensorboard", "wandb-offline") and any(own in place for own in ("{trial}", "{folder}")):
        # Imported here: a command that prints its numbers needs no reader of other tools' files.
        from playnote.execution.following_loggers import Folder

        return Folder(path, kind)
    raise WorkflowError(
        Text(en="Metrics cannot be read from {kind} while a trial runs.", zh="试验运行时不能从 {kind} 读指标。").fill(
            kind=same(repr(workflow.metrics))
        ),
        fix=Text(
            en='Use "stdout", "jsonl:PATH", "csv:PATH", "tensorboard:runs/{trial}" or "wandb-offline:wandb/{trial}", or '
            "call `trial.log(step, ...)` and leave `metrics` out.",
            zh='请用 "stdout"、"jsonl:PATH"、"csv:PATH"、"tensorboard:runs/{trial}" 或 "wandb-offline:wandb/{trial}"，'
            "或在训练代码里调用 `trial.log(step, ...)` 并去掉 `metrics`。",
        ),
    )


@final
class Nothing:
    """The training code uses the recorder itself."""

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """A moment."""
        _pause(process)

    def read(self) -> Iterator[Row]:
        """Nothing."""
        return iter(())


@final
class Printed:
    """JSON lines on standard output; everything printed is copied to the attempt's output file."""

    def __init__(self, stream: IO[bytes], copy: IO[bytes]) -> None:
        self._stream, self._copy = stream, copy
        self._over = False
        self._rest = b""

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Until something is printed."""
        if self._over:
            _pause(process)
        else:
            select.select([self._stream], [], [], _PAUSE)

    def read(self) -> Iterator[Row]:
        """What was printed since, whole lines."""
        data = b""
        while not self._over and select.select([self._stream], [], [], 0)[0]:
            chunk = self._stream.read1(1 << 16)  # type: ignore[attr-defined]  # a pipe's buffered reader
            self._over = not chunk
            data += chunk
        self._copy.write(data)
        self._copy.flush()
        end = b"\n" if self._over and (self._rest or data) else b""
        *lines, self._rest = (self._rest + data + end).split(b"\n")
        for line in lines:
            row = read_line(line)
            if row is not None:
                yield row


@final
class Grown:
    """A file that grows: one JSON object a line, or a CSV table with a header."""

    def __init__(self, path: Path, *, csv_columns: bool) -> None:
        self._path, self._csv = path, csv_columns
        self._header: list[str] | None = None
        self._offset, self._end = 0, b""
        old = self._bytes(0)
        self._pass(old)
        if csv_columns and old:
            self._header = _cells(old.split(b"\n", 1)[0].decode("utf-8-sig", "replace"))

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """A moment."""
        _pause(process)

    def read(self) -> Iterator[Row]:
        """What was appended since, whole lines."""
        self._notice_rewriting()
        data = self._bytes(self._offset)
        end = data.rfind(b"\n") + 1
        self._pass(data[:end])
        for line in data[:end].decode("utf-8-sig", "replace").splitlines():
            row = self._columns(line) if self._csv else read_line(line)
            if row is not None and row[1]:
                yield row

    def _pass(self, data: bytes) -> None:
        """These bytes are read; their end is remembered, to know the file again."""
        self._offset += len(data)
        self._end = (self._end + data)[-_REMEMBERED:]

    def _notice_rewriting(self) -> None:
        if self._bytes(self._offset - len(self._end), self._offset) != self._end:
            self._offset, self._end, self._header = 0, b"", None

    def _columns(self, line: str) -> Row | None:
        cells = _cells(line)
        if self._header is None:
            self._header = cells
            return None
        numbers = {
            name: number
            for name, cell in zip(self._header, cells, strict=False)
            if (number := _number(cell)) is not None
        }
        steps = [numbers.pop(name) for name in STEP_NAMES if name in numbers]
        return (steps[0] if steps else None), numbers

    def _bytes(self, start: int, end: int | None = None) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                return file.read() if end is None else file.read(end - start)
        except OSError:
            return b""


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line]), [])]


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _filled(place: str, values: Mapping[str, Value]) -> str:
    for name, value in values.items():
        place = place.replace("{" + name + "}", str(value))
    return place


def _pause(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_PAUSE)
