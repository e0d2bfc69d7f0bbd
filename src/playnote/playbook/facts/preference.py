"""Facts of the metric: whether it orders models as people do."""

from __future__ import annotations

from typing import cast

from playnote.diagnosis.metric_audit import MetricFinding, Preferred, answer_metric, measure_metric
from playnote.playbook.facts.base import Provider, of_project
from playnote.records.state import ProjectState


def metric_finding(state: ProjectState) -> MetricFinding:
    """Every pair that was judged, the latest judgement of each, read under the objective in force."""
    latest: dict[frozenset[str], tuple[Preferred, bool]] = {}
    sign = state.project.objective.sign
    for event in state.events("metric-judged"):
        better, worse = str(event.data.get("better")), str(event.data.get("worse"))
        said = cast(Preferred, event.data.get("preferred", "tie"))
        scores = [state.readings[name].score if name in state.readings else None for name in (better, worse)]
        first, second = (None if score is None else sign * score for score in scores)
        if said != "tie" and first is not None and second is not None and first > second:
            said = "worse" if said == "better" else "better"
        latest[frozenset((better, worse))] = (said, bool(event.data.get("saw_score", False)))
    return answer_metric(measure_metric(list(latest.values())), state.project.settings)


PROVIDERS: dict[type, Provider] = {MetricFinding: of_project(lambda giver: metric_finding(giver.state))}
