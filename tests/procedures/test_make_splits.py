"""Cutting data: disjoint and complete, groups and copies whole, one distribution for Dev and Test, the same again by seed."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.errors import InputError
from playnote.procedures.audit_splits import audit_splits
from playnote.procedures.make_splits import Wish, carve_train_dev, make_splits, smallest_gap, train_differs
from playnote.procedures.samples import draw, label_sample
from playnote.records.examples import Examples

seeds = st.integers(0, 2**32 - 1)


def made(rng, n=300, groups=None, sources=("line",), copies=0):
    keys = [f"k{at}" for at in range(n)]
    for at in range(copies):
        keys[n - 1 - at] = keys[at]
    return Examples(
        ids=tuple(f"e{at}" for at in range(n)),
        keys=tuple(keys),
        group=None if groups is None else tuple(f"g{each}" for each in rng.integers(0, groups, n)),
        source=tuple(rng.choice(sources, n).tolist()),
        time=tuple(f"2026-{at:05d}" for at in rng.permutation(n)),
        label=tuple(map(str, rng.integers(0, 3, n))),
    )


@given(seeds, st.sampled_from([None, 30, 100]), st.integers(0, 6))
@settings(max_examples=30, deadline=None)
def test_every_example_is_in_one_split_and_nothing_that_belongs_together_is_parted(seed, groups, copies):
    examples = made(np.random.default_rng(seed), groups=groups, copies=copies)
    cut = carve_train_dev(examples, make_splits(examples, Wish(seed=seed)), Wish(seed=seed))
    rows = [row for each in cut.rows.values() for row in each]
    assert sorted(rows) == list(range(len(examples)))
    home = {row: name for name, each in cut.rows.items() for row in each}
    for words in (examples.keys, examples.group or ()):
        for word in set(words):
            assert len({home[row] for row, each in enumerate(words) if each == word}) == 1
    assert make_splits(examples, Wish(seed=seed)) == make_splits(examples, Wish(seed=seed))


def test_a_group_larger_than_dev_stays_in_train_and_it_is_said():
    examples = made(np.random.default_rng(6))
    group = tuple("crowd" if at < 150 else f"g{at}" for at in range(300))
    examples = replace(examples, group=group)
    for seed in range(20):
        cut = make_splits(examples, Wish(seed=seed))
        assert set(range(150)) <= set(cut.rows["train"])
        assert [len(cut.rows[name]) for name in ("dev", "test")] == [45, 45]
        assert any("150" in note.en for note in cut.notes)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_single_examples_give_exactly_the_sizes_asked_for(seed):
    examples = made(np.random.default_rng(seed))
    cut = make_splits(examples, Wish(dev=60, test=0.1, seed=seed))
    assert [len(cut.rows[name]) for name in ("train", "dev", "test")] == [210, 60, 30]


def test_dev_and_test_come_from_deployment_alone_and_train_dev_from_train_alone():
    examples = made(np.random.default_rng(1), sources=("line", "web", "web"))
    cut = make_splits(examples, Wish(deployment="line", dev=30, test=30))
    assert {examples.source[row] for name in ("dev", "test") for row in cut.rows[name]} == {"line"}
    assert train_differs(examples, cut, "line")
    carved = carve_train_dev(examples, cut, Wish(train_dev=40))
    assert set(carved.rows["train_dev"]) | set(carved.rows["train"]) == set(cut.rows["train"])
    assert carved.rows["dev"] == cut.rows["dev"]


def test_where_deployment_is_the_future_no_train_example_is_younger_than_dev_or_test():
    examples = made(np.random.default_rng(2))
    cut = make_splits(examples, Wish(by_time=True))
    parts = {name: examples.take(rows) for name, rows in cut.rows.items()}
    assert max(parts["train"].time) < min((*parts["dev"].time, *parts["test"].time))
    assert audit_splits(parts).late == 0
    shuffled = make_splits(examples, Wish())
    assert audit_splits({name: examples.take(rows) for name, rows in shuffled.rows.items()}).late > 0


def test_dev_and_test_share_the_mix_of_labels_within_what_chance_does():
    counts = Counter()
    for seed in range(100):
        examples = made(np.random.default_rng(0))
        cut = make_splits(examples, Wish(seed=seed))
        for name in ("dev", "test"):
            counts[name] += sum(examples.label[row] == "0" for row in cut.rows[name])
    # 4,500 draws a side: a gap of 200 is more than four standard errors.
    assert abs(counts["dev"] - counts["test"]) < 200


def test_too_few_deployment_examples_all_go_to_dev_and_test_and_it_is_said():
    examples = made(np.random.default_rng(3), sources=("line", *["web"] * 19))
    cut = make_splits(examples, Wish(deployment="line", dev=50, test=50))
    held = {row for name in ("dev", "test") for row in cut.rows[name]}
    assert held == {row for row, source in enumerate(examples.source) if source == "line"}
    assert any("Only" in note.en for note in cut.notes)


@pytest.mark.parametrize(
    "wish",
    [Wish(deployment="moon"), Wish(dev=0), Wish(dev=290, test=10), Wish(dev=1000, test=1000)],
    ids=["no such source", "size 0", "nothing left for train", "more than there are"],
)
def test_a_wish_that_cannot_be_met_is_refused_with_a_fix(wish):
    with pytest.raises(InputError) as refused:
        make_splits(made(np.random.default_rng(4)), wish)
    assert refused.value.fix.zh


def test_the_smallest_visible_gap_shrinks_with_the_root_of_n():
    assert smallest_gap(400) == pytest.approx(2 * smallest_gap(1600))


def test_groups_and_copies_across_splits_are_found():
    examples = made(np.random.default_rng(5), groups=3, copies=10)
    parts = {"train": examples.take(range(150)), "dev": examples.take(range(150, 300))}
    audit = audit_splits(parts)
    assert len(audit.groups["train", "dev"]) == 3
    assert len(audit.overlap.across["train", "dev"]) == 10


def test_a_draw_takes_each_with_the_same_probability_and_is_the_same_again():
    ids = [str(at) for at in range(20)]
    counts = Counter(one for seed in range(2000) for one in draw(ids, 5, seed))
    # 500 expected each, SD 19.4: five of them away has probability 1e-5 for all twenty together.
    assert all(abs(counts[one] - 500) < 97 for one in ids)
    assert draw(ids, 5, 1) == draw(ids, 5, 1)
    assert draw(ids, 5, 1) == draw(ids, 20, 1)[:5]


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_disagreements_are_those_that_exactly_one_model_gets_right_and_come_first(seed):
    rng = np.random.default_rng(seed)
    ids = [str(at) for at in range(80)]
    truth = {one: str(rng.integers(3)) for one in ids}
    models = [{one: str(rng.integers(3)) for one in ids} for _ in range(2)]
    found = label_sample(ids, truth, models, disagreements=1000, random=10, seed=seed)
    right = [[model[one] == truth[one] for model in models] for one in ids]
    assert set(found.disagreements) == {one for one, (a, b) in zip(ids, right, strict=True) if a != b}
    assert found.only == (sum(a and not b for a, b in right), sum(b and not a for a, b in right))
    assert found.all[: len(found.disagreements)] == found.disagreements
    assert len(found.random) == 10
