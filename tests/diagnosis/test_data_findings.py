"""Shifts, copies and clusters of wrong labels: planted ones are found, clean data stay clean, little data stay unknown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.diagnosis.label_concentration import answer_label_concentration, measure_label_concentration
from playnote.diagnosis.overlap import answer_overlap, measure_overlap
from playnote.diagnosis.shift import answer_shift, measure_shift
from playnote.records.examples import Examples, key_of

WORDS = [
    "loss",
    "step",
    "rate",
    "batch",
    "warm",
    "seed",
    "train",
    "dev",
    "test",
    "model",
    "layer",
    "norm",
    "clip",
    "noise",
]


def table(values, label=None, group=None, prefix=""):
    values = np.asarray(values, dtype=float)
    return Examples(
        ids=tuple(f"{prefix}{at}" for at in range(len(values))),
        keys=tuple(key_of(numbers=row.tolist()) for row in values),
        numbers=values,
        names=tuple(f"x{at}" for at in range(values.shape[1])),
        label=label,
        group=group,
    )


def texts(sentences, prefix=""):
    return Examples(
        ids=tuple(f"{prefix}{at}" for at in range(len(sentences))),
        keys=tuple(key_of((each,)) for each in sentences),
        texts=tuple(sentences),
    )


def pictures(images, prefix=""):
    return Examples(
        ids=tuple(f"{prefix}{at}" for at in range(len(images))),
        keys=tuple(key_of(data=each.tobytes()) for each in images),
        images=images,
    )


def sentence(rng, n=30):
    return " ".join(rng.choice(WORDS, n))


def shift(first, second, seed=0):
    return answer_shift(measure_shift(first, second, rng=np.random.default_rng(seed)))


def test_a_moved_column_is_a_shift_and_is_named():
    rng = np.random.default_rng(1)
    found = shift(table(rng.normal(size=(200, 5))), table(rng.normal(size=(200, 5)) + np.array([0, 0, 1, 0, 0])))
    assert found.label == "yes"
    assert found.interval[0] < found.estimate < found.interval[1]
    assert "x2" in found.note.en


def test_a_changed_spread_is_a_shift_though_no_mean_moved():
    rng = np.random.default_rng(2)
    assert shift(table(rng.normal(size=(300, 3))), table(rng.normal(size=(300, 3)) * [1, 2, 1])).label == "yes"


def test_another_brightness_is_a_shift_of_pictures():
    rng = np.random.default_rng(3)
    assert shift(pictures(rng.random((150, 12, 12))), pictures(rng.random((150, 12, 12)) + 0.1)).label == "yes"


def test_another_vocabulary_is_a_shift_of_texts():
    rng = np.random.default_rng(4)
    other = [sentence(rng).replace("loss", "perplexity") for _ in range(80)]
    found = shift(texts([sentence(rng) for _ in range(80)]), texts(other))
    assert found.label == "yes"


def test_many_alike_examples_are_no_shift_and_few_are_unknown():
    rng = np.random.default_rng(5)
    assert shift(table(rng.normal(size=(500, 3))), table(rng.normal(size=(500, 3)))).label == "no"
    few = shift(table(rng.normal(size=(10, 3))), table(rng.normal(size=(500, 3))))
    assert few.label == "unknown"
    assert few.missing
    assert few.settles


def test_other_shares_of_labels_are_a_shift_though_the_content_is_alike():
    rng = np.random.default_rng(6)
    label = tuple(map(str, rng.integers(0, 2, 200)))
    skewed = tuple(map(str, (rng.random(200) < 0.85).astype(int)))
    found = shift(table(rng.normal(size=(200, 2)), label), table(rng.normal(size=(200, 2)), skewed))
    assert found.label == "yes"
    assert found.p_labels < 0.01 < found.p_content


def test_without_content_nothing_is_said_but_by_the_labels():
    label = tuple("ab" * 100)
    bare = Examples(ids=tuple(map(str, range(200))), keys=("",) * 200, label=label)
    found = shift(bare, bare)
    assert found.label == "unknown"
    assert found.estimate is None


def test_the_same_seed_gives_the_same_answer():
    rng = np.random.default_rng(7)
    one, other = table(rng.normal(size=(90, 2))), table(rng.normal(size=(80, 2)))
    assert shift(one, other, 3) == shift(one, other, 3)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_copies_are_exactly_those_that_were_planted(seed):
    rng = np.random.default_rng(seed)
    train = rng.normal(size=(60, 4))
    dev = rng.normal(size=(30, 4))
    planted = rng.choice(30, int(rng.integers(0, 6)), replace=False)
    dev[planted] = train[: len(planted)]
    facts = measure_overlap({"train": table(train, prefix="t"), "dev": table(dev, prefix="d")})
    assert {pair[1] for pair in facts.across["train", "dev"]} == {f"d{at}" for at in planted}
    assert answer_overlap(facts).label == ("yes" if len(planted) else "no")


def test_case_and_white_space_make_no_other_text_and_small_edits_are_near_copies():
    rng = np.random.default_rng(8)
    held = [sentence(rng, 120) for _ in range(40)]
    edited = held[0].rsplit(" ", 1)[0] + " zebra"
    facts = measure_overlap(
        {"dev": texts(held, "d"), "test": texts([held[1].upper().replace(" ", "  "), edited, sentence(rng, 120)], "t")}
    )
    assert facts.across["dev", "test"] == (("d1", "t0"),)
    assert facts.near["dev", "test"] == (("d0", "t1"),)


def test_a_picture_with_a_little_noise_is_a_near_copy():
    rng = np.random.default_rng(9)
    dev = rng.random((30, 8, 8))
    test = rng.random((30, 8, 8))
    test[4] = dev[7] + 1e-4 * rng.normal(size=(8, 8))
    facts = measure_overlap({"dev": pictures(dev, "d"), "test": pictures(test, "t")})
    assert facts.near["dev", "test"] == (("d7", "t4"),)


def test_repeats_within_a_split_are_counted_once_each():
    values = np.array([[1.0], [2.0], [1.0], [1.0]])
    assert measure_overlap({"dev": table(values)}).within == {"dev": ("2", "3")}


def test_chance_makes_no_near_copies_and_with_few_columns_it_is_not_looked_at():
    rng = np.random.default_rng(12)
    for width in (4, 6, 30):
        sets = {name: table(rng.normal(size=(500, width)), prefix=name) for name in ("dev", "test")}
        assert measure_overlap(sets).near == {("dev", "test"): ()}
    few = {name: table(rng.normal(size=(500, 2)), prefix=name) for name in ("dev", "test")}
    assert measure_overlap(few).near is None


def test_only_hashes_leave_near_copies_unknown():
    bare = [Examples(ids=(name,), keys=(name,)) for name in "ab"]
    found = answer_overlap(measure_overlap({"dev": bare[0], "test": bare[1]}))
    assert found.label == "unknown"


def test_wrong_labels_in_one_class_are_a_cluster_and_scattered_ones_are_not():
    rng = np.random.default_rng(10)
    levels = [str(each) for each in rng.integers(0, 5, 400)]
    cluster = [level == "3" and rng.random() < 0.4 for level in levels]
    found = answer_label_concentration(measure_label_concentration(cluster, levels, "label"))
    assert (found.label, found.worst) == ("yes", "3")
    scattered = rng.random(400) < 0.08
    assert answer_label_concentration(measure_label_concentration(scattered, levels, "label")).label == "no"


def test_few_wrong_labels_in_a_small_audit_are_unknown_and_few_in_a_large_one_are_no_alarm():
    def answer(n):
        flags = [at < 2 for at in range(n)]
        return answer_label_concentration(measure_label_concentration(flags, [str(at % 2) for at in range(n)], "label"))

    assert answer(30).label == "unknown"
    assert answer(400).label == "no"


def test_the_cluster_test_keeps_its_level():
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(400):
        levels = [str(each) for each in rng.integers(0, 6, 100)]
        facts = measure_label_concentration(rng.random(100) < 0.15, levels, "label", rng=rng)
        alarms += facts.p is not None and facts.p <= 0.05
    assert alarms <= 41  # Binomial(400, 0.05) is above with probability 1e-5


def test_wrong_counts_by_chance_give_the_exact_p_of_two_levels():
    # All 4 wrong among the first 4 of 8: 1 of the 70 ways, and its mirror image is as uneven.
    found = measure_label_concentration([True] * 4 + [False] * 4, list("aaaabbbb"), "label")
    assert found.p == pytest.approx(2 / 70, abs=0.02)
