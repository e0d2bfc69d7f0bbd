"""errors: drawn at random from recorded or given predictions, tagged by people, tallied; nothing but dev."""

import csv

import pytest

from playnote.errors import InputError, NotFoundError, SourceError
from playnote.service.error_analysis import (
    errors_fixable,
    errors_focus,
    errors_import,
    errors_sample,
    errors_show,
    errors_tag,
)
from playnote.service.rounds import baseline_run
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"
goal = "Show that errors are sorted"
task = { type = "classification", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
chance = 0.9

[splits]
dev = { source = "made", ids = "dev.txt" }
test = { source = "made", ids = "test.txt" }

[workflow]
function = "train:train"
max_train_steps = 1
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }

[baseline]
lr = 0.01
"""
CODE = """
def train(trial):
    ids = [f"d{at}" for at in range(400)]
    labels = [at % 4 for at in range(400)]
    said = [[float(k == (label + (at % 5 == 0)) % 4) for k in range(4)] for at, label in enumerate(labels)]
    trial.log(1, {"dev/error": 0.2})
    trial.predictions("dev", ids=ids, labels=labels, probabilities=said)
"""


def project(folder):
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.py").write_text(CODE, encoding="utf-8")
    (folder / "dev.txt").write_text("\n".join(f"d{at}" for at in range(400)), encoding="utf-8")
    (folder / "test.txt").write_text("\n".join(f"t{at}" for at in range(400)), encoding="utf-8")
    return open_project(folder)


@pytest.fixture
def session(tmp_path):
    return project(tmp_path)


@pytest.fixture
def predictions(tmp_path):
    return given(tmp_path / "said.csv", [(f"d{at}", at % 4, (at + (at % 5 == 0)) % 4) for at in range(400)])


def given(path, rows, header=("id", "label", "prediction")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def test_recorded_predictions_and_a_file_of_the_same_give_the_same_sample(session, predictions):
    for _ in baseline_run(session, seeds=1):
        pass
    recorded = errors_sample(session, "t0001", seed=5)
    filed = errors_sample(session, predictions, seed=5)
    assert recorded["ids"] == filed["ids"]
    assert (recorded["wrong"], recorded["n"]) == (80, 400)
    assert {int(one[1:]) % 5 for one in recorded["ids"]} == {0}
    assert (recorded["trial"], filed["trial"]) == ("t0001", "said.csv")


def test_predictions_kept_under_the_name_that_the_code_logs_dev_by_are_found(tmp_path):
    project(tmp_path)
    declared = PROJECT.replace('ids = "dev.txt"', 'ids = "dev.txt", logged_as = "val"')
    (tmp_path / "playnote.toml").write_text(declared, encoding="utf-8")
    code = CODE.replace('"dev/error"', '"val/error"').replace('predictions("dev"', 'predictions("val"')
    (tmp_path / "train.py").write_text(code, encoding="utf-8")
    session = open_project(tmp_path)
    for _ in baseline_run(session, seeds=1):
        pass
    assert errors_sample(session, "1")["wrong"] == 80


def test_the_table_holds_the_sample_and_only_its_owner_reads_it(session, predictions, tmp_path):
    found = errors_sample(session, predictions, n=30)
    rows = list(csv.DictReader((tmp_path / "errors-1.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["id"] for row in rows] == found["ids"]
    assert all(row["label"] != row["prediction"] and row["tags"] == "" for row in rows)
    assert (tmp_path / "errors-1.csv").stat().st_mode & 0o077 == 0
    assert found["ids"] == errors_sample(session, predictions, n=80)["ids"][:30]


def test_tags_are_tallied_with_several_an_example_and_the_largest_kind_leads(session, predictions, tmp_path):
    ids = errors_sample(session, predictions)["ids"]
    rows = [(one, "blurry; dark" if at < 20 else "blurry" if at < 60 else "other") for at, one in enumerate(ids)]
    errors_import(session, tmp_path / given(tmp_path / "tags.csv", rows, ("id", "tags")))
    found = errors_show(session)
    counts = {each["name"]: each["count"] for each in found["categories"]}
    assert counts == {"blurry": 60, "dark": 20, "other": 20}
    assert found["categories"][0]["ceiling"] == pytest.approx(0.75 * 0.2, rel=0.05)
    assert found["finding"]["label"] == "yes"
    assert found["left"] == []
    measured = session.state().events("measurement")[-1].data
    assert measured["name"] == "errors"
    assert {"n": 80, "categories": 3, "other_share": 0.25}.items() <= measured["result"].items()


def test_only_examples_that_somebody_looked_at_count(session, predictions):
    ids = errors_sample(session, predictions)["ids"]
    found = errors_tag(session, {ids[0]: ["blurry"], ids[1]: ["dark", "blurry", "blurry "]})
    assert found["tagged"] == 2
    assert len(found["left"]) == 78
    assert {each["name"]: each["count"] for each in found["categories"]} == {"blurry": 2, "dark": 1}
    assert found["finding"]["label"] == "unknown"
    again = errors_tag(session, {ids[1]: ["dark"]})
    assert {each["name"]: each["count"] for each in again["categories"]} == {"blurry": 1, "dark": 1}


def test_a_second_person_gives_the_agreement_and_does_not_change_the_tally(session, predictions):
    ids = errors_sample(session, predictions)["ids"]
    tags = {one: ["blurry" if at % 2 else "dark"] for at, one in enumerate(ids)}
    before = errors_tag(session, tags, by="first")
    after = errors_tag(session, {one: tags[one] for one in ids[:20]}, by="second")
    assert after["agreement"] == pytest.approx(1.0)
    assert after["categories"] == before["categories"]


def test_a_kind_that_can_be_fixed_comes_before_a_larger_one_that_cannot(session, predictions):
    ids = errors_sample(session, predictions)["ids"]
    errors_tag(session, {one: ["dark" if at < 50 else "blurry"] for at, one in enumerate(ids)})
    errors_fixable(session, "dark", 0.1)
    found = errors_fixable(session, "blurry", 0.9)
    assert [each["name"] for each in found["categories"]] == ["blurry", "dark"]
    assert errors_focus(session, "blurry", "more light is cheap")["focus"]["choice"] == "blurry"


def test_an_id_outside_the_sample_is_refused_and_nothing_is_recorded(session, predictions):
    ids = errors_sample(session, predictions, n=10)["ids"]
    with pytest.raises(NotFoundError) as refused:
        errors_tag(session, {ids[0]: ["dark"], "d1": ["dark"]})
    assert [each.path for each in refused.value.details] == ["d1"]
    assert not session.state().events("errors-tagged")


def test_errors_of_test_are_refused(session, tmp_path):
    with pytest.raises(InputError) as refused:
        errors_sample(session, given(tmp_path / "x.csv", [("t1", 0, 1)]))
    assert "test" in refused.value.problem.en


@pytest.mark.parametrize(
    ("rows", "header"),
    [([("d1", 1)], ("id", "prediction")), ([("d1", 1, 1)], ("id", "label", "prediction")), ([("a", 1)], ("x", "y"))],
    ids=["no labels", "nothing wrong", "no columns"],
)
def test_predictions_without_labels_errors_or_columns_are_said(session, tmp_path, rows, header):
    with pytest.raises((InputError, SourceError)) as refused:
        errors_sample(session, given(tmp_path / "x.csv", rows, header))
    assert refused.value.fix.en


def test_for_numbers_wrong_is_what_was_declared(session, tmp_path):
    path = given(tmp_path / "x.csv", [("d1", 1.0, 1.4), ("d2", 1.0, 1.6), ("d3", 2.0, "nan")])
    assert set(errors_sample(session, path, above=0.5)["ids"]) == {"d2", "d3"}


@pytest.mark.parametrize("n", [0, 201])
def test_a_sample_has_1_to_200_examples(session, predictions, n):
    with pytest.raises(InputError):
        errors_sample(session, predictions, n=n)
