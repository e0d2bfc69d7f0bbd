"""Verdicts as tags on the runs they are about, so that a team sees them where it already looks."""

from __future__ import annotations

from playnote.connectors.imported import Imported
from playnote.connectors.tags import PREFIX, tag_runs
from playnote.playbook.facts import best_trials
from playnote.records.trial import DIVERGED
from playnote.service.plain import Json
from playnote.service.review import Review, review

_TOP = 3


def tag(
    source: str,
    *,
    direction: str | None = None,
    min_effect: float | None = None,
    metric: str | None = None,
    study: str | None = None,
) -> Json:
    """Review a source and tag its runs; how many runs, and the tags by trial.

    Tags: `playnote.outcome` on every ended run, `playnote.rank` and `playnote.best` on the first ones. The best is
    never called better than the second here: that takes fresh seeds.
    """
    seen = review(source, direction=direction, min_effect=min_effect, metric=metric, study=study)
    tags = tags_of(seen)
    runs = tag_runs(source, seen.imported, tags)
    return {"runs": runs, "tags": {trial: {PREFIX + k: v for k, v in each.items()} for trial, each in tags.items()}}


def tags_of(seen: Review) -> dict[str, dict[str, str]]:
    """The tags of each trial."""
    got = seen.imported
    tags = {trial.id: {"outcome": _outcome(trial.outcome)} for trial in got.state.trials if trial.outcome is not None}
    ranked = best_trials(got.state, [t.id for t in got.state.trials if t.outcome == "ok"], _TOP)
    for at, trial in enumerate(ranked, start=1):
        tags[trial]["rank"] = str(at)
    if ranked:
        tags[ranked[0]]["best"] = "tied" if _tied(seen) else "unconfirmed"
    return {trial: each | _feasible(got, trial) for trial, each in tags.items()}


def _outcome(outcome: str) -> str:
    return "diverged" if outcome in DIVERGED else outcome


def _tied(seen: Review) -> bool:
    return any(line.about == "ties" and line.word in ("sure", "likely") for line in seen.lines)


def _feasible(got: Imported, trial: str) -> dict[str, str]:
    held = got.state.readings[trial].feasible
    return {"feasible": "no"} if held is False else {}


__all__ = ["tag", "tags_of"]
