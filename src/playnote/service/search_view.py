"""What a search by results knows and why it stopped, as sentences of a round."""

from __future__ import annotations

from collections.abc import Iterator

from playnote.records.objective import Constraint
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.records.trial import DIVERGED
from playnote.search.exploit import request_of
from playnote.search.limits import StabilityLimit
from playnote.search.models import held_of
from playnote.search.request import SearchRequest
from playnote.service.views import Json, finite
from playnote.text import Text, same


def search_view(state: ProjectState, current: Round, limits: tuple[StabilityLimit, ...]) -> Json | None:
    """Who searches, what is modelled for each study, and why it stopped; None where results choose nothing.

    limits  those that the search was told: where earlier rounds showed that training diverges
    """
    if current.sampler != "bayes":
        return None
    lines = [*_modelled(state, current, limits), *_stopped(state, current)]
    stop = next((e.data for e in state.events("search-stopped") if e.data["round"] == current.number), None)
    return {
        "searcher": current.searcher or "bayes",
        "promised": current.promised,
        "to_choose": current.to_choose,
        "stopped": None if stop is None else finite({"gain": stop["gain"], "noise": stop["noise"]}),
        "lines": [each.as_json() for each in lines],
    }


def _modelled(state: ProjectState, current: Round, limits: tuple[StabilityLimit, ...]) -> Iterator[Text]:
    for study in current.studies:
        request = request_of(state, current, study, limits)
        well = sum(o.outcome == "ok" and o.score is not None for o in request.observations)
        diverged = sum(o.outcome in DIVERGED for o in request.observations)
        yield (_THEIRS if current.searcher else _OURS).fill(
            study=study.name, searcher=current.searcher, well=well, diverged=diverged, limits=len(limits)
        )
        yield from _constraints(request)


def _constraints(request: SearchRequest) -> Iterator[Text]:
    modelled = {each.constraint for each in held_of(request)}
    for constraint in () if request.objective is None else request.objective.constraints:
        values = [o.limits.get(constraint.metric) for o in request.observations]
        measured = [value for value in values if value is not None]
        broken = sum(constraint.satisfied(value) is False for value in measured)
        words = _CONSTRAINT if constraint in modelled else _UNMODELLED
        yield words.fill(bound=_bound(constraint), n=len(measured), broken=broken)


def _bound(constraint: Constraint) -> Text:
    parts = [] if constraint.at_least is None else [f"{constraint.metric} >= {constraint.at_least:g}"]
    parts += [] if constraint.at_most is None else [f"{constraint.metric} <= {constraint.at_most:g}"]
    return same(", ".join(parts))


def _stopped(state: ProjectState, current: Round) -> Iterator[Text]:
    for event in state.events("search-stopped"):
        if event.data["round"] == current.number:
            gain, noise = float(str(event.data["gain"])), float(str(event.data["noise"]))
            yield _STOP.fill(gain=f"{gain:.2g}", noise=f"{noise:.2g}", left=current.to_choose)


_OURS = Text(
    en="Search of {study}: the score is modelled from {well} trials, divergence from {diverged} more and {limits} "
    "known limit(s).",
    zh="{study} 的搜索：用 {well} 个试验建模分数，用另外 {diverged} 个发散试验和 {limits} 条已知界限建模发散。",
)
_THEIRS = Text(
    en="Search of {study} by {searcher}: it is told of {well} trials that ended well and {diverged} that diverged.",
    zh="{study} 由 {searcher} 搜索：告诉了它 {well} 个正常结束的试验和 {diverged} 个发散试验。",
)
_CONSTRAINT = Text(
    en="  {bound}: modelled from {n} measured trials, {broken} of which break it.",
    zh="  {bound}：用 {n} 个测过的试验建模，其中 {broken} 个不满足。",
)
_UNMODELLED = Text(
    en="  {bound}: measured in {n} trials, too few to model; log the metric, and the search keeps to it.",
    zh="  {bound}：只有 {n} 个试验测过，建不了模；记录这个指标，搜索就会照顾它。",
)
_STOP = Text(
    en="Stopped with {left} trial(s) unspent: another is expected to gain {gain}, beside a seed SD of {noise}.",
    zh="提前停下，省了 {left} 个试验：再跑一个预计只提升 {gain}，而种子标准差是 {noise}。",
)
