"""The exchange format: every question answered, broken cases survived, files read and written."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playnote.errors import InputError
from playnote.service.judge import judge, judge_lines
from playnote.testing import catalog
from playnote.testing.mutations import mutated

LABELS = {"yes", "no", "unknown"}


def adoption(a: list[Any], b: list[Any], direction: str = "minimize", **more: Any) -> dict[str, Any]:
    trials = [
        {"trial_id": f"{arm}{k}", "role": "confirm", "arm": arm, "seed": k, "value": value,
         "status": "diverged" if value is None else "complete"}
        for arm, values in (("a", a), ("b", b)) for k, value in enumerate(values)
    ]  # fmt: skip
    study = {
        "metric": {"name": "error", "direction": direction, "min_effect": 0.1},
        "decision": {"baseline": "a", "candidate": "b", "alpha": 0.05, "margin": 0.0, "paired_by": None, **more},
        "trials": trials,
    }
    return {"case_id": "x", "task": "adoption", "study": study}


def label_of(case: dict[str, Any]) -> str:
    (found,) = judge(case)
    assert (found["verdict"], found["target"]) == ("adopt", {})
    return str(found["label"])


def test_adoption_answers_yes_no_and_unknown() -> None:
    good, bad = [1.0, 1.1, 0.9, 1.05], [5.0, 5.1, 4.9, 5.05]
    assert label_of(adoption(bad, good)) == "yes"
    assert label_of(adoption(good, bad)) == "no"
    assert label_of(adoption(good, bad, "maximize")) == "yes"
    assert label_of(adoption(bad[:1], good[:1])) == "unknown"
    assert label_of(adoption(bad[:2], good[:2])) == "unknown"
    assert label_of(adoption(bad, good, margin=10.0)) != "yes"
    assert label_of(adoption(bad, good, population="examples_and_seeds")) == "unknown"


def test_the_search_run_and_a_run_listed_twice_do_not_count_as_repeats() -> None:
    case = adoption([5.0, 5.1], [1.0, 1.1])
    search = {"trial_id": "s", "role": "search", "arm": "b", "seed": 9, "status": "complete", "value": 0.9}
    case["study"]["trials"] += [search, *copy.deepcopy(case["study"]["trials"])]
    assert label_of(case) == "unknown"


def test_a_look_that_was_not_planned_first_and_a_planned_one_need_a_smaller_p() -> None:
    a, b = [1.0, 1.3, 1.1, 1.2, 1.05], [0.95, 1.05, 0.9, 1.1, 0.88]
    assert label_of(adoption(a, b)) == "yes"
    assert label_of({**adoption(a, b), "looks": list(range(2, 21))}) == "unknown"


def test_every_question_of_a_task_is_answered() -> None:
    for task in catalog.TASKS:
        for known in catalog.stream(task, 3, 0, 6):
            found = judge(known.case, strict=True)
            asked = {(answer["verdict"], json.dumps(answer["target"], sort_keys=True)) for answer in found}
            assert len(asked) == len(found)
            for truth in known.truths:
                assert truth.verdict in {answer["verdict"] for answer in found}
            assert all(answer["label"] in LABELS for answer in found)
            json.dumps(found, allow_nan=False)


def test_a_fault_of_ours_is_unknown_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("no such thing")

    monkeypatch.setattr("playnote.service.judge_adoption.measure_adoption", broken)
    case = adoption([5.0, 5.1, 4.9], [1.0, 1.1, 0.9])
    (found,) = judge(case)
    assert (found["label"], found["fault"]) == ("unknown", "TypeError: no such thing")
    with pytest.raises(TypeError):
        judge(case, strict=True)


def test_unknown_keys_are_ignored() -> None:
    case = adoption([5.0, 5.1, 4.9], [1.0, 1.1, 0.9])
    more = copy.deepcopy(case) | {"colour": "blue"}
    more["study"]["zzz"] = [1]
    more["study"]["trials"][0]["note"] = {}
    assert judge(more) == judge(case)


@pytest.mark.parametrize(
    "case", [None, [], "x", {}, {"task": "sums", "study": {}}, {"task": "gaps"}, {"task": ["gaps"]}]
)
def test_what_is_no_case_is_one_clear_error(case: Any) -> None:
    with pytest.raises(InputError) as caught:
        judge(case)
    assert len(caught.value.details) == 1


def test_a_loss_that_is_lost_is_told_from_one_that_was_not_logged() -> None:
    rng = np.random.default_rng(0)
    steps = [{"step": k, "train_loss": 1 + float(rng.normal(0, 0.01)), "grad_norm": 1.0} for k in range(300)]
    lost = [{**point, "train_loss": None} if point["step"] >= 280 else point for point in steps]
    sparse = [{**point, "train_loss": None} if point["step"] % 10 else point for point in steps]

    def label(points: list[dict[str, Any]]) -> str:
        trial = {"trial_id": 1, "role": "search", "seed": 0, "status": "complete", "value": 1.0, "steps": points}
        study = {"metric": {"name": "m", "direction": "minimize"}, "trials": [trial]}
        return str(judge({"task": "stability", "study": study})[0]["label"])

    assert label(steps) != "yes"
    assert label(lost) == "yes"
    assert label(sparse) == "unknown"


@pytest.mark.parametrize("task", catalog.TASKS)
def test_broken_cases_get_unknown_or_one_clear_error(task: str) -> None:
    rng = np.random.default_rng(11)
    bases = [known.case for known in catalog.stream(task, 4, 0, 6)]
    for index in range(60):
        try:
            found = judge(mutated(bases[index % len(bases)], rng), strict=True)
        except InputError:
            continue
        assert all(answer["label"] in LABELS for answer in found)
        json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_files_go_in_and_out_line_by_line(tmp_path: Path, suffix: str) -> None:
    cases = [adoption([5.0, 5.1, 4.9], [1.0, 1.1, 0.9]), adoption([1.0], [2.0])]
    source, out = tmp_path / f"cases{suffix}", tmp_path / f"out{suffix}"
    text = "\n".join(json.dumps(case) for case in cases) + "\n\n"
    source.write_bytes(gzip.compress(text.encode()) if suffix.endswith("gz") else text.encode())
    assert judge_lines(source, out) == 2
    raw = out.read_bytes()
    lines = (gzip.decompress(raw) if suffix.endswith("gz") else raw).decode().splitlines()
    assert [json.loads(line)["predictions"] for line in lines] == [judge(case) for case in cases]


def test_lines_that_are_no_case_are_told_after_the_others_are_judged(tmp_path: Path) -> None:
    source, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    source.write_text("{\n" + json.dumps(adoption([1.0], [2.0])) + "\n[]\n")
    with pytest.raises(InputError) as caught:
        judge_lines(source, out)
    assert [detail.path.rpartition("cases.jsonl")[2] for detail in caught.value.details] == [":1", ":3: case"]
    assert len(out.read_text().splitlines()) == 1
    with pytest.raises(InputError):
        judge_lines(tmp_path / "none.jsonl", out)
