"""Filter, then order: against brute force, and the laws of an order."""

import math

from hypothesis import given
from hypothesis import strategies as st

from playnote.diagnosis.ranking import Candidate, rank
from playnote.records.objective import Constraint

LIMITS = (Constraint("latency", at_most=100.0), Constraint("recall", at_least=0.5))
scores = st.one_of(st.none(), st.floats(-5, 5), st.just(math.nan))
values = st.tuples(st.one_of(st.none(), st.floats(0, 200)), st.one_of(st.none(), st.floats(0, 1)))
candidates = st.lists(st.tuples(scores, values), max_size=12).map(
    lambda rows: [Candidate(f"c{at}", score, limits) for at, (score, limits) in enumerate(rows)]
)


@given(candidates, st.sampled_from(["minimize", "maximize"]))
def test_the_order_is_that_of_a_filter_and_a_sort(given_candidates, direction):
    found = rank(given_candidates, LIMITS, direction)
    fine = [
        c
        for c in given_candidates
        if c.limits[0] is not None
        and c.limits[0] <= 100
        and c.limits[1] is not None
        and c.limits[1] >= 0.5
        and c.score is not None
        and not math.isnan(c.score)
    ]
    expected = sorted(fine, key=lambda c: c.score, reverse=direction == "maximize")
    ranked = [p for p in found.places if p.standing == "ranked"]
    assert [p.candidate.score for p in ranked] == [c.score for c in expected]
    assert {p.candidate.name for p in ranked} == {c.name for c in fine}
    assert len(found.places) == len(given_candidates)


@given(candidates, st.floats(-5, 5))
def test_a_candidate_that_breaks_a_constraint_never_changes_the_order_of_the_others(given_candidates, score):
    before = [(p.candidate.name, p.rank) for p in rank(given_candidates, LIMITS, "minimize", seed_sd=0.1).places]
    more = [*given_candidates, Candidate("slow", score, (101.0, 0.9))]
    after = [(p.candidate.name, p.rank) for p in rank(more, LIMITS, "minimize", seed_sd=0.1).places]
    assert [each for each in after if each[0] != "slow"] == before


def test_equality_holds_a_constraint_and_an_unmeasured_one_is_neither_in_nor_out():
    found = rank(
        [
            Candidate("even", 0.2, (100.0, 0.5)),
            Candidate("unmeasured", 0.1, (None, 0.9)),
            Candidate("slow", 0.05, (101.0, 0.9)),
        ],
        LIMITS,
        "minimize",
    )
    standing = {p.candidate.name: p.standing for p in found.places}
    assert standing == {"even": "ranked", "unmeasured": "undetermined", "slow": "rejected"}
    assert found.would_lead == ("unmeasured",)


def test_where_nobody_is_feasible_the_nearest_is_named_and_nothing_is_loosened():
    found = rank([Candidate("far", 0.1, (200.0, 0.9)), Candidate("near", 0.2, (101.0, 0.9))], LIMITS, "minimize")
    assert found.nearest == "near"
    assert all(p.rank is None for p in found.places)


def test_scores_within_seed_noise_share_a_rank_and_without_noise_nothing_is_a_tie():
    three = [Candidate("a", 0.100), Candidate("b", 0.101), Candidate("c", 0.200)]
    assert [p.rank for p in rank(three, (), "minimize", seed_sd=0.01).places] == [1, 1, 3]
    assert [p.rank for p in rank(three, (), "minimize").places] == [1, 2, 3]
