"""What the records of a W&B run say: settings, rows of history, summary, goals, and how it ended.

Field numbers: Record 2 history, 3 summary, 5 config, 12 metric, 17 run, 18 exit; HistoryRecord 1 item, 2 step
(1 number); items 1 key, 2 nested key, 4 truth value, 5 whole number (zigzag), 6 number, 7 text, 8 and 16 JSON;
ConfigRecord and SummaryRecord 1 update, 2 remove (1 key, 2 nested key, 16 JSON); MetricRecord 1 name, 8 goal;
RunRecord 1 id, 4 config, 5 summary, 8 name, 17 start time (1 seconds); RunExitRecord 1 exit code, 2 runtime.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from playnote.connectors.protobuf import Field, double, fields, signed, text
from playnote.errors import SourceError
from playnote.records.objective import Direction

_OWN = "_"  # W&B's own settings and series begin so: _wandb, _runtime, _timestamp
_GOALS: dict[int, Direction] = {1: "minimize", 2: "maximize"}
_DEEPEST = 20  # levels of settings inside settings


@dataclass
class RunLog:
    """One run, as far as its records were taken.

    rows     (step, {metric: value}) in the order of writing, values as they were logged
    goals    which way is better, by metric, where `define_metric` said it
    exit     the exit code, None where the run has no end
    broken   records that could not be read
    """

    id: str = ""
    name: str = ""
    config: dict[str, object] = field(default_factory=dict)
    summary: dict[str, object] = field(default_factory=dict)
    rows: list[tuple[float, dict[str, object]]] = field(default_factory=list)
    goals: dict[str, Direction] = field(default_factory=dict)
    started: float | None = None
    seconds: float | None = None
    exit: int | None = None
    broken: int = 0

    def take(self, record: bytes) -> None:
        """One record more; one that cannot be read is counted."""
        try:
            for each in fields(record):
                self._part(record, each)
        except SourceError:
            self.broken += 1

    def _part(self, data: bytes, part: Field) -> None:
        if part.kind != 2:
            return
        if part.number == 2:
            self._row(data, part)
        elif part.number == 3:
            _change(self.summary, data, part)
        elif part.number == 5:
            _change(self.config, data, part)
        elif part.number == 12:
            self._goal(data, part)
        elif part.number == 17:
            self._run(data, part)
        elif part.number == 18:
            self._exit(data, part)

    def _row(self, data: bytes, history: Field) -> None:
        row: dict[str, object] = {}
        step: float | None = None
        for each in fields(data, history.start, history.end):
            if each.number == 1 and each.kind == 2:
                path, value = _item(data, each)
                if path and path[0] == "_step" and isinstance(value, int | float):
                    step = float(value)
                elif path and not path[0].startswith(_OWN):
                    row.update(_numbers(".".join(path), value))
            elif each.number == 2 and each.kind == 2:
                numbers = [f.value for f in fields(data, each.start, each.end) if f.number == 1 and f.kind == 0]
                step = float(signed(numbers[-1])) if numbers else 0.0
        self.rows.append((float(len(self.rows)) if step is None else step, row))

    def _goal(self, data: bytes, metric: Field) -> None:
        name, goal = "", 0
        for each in fields(data, metric.start, metric.end):
            if each.number == 1 and each.kind == 2:
                name = text(data, each)
            elif each.number == 8 and each.kind == 0:
                goal = each.value
        if name and goal in _GOALS:
            self.goals[name] = _GOALS[goal]

    def _run(self, data: bytes, run: Field) -> None:
        for each in fields(data, run.start, run.end):
            if each.kind != 2:
                continue
            if each.number == 1:
                self.id = text(data, each)
            elif each.number == 4:
                _change(self.config, data, each)
            elif each.number == 5:
                _change(self.summary, data, each)
            elif each.number == 8:
                self.name = text(data, each)
            elif each.number == 17:
                self.started = next((float(f.value) for f in fields(data, each.start, each.end) if f.number == 1), None)

    def _exit(self, data: bytes, ended: Field) -> None:
        numbers = {each.number: signed(each.value) for each in fields(data, ended.start, ended.end) if not each.kind}
        self.exit = numbers.get(1, 0)
        self.seconds = float(numbers[2]) if 2 in numbers else None


def settings_of(config: Mapping[str, object]) -> dict[str, object]:
    """A run's settings without W&B's own."""
    return {name: value for name, value in config.items() if not name.startswith(_OWN)}


def numbers_of(summary: Mapping[str, object]) -> dict[str, object]:
    """A summary's values, one level deep, without W&B's own."""
    found: dict[str, object] = {}
    for name, value in summary.items():
        if not name.startswith(_OWN):
            found.update(_numbers(name, value))
    return found


def _numbers(name: str, value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """What was logged under a name; a mapping as several names, pictures and tables (mappings with a type) left out."""
    if isinstance(value, Mapping):
        if "_type" not in value and depth < _DEEPEST:
            for key, inner in value.items():
                yield from _numbers(f"{name}.{key}", inner, depth + 1)
    else:
        yield name, value


def _change(into: dict[str, object], data: bytes, record: Field) -> None:
    """Updates and removals of a config or a summary."""
    for each in fields(data, record.start, record.end):
        if each.kind != 2 or each.number not in (1, 2):
            continue
        path, value = _item(data, each)
        place = into
        for key in path[:-1]:
            inner = place.get(key)
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        if path and each.number == 1:
            place[path[-1]] = value
        elif path:
            place.pop(path[-1], None)


def _item(data: bytes, item: Field) -> tuple[list[str], object]:
    """Where an item stands, and its value."""
    path: list[str] = []
    value: object = None
    for each in fields(data, item.start, item.end):
        if each.number in (1, 2) and each.kind == 2:
            path.append(text(data, each))
        elif each.number in (8, 16) and each.kind == 2:
            value = _json(text(data, each))
        elif each.number == 7 and each.kind == 2:
            value = text(data, each)
        elif each.number == 6 and each.kind == 1:
            value = double(data, each)
        elif each.number == 5 and each.kind == 0:
            value = (each.value >> 1) ^ -(each.value & 1)
        elif each.number == 4 and each.kind == 0:
            value = bool(each.value)
    return path[:_DEEPEST], value


def _json(words: str) -> object:
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        return None
