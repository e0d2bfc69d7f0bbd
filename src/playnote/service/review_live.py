"""What is worth a word while a study still runs: provisional, few, and never counted anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.optuna_library import imported_object, metrics_of
from playnote.records.trial import DIVERGED
from playnote.service.review_evidence import Evidence
from playnote.service.review_ranges import range_lines
from playnote.text import Text

_RECENT = 20
_EATEN = 0.25
_DIVERGING = Text(
    en="{bad} of the last {n} trials diverged: divergence is eating the budget.",
    zh="最近 {n} 个试验里发散了 {bad} 个：预算被发散吃掉了。",
)
_FAILING = Text(
    en="{bad} of the last {n} trials failed: look at why before more of them do.",
    zh="最近 {n} 个试验里失败了 {bad} 个：先查原因，再往下跑。",
)
_STALE = Text(
    en="Nothing better since trial {best}: {n} trials ended after it, {complete} of them complete.",
    zh="试验 {best} 之后没有更好的：后面又跑了 {n} 个，其中跑完 {complete} 个。",
)
_ABOUT = ("boundary", "infeasible", "edge", "failures")


def live_warnings(study: Any, *, min_effect: float | None = None) -> Iterator[tuple[str, Text]]:
    """Warnings about a running Optuna study, each with the key under which it is said once."""
    for metric in metrics_of(study):
        got = imported_object(study, Wanted(metric=metric, min_effect=min_effect))
        yield from _warnings(got, metric or "")


def _warnings(got: Imported, metric: str) -> Iterator[tuple[str, Text]]:
    seen = Evidence(got)
    for line in range_lines(seen):
        if line.word in ("sure", "likely") and line.about.split(":")[0] in _ABOUT:
            yield f"{metric}/{line.about}", line.text
    ended = [trial for trial in got.state.trials if trial.outcome is not None]
    recent = ended[-_RECENT:]
    for key, text, bad in (
        ("diverging", _DIVERGING, sum(trial.outcome in DIVERGED for trial in recent)),
        ("failing", _FAILING, sum(str(trial.outcome).startswith("failed") for trial in recent)),
    ):
        if len(recent) == _RECENT and bad >= _EATEN * _RECENT:
            yield f"{metric}/{key}", text.fill(bad=bad, n=len(recent))
    if seen.ranked:
        order = [trial.id for trial in ended]
        after = ended[order.index(seen.ranked[0]) + 1 :]
        if len(after) >= max(2 * _RECENT, len(ended) / 2):
            complete = sum(trial.outcome == "ok" for trial in after)
            yield f"{metric}/stale/{seen.ranked[0]}", _STALE.fill(best=seen.ranked[0], n=len(after), complete=complete)
