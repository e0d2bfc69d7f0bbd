"""Two sets of numbers: the decision, what it says, and what it refuses."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.errors import InputError
from playnote.interfaces.cli.compare_view import view
from playnote.service.compare import compare, compare_files

BASE = [0.0884, 0.0861, 0.0897, 0.0872]
CLOSE = [0.0871, 0.0858, 0.0882, 0.0845]
BETTER = [0.0811, 0.0798, 0.0782, 0.0801]
HISTORY = [[0.0884, 0.0861, 0.0897], [0.091, 0.0925, 0.0902], [0.085, 0.0861, 0.0875]]
KEYS = {"decision", "gain", "interval", "level", "probability", "more_runs", "message"}
NUMBERS = st.one_of(
    st.floats(), st.none(), st.integers(-(10**400), 10**400), st.sampled_from([1e308, -1e308, 5e-324, 0.0])
)
ARMS = st.lists(st.integers(-40, 40).map(lambda k: k / 8), min_size=3, max_size=7)


def test_a_clear_gain_is_adopted_and_a_clear_loss_keeps_the_baseline() -> None:
    assert compare(BASE, BETTER, direction="minimize").decision == "adopt"
    assert compare(BETTER, BASE, direction="minimize").decision == "keep"
    assert compare(BASE, BETTER, direction="maximize").decision == "keep"


def test_an_open_comparison_says_how_many_runs_would_decide() -> None:
    found = compare(BASE, CLOSE, direction="minimize", min_effect=0.002)
    assert found.decision == "undecided"
    assert found.more_runs is not None
    assert found.more_runs > 0
    chances = [p for _, _, p in found.facts.power]
    assert chances[0] >= 0.8 > chances[1]
    assert str(found.more_runs) in found.message.en
    assert str(found.more_runs) in found.message.zh


def test_the_data_holds_exactly_the_keys_that_scripts_rely_on() -> None:
    data = compare(BASE, CLOSE, direction="minimize").as_json()
    assert set(data) == KEYS
    assert set(data["message"]) == {"en", "zh"}
    json.dumps(data, allow_nan=False)


def test_a_real_gain_below_what_matters_keeps_the_baseline_and_says_why() -> None:
    a = [1.0 + 0.001 * (k % 3) for k in range(12)]
    found = compare(a, [value - 0.01 for value in a], direction="minimize", min_effect=0.5)
    assert (found.decision, found.small) == ("keep", True)
    assert "complexity" in found.message.en


def test_the_direction_is_asked_for_and_never_guessed() -> None:
    with pytest.raises(InputError) as caught:
        compare(BASE, CLOSE)
    assert caught.value.details[0].path == "direction"


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_effect", 0.0), ("min_effect", math.nan), ("alpha", 0.7), ("margin", math.inf), ("up_to", 1), ("up_to", 2.5)],
)
def test_a_wrong_option_is_named_with_what_is_allowed(name: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        compare(BASE, CLOSE, direction="minimize", **{name: value})
    assert [detail.path for detail in caught.value.details] == [name]


@pytest.mark.parametrize("bad", [["a"], [[1.0]], 3, "0.1 0.2", [True, 0.2]])
def test_entries_that_are_no_numbers_are_refused_by_place(bad: Any) -> None:
    with pytest.raises(InputError) as caught:
        compare(bad, CLOSE, direction="minimize") if bad != 3 else compare([object()], CLOSE, direction="minimize")
    assert caught.value.details[0].path.startswith("a[0]")


def test_empty_arms_and_all_other_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        compare([], ["x"], min_effect=-1)
    assert [detail.path for detail in caught.value.details] == ["a", "b[0]", "direction", "min_effect"]


@pytest.mark.parametrize("history", [(), HISTORY])
def test_one_run_an_arm_is_never_decided(history: list[list[float]]) -> None:
    found = compare([0.09], [0.01], direction="minimize", history=history, min_effect=0.001)
    assert found.decision == "undecided"
    assert "one run an arm" in found.message.en
    assert (found.facts.sd is not None) == bool(history)


def test_repeats_that_are_all_the_same_number_are_not_repeats() -> None:
    found = compare([1.0, 1.0, 1.0], [0.5, 0.5, 0.5], direction="minimize")
    assert found.decision == "undecided"
    assert "seed" in found.message.en


def test_failed_runs_count_against_their_arm() -> None:
    steady = compare(BASE * 2, BETTER * 2, direction="minimize")
    failing = compare(BASE * 2, [*BETTER, math.nan, math.inf, None, math.nan], direction="minimize")
    assert (steady.decision, failing.decision) == ("adopt", "keep")
    assert failing.facts.failures == (0, 4)
    assert "4 of 8" in failing.message.en


def test_looking_after_every_run_asks_for_a_smaller_p() -> None:
    once = compare(BASE, CLOSE, direction="minimize").facts
    planned = compare(BASE, CLOSE, direction="minimize", up_to=12).facts
    assert once.p_value == planned.p_value
    assert planned.needed < once.needed / 2
    assert compare(BASE, BETTER, direction="minimize", open_ended=True).decision == "adopt"


def test_earlier_repeats_lend_their_noise() -> None:
    alone = compare(BASE, CLOSE, direction="minimize").facts
    lent = compare(BASE, CLOSE, direction="minimize", history=HISTORY).facts
    assert lent.freedom is not None
    assert alone.freedom is not None
    assert lent.freedom > alone.freedom
    assert compare(BASE[:2], CLOSE[:2], direction="minimize", history=HISTORY).facts.enough


def test_pairs_that_move_together_are_seen() -> None:
    a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    b = [0.8, 1.9, 2.7, 3.8, 4.7, 5.9]
    assert compare(a, b, direction="minimize").decision == "undecided"
    assert compare(a, b, direction="minimize", paired=True).decision == "adopt"
    with pytest.raises(InputError):
        compare(a, b[:-1], direction="minimize", paired=True)


@settings(max_examples=30, deadline=None)
@given(ARMS, ARMS, st.sampled_from([0.25, 3.0, 1e6, 1e-6]), st.randoms(use_true_random=False))
def test_direction_scale_and_order_change_no_decision(
    a: list[float], b: list[float], factor: float, random: Any
) -> None:
    plain = compare(a, b, direction="minimize", min_effect=0.5)
    flipped = compare([-x for x in a], [-x for x in b], direction="maximize", min_effect=0.5)
    scaled = compare([factor * x for x in a], [factor * x for x in b], direction="minimize", min_effect=0.5 * factor)
    mixed = compare(random.sample(a, len(a)), random.sample(b, len(b)), direction="minimize", min_effect=0.5)
    assert plain.decision == flipped.decision == scaled.decision == mixed.decision
    assert plain.as_json() == flipped.as_json()
    if plain.gain is not None and scaled.gain is not None:
        assert scaled.gain == pytest.approx(factor * plain.gain, rel=1e-9, abs=1e-12 * factor)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(NUMBERS, max_size=6),
    st.lists(NUMBERS, max_size=6),
    st.booleans(),
    st.lists(st.lists(NUMBERS, max_size=3), max_size=4),
)
def test_any_numbers_give_an_answer_or_one_clear_error(a: list[Any], b: list[Any], paired: bool, history: Any) -> None:
    try:
        found = compare(a, b, direction="minimize", min_effect=0.1, paired=paired, history=history)
    except InputError:
        return
    text = json.dumps(found.as_json(), allow_nan=False)
    assert "nan" not in text
    assert "nan" not in view(found, "en")
    assert found.probability is None or 0 <= found.probability <= 1


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_all_file_forms_read_alike(tmp_path: Path) -> None:
    a = written(tmp_path, "a.txt", "# baseline\n" + "\n".join(map(str, BASE)) + "\n\n")
    other = {
        "b.txt": ("\n".join(map(str, CLOSE)), ""),
        "b.csv": ("seed,dev/error\n" + "\n".join(f"{k},{x}" for k, x in enumerate(CLOSE)), ":dev/error"),
        "one.csv": ("error\n" + "\n".join(map(str, CLOSE)), ""),
        "b.tsv": ("seed\terr\n" + "\n".join(f"{k}\t{x}" for k, x in enumerate(CLOSE)), ":err"),
        "b.json": (json.dumps(CLOSE), ""),
        "c.json": (json.dumps({"err": CLOSE}), ":err"),
        "b.jsonl": ("\n".join(map(str, CLOSE)), ""),
        "c.jsonl": ("\n".join(json.dumps({"err": x}) for x in CLOSE), ":err"),
        "bom.txt": ("\ufeff" + "\n".join(map(str, CLOSE)), ""),
    }
    want = compare(BASE, CLOSE, direction="minimize").as_json()
    for name, (text, column) in other.items():
        if "/" in column:
            text, column = text.replace("dev/error", "dev_error"), ":dev_error"
        assert compare_files(a, written(tmp_path, name, text) + column, direction="minimize").as_json() == want, name


def test_failed_runs_in_files_are_counted(tmp_path: Path) -> None:
    a = written(tmp_path, "a.txt", "1\n2\nnan\ndiverged\n3\n")
    b = written(tmp_path, "b.json", "[1, null, 2.5, NaN, 2]")
    assert compare_files(a, b, direction="minimize").facts.failures == (2, 2)


@pytest.mark.parametrize(
    ("name", "text", "place", "found"),
    [
        ("b.txt", "1\n2\nabc\n", "b.txt:3", "abc"),
        ("b.txt", "0,081\n1\n", "b.txt:1", "0,081"),
        ("b.txt", "81 %\n1\n", "b.txt:1", "81 %"),
        ("b.txt", "", "b.txt", "no numbers"),
        ("b.csv", "x,y\n1,2\n", "b.csv:1", "x, y"),
        ("b.csv:z", "x,y\n1,2\n", "b.csv:1", "z"),
        ("b.csv:x", "x,x\n1,2\n", "b.csv:1", "x"),
        ("b.json", "{", "b.json:1", "Expecting"),
        ("b.json", "3", "b.json", "3"),
        ("b.jsonl", "1\n{\n", "b.jsonl:2", "{"),
        ("b.jsonl:q", '{"p": 1}\n', "b.jsonl:1", "q"),
        ("b.json", "[true, 1]", "b.json[0]", "True"),
    ],
)
def test_a_fault_in_a_file_is_told_with_its_place(tmp_path: Path, name: str, text: str, place: str, found: str) -> None:
    file, _, column = name.partition(":")
    spec = written(tmp_path, file, text) + (f":{column}" if column else "")
    with pytest.raises(InputError) as caught:
        compare_files(written(tmp_path, "a.txt", "1\n2\n3\n"), spec, direction="minimize")
    detail = caught.value.details[0]
    assert detail.path.endswith(place)
    assert found in detail.found


def test_missing_files_folders_and_wrong_encodings_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        compare_files(str(tmp_path / "none.txt"), str(tmp_path), history=[str(tmp_path / "bad.txt")])
    assert [detail.found for detail in caught.value.details] == ["no such file", "a folder", "not UTF-8", "nothing"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_view_shows_decision_runs_prior_noise_and_next_step(language: Any) -> None:
    found = compare(BASE, CLOSE, direction="minimize", min_effect=0.002, history=HISTORY, up_to=12)
    text = view(found, language)
    words = {
        "en": ("NOT DECIDED", "4 of 10 ideas do nothing", "Seed noise", "9 earlier ones", "12 each", "Next:"),
        "zh": ("还不能定", "4 个没用", "种子波动", "9 次重复", "最多各 12 次", "下一步"),
    }[language]
    for word in (*words, "0.0884", "0.0845", "0.002"):
        assert word in text
    assert max(len(line) for line in text.splitlines()) < 160
    for other in (compare(BASE, BETTER, direction="minimize"), compare([1.0], [2.0], direction="maximize")):
        assert view(other, language)
