"""`measure NAME`: a small planned study over the user's own workflow that settles one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playnote.errors import InputError, NotFoundError
from playnote.procedures.measure.batch_compare import batch_size_compare
from playnote.procedures.measure.batch_size import batch_size
from playnote.procedures.measure.bench import Bench, bench_of
from playnote.procedures.measure.checkpoint_selection import checkpoint_selection
from playnote.procedures.measure.clipping import clipping
from playnote.procedures.measure.contract import Found, Steps
from playnote.procedures.measure.domain_weights import domain_weights
from playnote.procedures.measure.end_to_end import end_to_end_or_pipeline
from playnote.procedures.measure.hosts import hosts
from playnote.procedures.measure.input_pipeline import input_pipeline
from playnote.procedures.measure.lr import lr
from playnote.procedures.measure.noted import LOOKS, noted
from playnote.procedures.measure.regime import regime
from playnote.procedures.measure.remedy import remedy
from playnote.procedures.measure.replay import Replay
from playnote.procedures.measure.round_transfer import round_transfer
from playnote.procedures.measure.seeds import seeds
from playnote.procedures.measure.stability import stability
from playnote.procedures.measure.steps import steps
from playnote.procedures.measure.transfer_strategy import transfer_strategy
from playnote.procedures.measure.warmup import warmup
from playnote.procedures.round import Progress
from playnote.projectfile.edit import Place, edit
from playnote.projectfile.read import FILE
from playnote.service.session import PERSON, Session
from playnote.service.views import Json, finite
from playnote.text import Text, same

MEASURES: Mapping[str, Callable[[Bench], Steps]] = {
    "seeds": seeds,
    "lr": lr,
    "stability": stability,
    "warmup": warmup,
    "clipping": clipping,
    "remedy": remedy,
    "batch-size": batch_size,
    "regime": regime,
    "steps": steps,
    "round-transfer": round_transfer,
    "input": input_pipeline,
    "checkpoint-selection": checkpoint_selection,
    "batch-size-compare": batch_size_compare,
    "transfer-strategy": transfer_strategy,
    "domain-weights": domain_weights,
    "end-to-end-or-pipeline": end_to_end_or_pipeline,
    **{name: noted(name) for name in LOOKS},
    "hosts": hosts,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a procedure found, on record by now, and whether its edit was made."""

    name: str
    found: Found
    trials: tuple[str, ...]
    applied: bool = False

    def as_json(self) -> Json:
        """The same for a screen or an agent."""
        found = self.found
        return {
            "name": self.name,
            "answer": found.label,
            "message": found.message.as_json(),
            "results": [_plain({"name": name, **numbers}) for name, numbers in found.results],
            "edits": {_written(place): value for place, value in found.edits.items()},
            "applied": self.applied,
            "notes": [note.as_json() for note in found.notes],
            "rows": [_plain(row) for row in found.rows],
            "trials": list(self.trials),
        }


def measure(
    session: Session,
    name: str,
    *,
    options: Mapping[str, float] | None = None,
    train: Callable[..., object] | None = None,
    workers: int = 1,
    on: str = "local",
    apply: bool = False,
    actor: str = PERSON,
) -> Iterator[Progress | Measured]:
    """Run a procedure; the last value is what it found. A run that was killed goes on where it stopped.

    options  numbers by name: what the procedure's own options set
    apply    make the proposed edit of the project file; the latest answer is taken, nothing it knows is run again
    Raises InputError where the project lacks what the procedure varies, before anything runs.
    """
    procedure = MEASURES.get(name)
    if procedure is None:
        raise NotFoundError(
            Text(en="There is nothing called {name!r} to measure.", zh="没有叫 {name!r} 的测量。").fill(name=name),
            fix=Text(en="Name one of {known}.", zh="改成其中之一：{known}。").fill(known=same(", ".join(MEASURES))),
        )
    with session.writing(actor) as ledger:
        replay = Replay(session.project, ledger, name, train=train, workers=workers, on=on, again=apply)
        found: Found | None = None
        for step in replay.drive(procedure(bench_of(ledger.state(session.project), options))):
            if isinstance(step, Found):
                found = step
            else:
                yield step
    if found is not None:
        applied = apply and bool(found.edits)
        if applied:
            _apply(session, found.edits)
        yield Measured(name, found, tuple(replay.trials), applied)


def _apply(session: Session, edits: Mapping[Place, Any]) -> None:
    if not session.project.folder:
        raise InputError(
            Text(en="This project has no file to edit.", zh="这个项目没有可改的项目文件。"),
            fix=Text(en="Make the change where the project is declared.", zh="请在声明项目的地方改。"),
        )
    edit(Path(session.project.folder) / FILE, edits)


def _plain(row: Mapping[str, object]) -> Json:
    return {name: finite(value) if isinstance(value, float) else value for name, value in row.items()}


def _written(place: Place) -> str:
    return place if isinstance(place, str) else ".".join(place)
