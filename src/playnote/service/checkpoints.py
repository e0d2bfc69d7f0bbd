"""The checkpoints of a trial, and which of them to keep: chosen after the run, by the objective as it is now.

Every checkpoint's score is read anew from what its own attempt logged at its step, so that an objective that was
changed since (`rescore`) chooses by the new one. Choosing the best of several readings flatters that reading: it is
for taking weights, never for comparing trials.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from playnote.errors import InputError, NotFoundError
from playnote.ledger import Ledger
from playnote.recorder.checkpoints import Kept, best_of, kept_checkpoints
from playnote.recorder.formula import Formula, parse
from playnote.records.naming import declared
from playnote.records.project import Project
from playnote.service.session import Session
from playnote.service.views import Json
from playnote.text import Text, same

# How a file is read without running any code of its own, by its ending.
_LOADED = {
    ".pt": "torch.load({path!r}, map_location='cpu', weights_only=True)",
    ".json": "json.load(open({path!r}, encoding='utf-8'))",
    ".bin": "open({path!r}, 'rb').read()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCheckpoints:
    """What is left of a trial's checkpoints, in the order of writing.

    within  scores that differ by no more than this count as equal, and of equals the latest step is the best one
    best    None where no checkpoint has a score: the objective was not logged at its step
    last    what a further attempt would go on from
    """

    trial: str
    formula: str
    direction: str
    within: float
    kept: tuple[Kept, ...]
    best: Kept | None
    last: Kept | None

    def as_json(self) -> Json:
        """Plain data; `load` is Python that gives the state back without running code from the file."""
        return {
            "trial": self.trial,
            "objective": self.formula,
            "direction": self.direction,
            "within": self.within,
            "checkpoints": [checkpoint_view(each) for each in self.kept],
            "best": checkpoint_view(self.best) if self.best else None,
            "last": checkpoint_view(self.last) if self.last else None,
        }


def checkpoint_view(kept: Kept) -> Json:
    """One checkpoint as plain data; a score that is no number is null."""
    finite = kept.score is not None and abs(kept.score) < float("inf")
    return {
        "path": str(kept.path),
        "step": kept.step,
        "attempt": kept.attempt,
        "score": kept.score if finite else None,
        "bytes": _size(kept.path),
        "load": loading(kept.path),
    }


def loading(path: Path) -> str:
    """Python that reads the file and runs nothing of it."""
    return _LOADED[path.suffix].format(path=str(path))


def checkpoints(session: Session, trial: str, *, within: float = 0.0) -> TrialCheckpoints:
    """A trial's checkpoints, the best by the objective, and how to load it without running code from the file.

    within  a difference in the score that is no difference: the noise of one evaluation

    Raises NotFoundError for a trial that is not on record, InputError for a negative `within`.
    """
    if not within >= 0:
        raise InputError(
            Text(en="A difference of {within} cannot be.", zh="差值不能是 {within}。").fill(within=within),
            fix=Text(en="Give 0 or more, in the unit of the score.", zh="给 0 或更大的数，单位同分数。"),
        )
    ledger = Ledger.open(session.home)
    if ledger.trial(trial) is None:
        raise NotFoundError(
            Text(en="There is no trial {id}.", zh="没有试验 {id}。").fill(id=same(trial)),
            fix=Text(en="`playnote rank` lists the trials.", zh="用 `playnote rank` 查看试验。"),
        )
    kept = tuple(_scored(ledger, session.project, trial, kept_checkpoints(ledger.paths.trial(trial).absolute())))
    objective = session.project.objective
    return TrialCheckpoints(
        trial=trial,
        formula=objective.formula,
        direction=objective.direction,
        within=within,
        kept=kept,
        best=best_of(kept, objective.direction, within),
        last=kept[-1] if kept else None,
    )


def _scored(ledger: Ledger, project: Project, trial: str, kept: Iterable[Kept]) -> Iterable[Kept]:
    formula: Formula = parse(project.objective.formula)
    for each in kept:
        logged = ledger.curves.logged_at(trial, each.attempt, each.step)
        yield replace(each, score=formula.evaluate(declared(logged, project.splits)))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
