"""Optuna's journal file, replayed line by line; the snapshot beside it is a pickle and is never loaded.

Operations 0 to 10 of versions 4 and 5 (10 is ignored there too). A line that is torn is skipped, two that were
written into one are told apart, and both are counted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.optuna_rdb import chosen_study
from playnote.connectors.optuna_study import UNNAMED, OptunaStudy, OptunaTrial, imported_study, objective_of
from playnote.records.curves import Curve
from playnote.text import Text

_STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
_ENDED = frozenset({"COMPLETE", "PRUNED", "FAIL"})
_DIRECTIONS = ("not set", "minimize", "maximize")
_BEGIN = '{"op_code"'
_TORN = Text(
    en="{n} torn lines were skipped.",
    zh="有 {n} 行不完整，已跳过。",
)
_CREATED = Text(
    en="{n} of the skipped lines created a trial: later lines may belong to another trial than they say.",
    zh="跳过的行里有 {n} 行是新建试验：后面的行可能对不上号。",
)
_ODD = Text(
    en="{n} lines name a trial or study that is not there, or an operation that is not known; they were skipped.",
    zh="有 {n} 行指向不存在的试验或 study，或者操作不认识，已跳过。",
)
_EMPTY = Text(en="no line of it is a record of Optuna's journal.", zh="里面没有一行是 Optuna 的日志记录。")
_DAMAGED = Text(en="a line of it is damaged ({why}).", zh="里面有一行坏了（{why}）。")
_NOT_TEXT = Text(en="it is not text.", zh="不是文本文件。")
_GIVE = Text(
    en="Give the file that JournalFileBackend writes, not the snapshot beside it.",
    zh="请给 JournalFileBackend 写的那个文件，不要给旁边的快照。",
)


@dataclass(slots=True)
class _Trial:
    number: int
    state: str
    parameters: dict[str, tuple[float, str]] = field(default_factory=dict)
    values: list[float] | None = None
    reports: dict[float, float] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    start: str | None = None
    end: str | None = None

    def stored(self) -> OptunaTrial:
        last = max(self.reports) if self.reports else None
        return OptunaTrial(
            self.number,
            self.state,
            self.parameters,
            self.values,
            None if last is None else (last, self.reports[last]),
            self.attributes,
            self.start,
            self.end,
        )


@dataclass(slots=True)
class _Study:
    name: str
    directions: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    trials: list[_Trial] = field(default_factory=list)


class JournalCurves:
    """Intermediate values, as replayed."""

    def __init__(self, reports: Mapping[str, Mapping[float, float]], metric: str) -> None:
        self._reports, self._metric = reports, metric

    def metrics(self, trial: str) -> Iterable[str]:
        """The objective's metric where the trial reported anything."""
        return (self._metric,) if self._reports.get(trial) else ()

    def curve(self, trial: str, metric: str) -> Curve | None:
        """What the trial reported, by step."""
        reports = self._reports.get(trial)
        if metric != self._metric or not reports:
            return None
        steps = sorted(reports)
        return Curve(np.array(steps, dtype=float), np.array([reports[step] for step in steps], dtype=float))


def read_journal(path: Path, wanted: Wanted) -> Imported:
    """The one study of a journal, or the one named; `SourceError` where there is none, or several and no name."""
    replay = _Replay()
    try:
        with path.open(encoding="utf-8") as file:
            replay.run(file)
    except UnicodeDecodeError:
        raise unreadable(str(path), _NOT_TEXT, _GIVE) from None
    if not replay.applied:
        raise unreadable(str(path), _EMPTY, _GIVE)
    number, name = chosen_study(str(path), [(at, each.name) for at, each in replay.studies.items()], wanted.study)
    try:
        return _imported(str(path), replay, number, name, wanted)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        # A line that reads as JSON and still holds what Optuna never wrote: a distribution or a time with a byte turned.
        raise unreadable(str(path), _DAMAGED.fill(why=repr(error)), _GIVE) from None


def _imported(path: str, replay: _Replay, number: int, name: str, wanted: Wanted) -> Imported:
    chosen = replay.studies[number]
    study = OptunaStudy(name, chosen.directions, tuple(each.stored() for each in chosen.trials), chosen.attributes)
    where = f"{path} ({name})"
    formula = objective_of(where, study, wanted)[1] or UNNAMED
    reports = {str(each.number): each.reports for each in chosen.trials} if len(study.directions) < 2 else {}
    return imported_study(where, study, wanted, JournalCurves(reports, formula), replay.notes())


