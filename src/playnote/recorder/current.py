"""The current trial: the runner's, found through the environment or a worker's context, or a local one."""

from __future__ import annotations

import atexit
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playnote.errors import PlaynoteError
from playnote.recorder.card import TrialCard, read_card
from playnote.recorder.trial import Trial

TRIAL, ATTEMPT = "PLAYNOTE_TRIAL", "PLAYNOTE_ATTEMPT"
_current: Trial | None = None


def current_trial(defaults: Mapping[str, float | int | str | bool] | None = None, seed: int = 0) -> Trial:
    """The trial this process runs; the same handle at every call.

    Under the runner: the trial in the folder that the environment variable PLAYNOTE_TRIAL names (and its
    attempt PLAYNOTE_ATTEMPT, where set). Alone: a local trial with `defaults` and `seed`, which keeps
    nothing. `defaults` also fill what the runner's configuration leaves open.
    """
    global _current
    if _current is None:
        folder = os.environ.get(TRIAL)
        _current = _open(Path(folder)) if folder else Trial(TrialCard(id="local", seed=seed, sealed=()))
        atexit.register(_close_at_exit, _current)
    for name, value in (defaults or {}).items():
        _current.configuration.setdefault(name, value)
    return _current


@contextmanager
def trial_in(folder: Path) -> Iterator[Trial]:
    """Make the trial of `folder` the current one, inside a worker; `TrialEnded` passes through.

    Raises LedgerError where the folder holds no card or its log cannot be written.
    """
    global _current
    before, _current = _current, Trial(read_card(folder), folder)
    trial = _current
    try:
        yield trial
    finally:
        _current = before
        trial.close()


def _open(folder: Path) -> Trial:
    card = read_card(folder)
    attempt = os.environ.get(ATTEMPT, "")
    return Trial(card._replace(attempt=int(attempt)) if attempt.isdigit() else card, folder)


def _close_at_exit(trial: Trial) -> None:
    try:
        trial.close()
    except PlaynoteError as error:
        warnings.warn(str(error), RuntimeWarning, stacklevel=1)
