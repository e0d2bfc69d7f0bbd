"""What models said of a split, row by row, as the recorder kept it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playnote.errors import NotFoundError
from playnote.ledger.trouble import cannot_read
from playnote.records.trial import TrialRecord
from playnote.text import Text


@dataclass(frozen=True, slots=True)
class Predictions:
    """One model on one split.

    ids           n names
    said          n answers as words: of probabilities, the number of the likeliest class
    labels        n labels as words, None where they were not kept
    probabilities : array, shape (n, classes), None where only answers were kept
    """

    ids: tuple[str, ...]
    said: tuple[str, ...]
    labels: tuple[str, ...] | None = None
    probabilities: NDArray[np.float64] | None = None

    def answers(self) -> dict[str, str]:
        """Answer by id."""
        return dict(zip(self.ids, self.said, strict=True))

    def truths(self) -> dict[str, str]:
        """Label by id; empty where none were kept."""
        return dict(zip(self.ids, self.labels or (), strict=False))


def kept_predictions(trial: TrialRecord, split: str, logged_as: str | None = None) -> list[dict[str, Any]]:
    """What a trial says it kept of a split, by the project's name of it or the one it is logged by; oldest first."""
    kept = trial.facts.get("predictions")
    names = {split, logged_as or split}
    return [each for each in kept if each.get("split") in names] if isinstance(kept, list) else []


def read_predictions(home: Path, trial: TrialRecord, split: str, logged_as: str | None = None) -> Predictions:
    """The last predictions of a trial on a split. Raises NotFoundError where it kept none, LedgerError for a bad file."""
    entries = kept_predictions(trial, split, logged_as)
    if not entries:
        raise NotFoundError(
            Text(en="Trial {id} kept no predictions on {split}.", zh="试验 {id} 没有保存 {split} 的预测。").fill(
                id=trial.id, split=split
            ),
            fix=Text(
                en='Call `trial.predictions("{split}", ids=..., labels=..., probabilities=...)` in the training code, '
                "or name a file of predictions.",
                zh='在训练代码里调用 `trial.predictions("{split}", ids=..., labels=..., probabilities=...)`，'
                "或者指定一个预测文件。",
            ).fill(split=split),
        )
    place = home / "trials" / trial.id / str(entries[-1]["file"])
    try:
        columns = json.loads(gzip.decompress(place.read_bytes()))
    except (OSError, EOFError, ValueError) as error:
        raise cannot_read(place, error if isinstance(error, OSError) else OSError(str(error))) from error
    return from_columns(columns)


def from_columns(columns: Mapping[str, Sequence[Any]]) -> Predictions:
    """Of the columns "ids", "labels", and "predictions" or "probabilities"."""
    scores = columns.get("probabilities")
    table = None if scores is None else np.asarray(scores, dtype=np.float64)
    if table is not None and table.ndim == 1:  # one number an example: of the second of two classes
        table = np.column_stack([1 - table, table])
    said = columns.get("predictions")
    answers = said if said is not None else ([] if table is None else table.argmax(axis=1).tolist())
    labels = columns.get("labels")
    return Predictions(
        tuple(map(str, columns["ids"])),
        tuple(map(word, answers)),
        None if labels is None else tuple(map(word, labels)),
        table,
    )


def word(value: object) -> str:
    """An answer or a label as a word: 3, 3.0, "3" and "3.0" are one class."""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else text
