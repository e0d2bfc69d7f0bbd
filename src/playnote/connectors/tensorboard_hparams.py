"""Messages of TensorBoard's hparams plug-in: what a session was started with, how it ended, what was to be searched.

Field numbers: HParamsPluginData 2 experiment, 3 session start, 4 session end; SessionStartInfo 1 hparams (a map),
5 start time; SessionEndInfo 1 status, 2 end time; Experiment 4 hparam infos, 5 metric infos; HParamInfo 1 name,
5 discrete domain, 6 interval; MetricInfo 1 name (1 group, 2 tag). Values are google.protobuf.Value: every number
is a double.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from playnote.connectors.protobuf import Field, double, fields, text
from playnote.errors import SourceError
from playnote.records.trial import Outcome
from playnote.space.hyperparameter import Value

_STATES: dict[int, Outcome | None] = {1: "ok", 2: "failed", 3: None}


@dataclass
class Session:
    """What the messages of one run say.

    values     hyperparameters; whole numbers come as floats
    choices    hyperparameters whose choices were declared
    intervals  hyperparameters whose range was declared; the scale never is
    metrics    tags declared as metrics
    outcome    as the end of the session tells it, "ok" where it says nothing
    started    whether a session was started at all: otherwise this only declares an experiment
    """

    values: dict[str, Value] = field(default_factory=dict)
    choices: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    metrics: list[str] = field(default_factory=list)
    outcome: Outcome | None = "ok"
    started: bool = False
    broken: int = 0


def session_of(messages: Iterable[bytes]) -> Session:
    """The messages of one run together; a later one goes first. A damaged one is counted and passed over."""
    found = Session()
    for message in messages:
        try:
            for each in fields(message):
                if each.kind == 2:
                    _take(found, message, each)
        except SourceError:
            found.broken += 1
    return found


def _take(found: Session, data: bytes, part: Field) -> None:
    if part.number == 2:
        for each in _messages(data, part, 4):
            _domain(found, data, each)
        for each in _messages(data, part, 5):
            found.metrics += _tags(data, each)
    elif part.number == 3:
        found.started = True
        for each in _messages(data, part, 1):
            _entry(found, data, each)
    elif part.number == 4:
        states = [each.value for each in fields(data, part.start, part.end) if each.number == 1 and each.kind == 0]
        found.outcome = _STATES.get(states[-1], "ok") if states else "ok"


def _messages(data: bytes, part: Field, number: int) -> list[Field]:
    """Messages, strings or bytes of one number inside a message."""
    return [each for each in fields(data, part.start, part.end) if each.number == number and each.kind == 2]


def _entry(found: Session, data: bytes, entry: Field) -> None:
    parts = {each.number: each for each in fields(data, entry.start, entry.end) if each.kind == 2}
    value = _value(data, parts[2]) if 2 in parts else None
    if 1 in parts and value is not None:
        found.values[text(data, parts[1])] = value


def _value(data: bytes, value: Field) -> Value | None:
    for each in fields(data, value.start, value.end):
        if each.number == 2:
            return double(data, each)
        if each.number == 3 and each.kind == 2:
            return text(data, each)
        if each.number == 4 and each.kind == 0:
            return bool(each.value)
    return None


def _domain(found: Session, data: bytes, info: Field) -> None:
    parts = {each.number: each for each in fields(data, info.start, info.end) if each.kind == 2}
    name = text(data, parts[1]) if 1 in parts else ""
    if 5 in parts:
        listed = (_value(data, each) for each in _messages(data, parts[5], 1))
        choices = tuple(dict.fromkeys(value for value in listed if value is not None))
        if len(choices) > 1:
            found.choices[name] = choices
    elif 6 in parts:
        ends = {each.number: double(data, each) for each in fields(data, parts[6].start, parts[6].end)}
        found.intervals[name] = (ends.get(1, 0.0), ends.get(2, 0.0))


def _tags(data: bytes, info: Field) -> list[str]:
    """The series a metric is; its group is the folder of the run that it is in."""
    found = []
    for name in _messages(data, info, 1):
        parts = {each.number: text(data, each) for each in fields(data, name.start, name.end) if each.kind == 2}
        group, tag = parts.get(1, ""), parts.get(2, "")
        found.append(f"{group}/{tag}" if group not in ("", ".") else tag)
    return found