class _Replay:
    """Studies and trials by the numbers that the journal counts them with."""

    def __init__(self) -> None:
        self.studies: dict[int, _Study] = {}
        self.trials: dict[int, _Trial] = {}
        self.applied = self.torn = self.created = self.odd = 0
        self._made = 0
        self._operations: dict[int, Callable[[dict[str, Any]], bool]] = {
            0: self._create_study,
            1: lambda log: self.studies.pop(log["study_id"], None) is not None,
            2: lambda log: log["study_id"] in self.studies,
            3: self._study_attribute,
            4: self._create_trial,
            5: self._parameter,
            6: self._state,
            7: self._report,
            8: lambda log: log["trial_id"] in self.trials,
            9: self._attribute,
            10: lambda log: True,
        }

    def run(self, lines: Iterable[str]) -> None:
        """Apply every record that can be read."""
        for line in lines:
            for log in self._records(line.strip()):
                operation = self._operations.get(log.get("op_code", -1))
                try:
                    known = operation is not None and operation(log)
                except (KeyError, IndexError, TypeError, ValueError, AttributeError):
                    known = False
                self.applied += known
                self.odd += not known

    def notes(self) -> Iterator[Text]:
        """What was skipped."""
        for text, n in ((_TORN, self.torn), (_CREATED, self.created), (_ODD, self.odd)):
            if n:
                yield text.fill(n=n)

    def _records(self, line: str) -> Iterator[dict[str, Any]]:
        """The records of a line: one, or several that were merged; a torn piece ends where the next begins."""
        at = 0
        while at < len(line):
            try:
                found, at = _DECODER.raw_decode(line, at)
            except ValueError:
                after = line.find(_BEGIN, at + 1)
                piece = line[at:] if after < 0 else line[at:after]
                self.torn += 1
                self.created += piece.startswith(f"{_BEGIN}:4,")
                at = len(line) if after < 0 else after
                continue
            if isinstance(found, dict):
                yield found
            else:
                self.torn += 1

    def _create_study(self, log: dict[str, Any]) -> bool:
        if any(each.name == log["study_name"] for each in self.studies.values()):
            return True
        self.studies[self._made] = _Study(str(log["study_name"]), tuple(_DIRECTIONS[int(d)] for d in log["directions"]))
        self._made += 1
        return True

    def _study_attribute(self, log: dict[str, Any]) -> bool:
        self.studies[log["study_id"]].attributes.update(log["system_attr"])
        return True

    def _create_trial(self, log: dict[str, Any]) -> bool:
        study = self.studies[log["study_id"]]
        texts = log.get("distributions", {})
        trial = _Trial(
            len(study.trials),
            _STATES[int(log.get("state", 0))],
            {name: (float(value), texts[name]) for name, value in log.get("params", {}).items()},
            _numbers(log.get("values") if log.get("values") is not None else log.get("value")),
            {float(step): _number(value) for step, value in log.get("intermediate_values", {}).items()},
            dict(log.get("system_attrs", {})),
            log.get("datetime_start"),
            log.get("datetime_complete"),
        )
        self.trials[len(self.trials)] = trial
        study.trials.append(trial)
        return True

    def _parameter(self, log: dict[str, Any]) -> bool:
        trial = self.trials[log["trial_id"]]
        if trial.state not in _ENDED:
            trial.parameters[log["param_name"]] = (float(log["param_value_internal"]), log["distribution"])
        return True

    def _state(self, log: dict[str, Any]) -> bool:
        trial = self.trials[log["trial_id"]]
        if trial.state in _ENDED:
            return True
        trial.state = _STATES[int(log["state"])]
        trial.start = log.get("datetime_start", trial.start)
        trial.end = log.get("datetime_complete", trial.end)
        if log.get("values") is not None:
            trial.values = _numbers(log["values"])
        return True

    def _report(self, log: dict[str, Any]) -> bool:
        trial = self.trials[log["trial_id"]]
        if trial.state not in _ENDED:
            trial.reports[float(log["step"])] = _number(log["intermediate_value"])
        return True

    def _attribute(self, log: dict[str, Any]) -> bool:
        self.trials[log["trial_id"]].attributes.update(log["system_attr"])
        return True


_DECODER = json.JSONDecoder()


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _numbers(value: object) -> list[float] | None:
    if value is None:
        return None
    return [_number(each) for each in value] if isinstance(value, list) else [_number(value)]


__all__ = ["JournalCurves", "read_journal"]
