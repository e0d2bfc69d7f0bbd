"""What a round may spend: trials and hours that the budget still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.errors import Detail, InputError
from playnote.records.project import Project
from playnote.space.hyperparameter import Value
from playnote.space.showing import shown
from playnote.text import Text

_NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What is already spent and what a trial costs: the side of a plan that only the ledger knows."""

    trials: int = 0
    hours: float = 0.0
    seconds_per_trial: float | None = None


def affordable_per_value(
    project: Project, scientific: Mapping[str, tuple[Value, ...]], asked: int | None, spending: Spending
) -> int:
    """Trials for each scientific value: as asked, or the setting as far as the budget reaches; never over it."""
    studies = 1
    for values in scientific.values():
        studies *= len(values)
    most = affordable(project, spending) // studies
    if asked is None:
        wanted = min(int(project.settings["trials_per_value"]), most)
        if wanted >= 1:
            return wanted
    elif isinstance(asked, int) and not isinstance(asked, bool) and 1 <= asked <= most:
        return asked
    raise InputError(
        Text(
            en="{asked} trials for each of {studies} value(s) is not possible: the budget holds {most} for each.",
            zh="{studies} 个取值、每个 {asked} 个试验做不到：预算只够每个 {most} 个。",
        ).fill(asked=asked, studies=studies, most=most),
        fix=Text(en="Ask for fewer trials or values, or raise [budget].", zh="减少试验或取值，或调高 [budget]。")
        if most
        else Text(en="Raise [budget]: it is spent.", zh="调高 [budget]：已经用完了。"),
        details=(
            Detail(
                "trials_per_value",
                shown(asked),
                Text(en="1 to {most}.", zh="1 到 {most}。").fill(most=most),
                Text(en="Ask for at most {most}.", zh="最多要 {most} 个。").fill(most=most),
            ),
        ),
    )


def affordable(project: Project, spending: Spending) -> int:
    """Trials that the budget still holds, by its trials and by its hours."""
    limits = [_NO_LIMIT]
    if project.budget.trials is not None:
        limits.append(max(project.budget.trials - spending.trials, 0))
    if project.budget.hours is not None and spending.seconds_per_trial:
        left = max(project.budget.hours - spending.hours, 0.0) * 3600
        limits.append(int(left / spending.seconds_per_trial))
    return min(limits)


def check_affordable(project: Project, trials: int, spending: Spending) -> None:
    """Raise InputError where the budget does not hold that many further trials."""
    most = affordable(project, spending)
    if trials <= most:
        return
    raise InputError(
        Text(
            en="{n} more trials are not possible: the budget holds {most}.",
            zh="再加 {n} 个试验做不到：预算只剩 {most} 个。",
        ).fill(n=trials, most=most),
        fix=Text(en="Ask for fewer, or raise [budget].", zh="少要一些，或调高 [budget]。"),
        details=(
            Detail(
                "trials",
                shown(trials),
                Text(en="At most {most}.", zh="最多 {most} 个。").fill(most=most),
                Text(en="Ask for at most {most}.", zh="最多要 {most} 个。").fill(most=most),
            ),
        ),
    )
