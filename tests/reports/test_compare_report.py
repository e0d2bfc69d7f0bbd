"""Two rounds, or two baselines, in one report: what differs is marked, and what cannot be concluded is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up_round import rich_state

from playnote.errors import InputError, NotFoundError
from playnote.playbook.examples import BASELINE
from playnote.records.state import JournalEvent, ProjectState, Reading
from playnote.reports.comparison import compare_page
from playnote.service.report_compare import baseline_versions, comparison_of


def two_rounds() -> ProjectState:
    """The same round again under number 2: scores better by 0.01, a narrower lr range, another batch size."""
    state = rich_state()
    first = state.rounds[0]
    lr = replace(first.space["lr"], low=1e-3)  # type: ignore[type-var]  # a Float
    space = type(first.space)((lr, first.space["weight_decay"]))
    second = replace(
        first, number=2, question="Again, from 0.001?", fixed={**first.fixed, "batch_size": 256}, space=space
    )
    trials = [replace(t, id=f"u{t.id[1:]}", round=2) for t in state.trials if t.round == 1]
    better = {
        f"u{name[1:]}": replace(r, score=None if r.score is None else r.score - 0.01)
        for name, r in state.readings.items()
    }
    return replace(
        state,
        rounds=(first, second),
        trials=(*state.trials, *trials),
        readings={**state.readings, **better},
    )


def test_two_rounds_are_compared_at_equal_effort_and_what_differs_is_marked() -> None:
    report = comparison_of(two_rounds(), "1", "2")
    assert {row.name.en for row in report.fixed if row.differs} == {"batch_size", "lr"}
    assert report.fixed[0].differs, "what differs stands first"
    assert "better dev/error than round 1 by 0.01" in report.answer[1].en
    assert report.answer[0] == "unknown", "two searches settle nothing about two configurations"
    assert {figure.id for figure in report.figures} == {"effort", "axis-0", "axis-1"}
    page = compare_page(report, "zh")
    for told in ("第 1 轮 与 第 2 轮", "batch_size", "256", "各取", "不同"):
        assert told in page


def test_the_round_that_is_behind_is_not_called_ahead() -> None:
    report = comparison_of(two_rounds(), "2", "1")
    assert "no better dev/error" in report.answer[1].en


def test_rounds_of_different_length_or_objective_are_compared_with_a_warning() -> None:
    state = two_rounds()
    short = replace(state, rounds=(state.rounds[0], replace(state.rounds[1], steps=100, objective_version=2)))
    assert len(comparison_of(short, "1", "2").caution) == 2
    assert not comparison_of(state, "1", "2").caution


def with_second_baseline(gain: float, runs: int = 5) -> ProjectState:
    state = rich_state()
    new = {**BASELINE, "dropout": 0.2}
    base = [t for t in state.trials if t.purpose == "baseline"]
    added = [replace(base[at % len(base)], id=f"c{at}", configuration=new, purpose="confirm") for at in range(runs)]
    own = [state.readings[t.id].score or 0.0 for t in base]
    scores = {t.id: Reading(own[at % len(own)] - gain, feasible=True) for at, t in enumerate(added)}
    journal = (*state.journal, JournalEvent(50, "baseline", "2026-01-03T00:00:00Z", "person", {"configuration": new}))
    return replace(state, trials=(*state.trials, *added), readings={**state.readings, **scores}, journal=journal)


def test_two_baselines_are_judged_by_their_fresh_runs() -> None:
    state = with_second_baseline(0.02)
    assert [dict(each)["dropout"] for each in baseline_versions(state)] == [0.0, 0.2]
    report = comparison_of(state, "b1", "b2")
    assert report.answer[0] == "yes"
    assert [row.name.en for row in report.fixed if row.differs] == ["dropout"]
    assert {figure.id for figure in report.figures} == {"seeds"}
    assert "第 2 版 baseline" in compare_page(report, "zh")
    assert comparison_of(with_second_baseline(0.0), "b1", "b2").answer[0] != "yes"


@pytest.mark.parametrize(
    ("sides", "error"),
    [(("1", "b1"), InputError), (("1", "1"), InputError), (("x", "2"), InputError), (("1", "9"), NotFoundError),
     (("b1", "b7"), NotFoundError)],
)  # fmt: skip
def test_sides_that_cannot_be_compared_are_refused_with_the_way_to_write_them(
    sides: tuple[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        comparison_of(two_rounds(), *sides)
