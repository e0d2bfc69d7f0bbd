"""Which examples people are to look at: wrong ones at random, disagreements and a random part for a label audit.

Every draw takes its seed; the same seed and predictions give the same sample, and each example is as likely as any other of
its kind. Nothing is sorted by loss: the worst examples are not the usual ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playnote.errors import InputError
from playnote.ledger.predictions import Predictions
from playnote.text import Text


def wrong_ids(found: Predictions, above: float | None = None) -> list[str]:
    """Ids that were answered wrongly: another answer than the label; for numbers, off by more than `above`.

    Raises InputError without labels, or where `above` is asked and labels are no numbers.
    """
    if found.labels is None:
        raise InputError(
            Text(en="The predictions hold no labels.", zh="预测里没有标签。"),
            fix=Text(
                en="Keep `labels=` with them, or add a column `label`.", zh="保存时带上 `labels=`，或加一列 `label`。"
            ),
        )
    rows = zip(found.ids, found.said, found.labels, strict=True)
    if above is None:
        return [name for name, said, label in rows if said != label]
    return [name for name, said, label in rows if not abs(_number(said) - _number(label)) <= above]


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise InputError(
            Text(en="{word} is no number.", zh="{word} 不是数字。").fill(word=repr(word)),
            fix=Text(en="Leave out --wrong-above for classes.", zh="分类任务不要写 --wrong-above。"),
        ) from error


def draw(ids: Sequence[str], most: int, seed: int, part: int = 0) -> list[str]:
    """At most `most` of them, at random, in random order: the first k of a draw are a random sample of size k."""
    order = np.random.default_rng([seed, part]).permutation(len(ids))
    return [ids[at] for at in order[:most]]


@dataclass(frozen=True, slots=True)
class LabelSample:
    """Examples for a label audit, to be looked at in this order.

    disagreements  exactly one of two models is right: the order of the models hangs on these
    random         of all examples, agreements included: the share of wrong labels
    suspects       the likeliest wrong by a model's own probabilities; never for the share
    only           (int, int)  examples that only the first, only the second model gets right
    """

    disagreements: tuple[str, ...]
    random: tuple[str, ...]
    suspects: tuple[str, ...] = ()
    only: tuple[int, int] = (0, 0)

    @property
    def all(self) -> tuple[str, ...]:
        """Every example once."""
        return tuple(dict.fromkeys((*self.disagreements, *self.random, *self.suspects)))


def label_sample(
    ids: Sequence[str],
    truths: Mapping[str, str],
    models: Sequence[Mapping[str, str]] = (),
    *,
    disagreements: int,
    random: int,
    seed: int,
    suspects: Sequence[str] = (),
) -> LabelSample:
    """Draw.

    ids     of the split
    truths  recorded label by id
    models  answers by id, of two models or none
    """
    first: list[str] = []
    second: list[str] = []
    if len(models) == 2:
        for name in ids:
            right = [name in model and model[name] == truths.get(name) for model in models]
            if name in models[0] and name in models[1] and right[0] != right[1]:
                (first if right[0] else second).append(name)
    # Each side in its own proportion: an audit of one side alone would say nothing of the other.
    total = len(first) + len(second)
    share = min(1.0, disagreements / total) if total else 0.0
    sides = [draw(side, math.ceil(share * len(side)), seed, 1 + at) for at, side in enumerate((first, second))]
    both = draw([*sides[0], *sides[1]], total, seed, 3)
    return LabelSample(tuple(both), tuple(draw(ids, random, seed, 4)), tuple(suspects), (len(first), len(second)))
