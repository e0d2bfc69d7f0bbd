"""labels: disagreements and a random part drawn, checked by people, and what follows for noise, order and clusters."""

import csv
import json

import numpy as np
import pytest

from playnote.errors import InputError, NotFoundError
from playnote.service.data import Columns
from playnote.service.error_analysis import errors_sample, errors_tag
from playnote.service.label_audit import labels_import, labels_mark, labels_relabelled, labels_sample, labels_show
from playnote.service.session import open_project

PROJECT = """
[project]
name = "small"

[objective]
optimize = "dev/error"
direction = "minimize"

[splits]
dev = { source = "made" }
"""
COLUMNS = Columns(id="id", label="label", group="who")


def table(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def session(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    return open_project(tmp_path)


@pytest.fixture
def models(tmp_path):
    """Two models on 1,000 examples: the first is right on 90 the second misses, the other way round 60."""
    found = []
    for name, missed in (("a.csv", range(90, 150)), ("b.csv", range(90))):
        rows = [(f"d{at}", at % 3, (at + (at in missed)) % 3) for at in range(1000)]
        found.append(str(table(tmp_path / name, ("id", "label", "prediction"), rows)))
    return found


def checked(session, folder, corrected):
    """Fill in the last table: `corrected` by id, otherwise the label as it is."""
    sample = session.state().events("labels-sampled")[-1].data
    rows = list(csv.DictReader((folder / sample["file"]).read_text(encoding="utf-8").splitlines()))
    filled = [(row["id"], corrected.get(row["id"], row["label"])) for row in rows]
    return labels_import(session, table(folder / "filled.csv", ("id", "corrected"), filled))


def test_disagreements_come_first_and_each_side_in_its_proportion(session, models):
    found = labels_sample(session, "dev", models=models, disagreements=50, random=100)
    assert found["only"] == [90, 60]
    sides = [int(one[1:]) < 90 for one in found["disagreements"]]
    assert (sum(sides), len(sides)) == (30, 50)
    assert len(found["random"]) == 100
    again = labels_sample(session, "dev", models=models, disagreements=50, random=100)
    assert (again["disagreements"], again["random"]) == (found["disagreements"], found["random"])


def test_right_labels_keep_the_order(session, models, tmp_path):
    labels_sample(session, "dev", models=models, disagreements=150)
    found = checked(session, tmp_path, {})
    assert found["order"]["label"] == "no"
    assert found["noise"]["wrong"] == 0
    assert session.state().events("measurement")[-1].data["result"]["flips"] is False


def test_labels_that_are_wrong_in_favour_of_the_first_turn_the_order(session, models, tmp_path):
    labels_sample(session, "dev", models=models, disagreements=150)
    # Where the first alone is "right", the second's answer is the true label for half of them.
    wrong = {f"d{at}": str((at + 1) % 3) for at in range(0, 90, 2)}
    found = checked(session, tmp_path, wrong)
    assert found["order"]["label"] == "yes"
    result = session.state().events("measurement")[-1].data["result"]
    assert (result["split"], result["random"], result["flips"]) == ("dev", True, True)


def test_the_share_of_wrong_labels_rests_on_the_random_part_alone(session, models, tmp_path):
    sample = labels_sample(session, "dev", models=models, disagreements=150, random=100)
    outside = [one for one in sample["disagreements"] if one not in sample["random"]]
    found = checked(session, tmp_path, dict.fromkeys(outside[:40], "7"))
    assert (found["noise"]["wrong"], found["noise"]["n"]) == (0, 100)
    assert found["noise"]["interval"][1] < 0.03


def test_the_share_of_errors_that_are_wrong_labels_comes_from_the_tags_where_the_random_part_holds_few(
    session, models, tmp_path
):
    drawn = errors_sample(session, models[0])
    errors_tag(session, {one: ["mislabelled" if at < 12 else "dark"] for at, one in enumerate(drawn["ids"])})
    labels_sample(session, "dev", models=models, disagreements=0, random=50)
    found = checked(session, tmp_path, {})
    assert found["errors"] == {"wrong_labels": 12, "n": 60}
    assert session.state().events("measurement")[-1].data["result"]["error_share"] == pytest.approx(0.2)


def test_unclear_examples_are_a_third_state(session, models, tmp_path):
    sample = labels_sample(session, "dev", models=models, disagreements=0, random=50)
    found = checked(session, tmp_path, dict.fromkeys(sample["random"][:5], "?"))
    assert (found["unclear"], found["noise"]["n"], found["noise"]["wrong"]) == (5, 45, 0)


def test_before_anything_is_checked_the_order_is_unknown_and_it_is_said_what_to_do(session, models):
    labels_sample(session, "dev", models=models)
    found = labels_show(session)
    assert found["order"]["label"] == "unknown"
    assert found["order"]["settles"]


def test_wrong_labels_of_one_annotator_in_train_are_a_cluster(session, tmp_path):
    rng = np.random.default_rng(1)
    rows = [(f"t{at}", at % 4, f"p{rng.integers(5)}", f"{rng.normal():.4f}") for at in range(2000)]
    data = table(tmp_path / "train.csv", ("id", "label", "who", "x"), rows)
    labels_sample(session, "train", data=data, columns=COLUMNS, random=200, key=["p3"])
    wrong = {one: "9" for one, _, who, _ in rows if who == "p3" and rng.random() < 0.5}
    found = checked(session, tmp_path, wrong)
    clusters = {each["factor"]: each["finding"]["label"] for each in found["clusters"]}
    assert clusters["group"] == "yes"
    result = session.state().events("measurement")[-1].data["result"]
    assert (result["split"], result["concentrated"], result["key_scene"]) == ("train", True, True)


def test_models_on_test_are_refused_before_a_milestone_and_a_random_part_is_not(session, models, tmp_path):
    with pytest.raises(InputError) as refused:
        labels_sample(session, "test", models=models)
    assert "--data" in refused.value.fix.en
    data = table(tmp_path / "test.csv", ("id", "label", "who", "x"), [(f"t{at}", at % 2, "p", at) for at in range(300)])
    assert len(labels_sample(session, "test", data=data, columns=COLUMNS)["random"]) == 100


def test_what_was_checked_must_be_in_the_sample(session, models):
    labels_sample(session, "dev", models=models, disagreements=0, random=5)
    with pytest.raises(NotFoundError):
        labels_mark(session, {"nothing": "1"})
    with pytest.raises(NotFoundError):
        labels_mark(session, {})
    assert not session.state().events("labels-audited")


def test_a_later_check_of_an_example_replaces_the_earlier(session, models):
    one = labels_sample(session, "dev", models=models, disagreements=0, random=5)["random"][0]
    assert labels_mark(session, {one: "9"})["noise"]["wrong"] == 1
    assert labels_mark(session, {one: str(int(one[1:]) % 3)})["noise"]["wrong"] == 0


def test_a_relabelling_is_recorded_for_the_rules(session):
    labels_relabelled(session, "dev", 12, "two people, a third decides")
    result = session.state().events("measurement")[-1].data["result"]
    assert (result["split"], result["relabelled"]) == ("dev", True)
    with pytest.raises(InputError):
        labels_relabelled(session, "dev", 12, " ")


def test_suspects_by_cleanlab_are_mostly_the_planted_wrong_labels(session, tmp_path):
    pytest.importorskip("cleanlab")
    rng = np.random.default_rng(2)
    true = rng.integers(0, 4, 400)
    wrong = rng.choice(400, 20, replace=False)
    labels = true.copy()
    labels[wrong] = (true[wrong] + 1) % 4
    rows = []
    for at in range(400):
        p = rng.dirichlet([1, 1, 1, 1]) * 0.3
        p[true[at]] += 0.7
        rows.append({"id": f"d{at}", "label": int(labels[at]), "probabilities": p.tolist()})
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = labels_sample(session, "dev", models=[str(path)], random=0, suspects=20)
    hits = sum(int(one[1:]) in set(wrong.tolist()) for one in found["suspects"])
    assert len(found["suspects"]) >= 10
    assert hits >= 0.9 * len(found["suspects"])
