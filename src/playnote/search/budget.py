"""How many hyperparameters a budget can tune, and which of the optimizer's settings first.

The playbook gives the order for Adam (learning rate, beta1, epsilon, beta2) with the numbers of
trials from which each is worth searching; for SGD the order is learning rate, momentum, weight
decay. AdamW's weight decay is regularization, not one of Adam's four. The numbers
count the trials of one study, not of the round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from playnote.records.settings import DEFAULTS, Settings
from playnote.text import Text

Optimizer = Literal["adam", "sgd"]
Setting = Literal["lr", "beta1", "beta2", "epsilon", "momentum", "weight_decay"]

ORDER: dict[Optimizer, tuple[Setting, ...]] = {
    "adam": ("lr", "beta1", "epsilon", "beta2"),
    "sgd": ("lr", "momentum", "weight_decay"),
}
_NAMES: tuple[tuple[Setting, str], ...] = (
    ("weight_decay", r"wd|weight_?decay|l2"),
    ("beta1", r"b1|beta_?1"),
    ("beta2", r"b2|beta_?2"),
    ("epsilon", r"eps|epsilon"),
    ("momentum", r"mom|momentum|mu"),
    ("lr", r"lr|learning_?rate|step_?size|(base|max|init|peak)_?(lr|learning_?rate)"),
)


@dataclass(frozen=True, slots=True)
class BudgetAdvice:
    """Which of the optimizer's settings to search with this many trials, which to hold, and why."""

    search: tuple[str, ...]
    hold: tuple[str, ...]
    reason: Text


def optimizer_setting(name: str) -> Setting | None:
    """Which optimizer setting a hyperparameter is, by its name ("adam.beta_1", "learning_rate"); None where unclear."""
    last = re.split(r"[.\-]", name.lower())[-1]
    for setting, pattern in _NAMES:
        if re.fullmatch(rf"(adamw?_|sgd_|optimizer_|opt_)?({pattern})", last):
            return setting
    return None


def settings_to_search(trials: int, optimizer: Optimizer, settings: Settings = DEFAULTS) -> tuple[Setting, ...]:
    """The optimizer settings worth searching in one study of `trials` trials; never shrinks with `trials`."""
    return ORDER[optimizer][: _dimensions(trials, settings)]


def _dimensions(trials: int, settings: Settings) -> int:
    bars = (0, settings["budget_second"], settings["budget_third"], settings["budget_fourth"])
    return sum(trials >= bar for bar in bars)


def budget_advice(
    trials: int, names: Iterable[str], optimizer: Optimizer, settings: Settings = DEFAULTS
) -> BudgetAdvice:
    """Split the named hyperparameters that belong to the optimizer into those to search and those to hold."""
    ours = {name: optimizer_setting(name) for name in names}
    ordered = [name for setting in ORDER[optimizer] for name, found in ours.items() if found == setting]
    # Budgets speak of dimensions: where a setting of the order is no hyperparameter here, the next one takes its place.
    search = tuple(ordered[: _dimensions(trials, settings)])
    hold = tuple(name for name in ordered if name not in search)
    reason = Text(
        en="With {n} trials a study, {optimizer} is tuned by {search}{hold}.",
        zh="每个研究 {n} 个试验，{optimizer} 调 {search}{hold}。",
    ).fill(
        n=trials,
        optimizer=optimizer,
        search=", ".join(search) or "-",
        hold=Text(en="; hold {names}", zh="；{names} 先固定").fill(names=", ".join(hold))
        if hold
        else Text(en="", zh=""),
    )
    return BudgetAdvice(search, hold, reason)


def optimizer_of(values: Iterable[object]) -> Optimizer | None:
    """The optimizer family named among a configuration's values ("adamw", "sgd"), None where none is named."""
    for value in values:
        word = str(value).lower()
        if word.startswith(("adam", "nadam", "radam", "lamb")):
            return "adam"
        if word.startswith(("sgd", "momentum", "nesterov")):
            return "sgd"
    return None
