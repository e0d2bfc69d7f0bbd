"""Which labels a model's own probabilities speak against: cleanlab's ranking, where that package is installed.

The probabilities must come from a model that was not trained on these labels (dev, test, or out of fold); they then give a
place to look, never a share of wrong labels: what is audited here is left out of every estimate (Northcutt et al. 2021).
"""

from __future__ import annotations

from playnote.errors import InputError, MissingExtraError
from playnote.ledger.predictions import Predictions
from playnote.text import Text


def label_suspects(found: Predictions, most: int) -> list[str]:
    """Ids of at most `most` suspect labels, likeliest wrong first.

    Raises MissingExtraError without cleanlab, InputError without labels and class probabilities.
    """
    try:
        from cleanlab.filter import find_label_issues
    except ImportError as error:
        raise MissingExtraError(
            Text(en="Looking for suspect labels needs cleanlab.", zh="找可疑标签需要 cleanlab。"),
            fix=Text(en="pip install 'playnote[labels]'", zh="pip install 'playnote[labels]'"),
        ) from error
    if found.probabilities is None or found.labels is None or not _fits(found):
        raise InputError(
            Text(
                en="Suspect labels need class probabilities, and labels that are class numbers from 0.",
                zh="找可疑标签需要各类别的概率，标签要是从 0 开始的类别编号。",
            ),
            fix=Text(
                en="Keep `labels=` and `probabilities=` with the predictions.",
                zh="保存预测时带上 `labels=` 和 `probabilities=`。",
            ),
        )
    import numpy as np

    labels = np.array([int(label) for label in found.labels])
    ranked = find_label_issues(labels, found.probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    return [found.ids[int(row)] for row in ranked[:most]]


def _fits(found: Predictions) -> bool:
    if found.probabilities is None or found.labels is None:
        return False
    classes = found.probabilities.shape[1]
    return all(label.isdecimal() and int(label) < classes for label in found.labels)
