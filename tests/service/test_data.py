"""data make and data audit through the service: files and project file written, events recorded, changes found."""

import csv
import subprocess
import sys

import numpy as np
import pytest

from playnote.errors import InputError, LedgerError
from playnote.service.data import Columns, Wish, data_audit, data_make
from playnote.service.session import open_project
from playnote.templates import copy_template

PROJECT = """
[project]
name = "small"   # a comment that stays

[objective]
optimize = "dev/error"
direction = "minimize"
{splits}
"""
COLUMNS = Columns(id="id", group="who", source="source", label="label")


def written(folder, rows, name="data.csv"):
    with (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder / name


def rows_of(n=400, shifted="", seed=0):
    rng = np.random.default_rng(seed)
    found = []
    for at in range(n):
        source = "line" if at % 2 else "web"
        x = rng.normal(size=3) + (1.5 if source == shifted else 0.0)
        found.append(
            {"id": f"e{at}", "who": f"p{at // 2 % 100}-{source}", "source": source, "label": at % 3}
            | {f"x{each}": round(float(value), 5) for each, value in enumerate(x)}
        )
    return found


@pytest.fixture
def session(tmp_path):
    (tmp_path / "playnote.toml").write_text(PROJECT.format(splits=""), encoding="utf-8")
    return open_project(tmp_path)


def test_a_cut_writes_files_project_and_event_and_audits_clean(session, tmp_path):
    data = written(tmp_path, rows_of())
    made = data_make(session, data, COLUMNS, Wish(deployment="line", dev=60, test=60, train_dev=40))
    assert "a comment that stays" in (tmp_path / "playnote.toml").read_text()
    again = open_project(tmp_path)
    assert {name: split.source for name, split in again.project.splits.items()}["dev"] == "line"
    assert again.project.deployment == "line"
    assert {name: each["fingerprint"] for name, each in made["splits"].items()} == {
        name: split.fingerprint for name, split in again.project.splits.items()
    }
    event = again.state().events("splits-made")[0].data
    assert event["how"]["carved"] is True
    assert event["splits"]["dev"]["sources"] == {"line": made["splits"]["dev"]["n"]}
    audit = data_audit(again)
    assert audit["changed"] == {}
    assert audit["unseen"] == {}
    assert not any(audit["overlap"]["across"].values())
    assert not any(audit["overlap"]["groups"].values())
    assert {(each["first"], each["second"]) for each in audit["shifts"]} == {
        ("dev", "test"),
        ("train", "train_dev"),
        ("train", "dev"),
    }


def test_a_train_set_of_another_distribution_gets_a_train_dev_without_any_source_declared(session, tmp_path):
    rows = rows_of(600)
    for at, row in enumerate(rows):  # the latest third is another distribution
        row["day"] = f"{at:04d}"
        row["x0"] += 2.0 if at >= 400 else 0.0
    data = written(tmp_path, rows)
    columns = Columns(id="id", time="day", label="label", ignore=("who", "source"))
    made = data_make(session, data, columns, Wish(by_time=True))
    assert "train_dev" in made["splits"]
    assert any("classifier" in note["en"] for note in made["notes"])


def test_one_distribution_needs_no_train_dev(session, tmp_path):
    columns = Columns(id="id", label="label", ignore=("who", "source"))
    made = data_make(session, written(tmp_path, rows_of()), columns, Wish())
    assert list(made["splits"]) == ["train", "dev", "test"]


def test_splits_that_are_there_are_not_cut_over(session, tmp_path):
    data = written(tmp_path, rows_of())
    data_make(session, data, COLUMNS, Wish(deployment="line"))
    with pytest.raises(InputError) as refused:
        data_make(open_project(tmp_path), data, COLUMNS, Wish(deployment="line", seed=1))
    assert "--replace" in refused.value.fix.en
    data_make(open_project(tmp_path), data, COLUMNS, Wish(deployment="line", seed=1), replace_files=True)


def test_an_audit_finds_what_was_planted(session, tmp_path):
    rows = rows_of()
    data = written(tmp_path, rows)
    data_make(session, data, COLUMNS, Wish(deployment="line", dev=80, test=80))
    ids = {name: (tmp_path / f"splits/{name}.txt").read_text().split() for name in ("train", "dev", "test")}
    by_id = {row["id"]: row for row in rows}
    content = ("x0", "x1", "x2")
    by_id[ids["dev"][0]] |= {name: by_id[ids["test"][0]][name] for name in content}  # a copy across
    for one in ids["test"]:
        by_id[one]["x1"] += 2.0  # a shift of test
    gone = ids["train"].pop()
    (tmp_path / "splits/train.txt").write_text("\n".join(ids["train"]))  # an id that went
    by_id[ids["dev"][0]] |= {name: by_id[ids["test"][0]][name] for name in content}
    written(tmp_path, list(by_id.values()))
    audit = data_audit(open_project(tmp_path))
    assert audit["overlap"]["across"]["dev&test"] == 1
    assert audit["overlap"]["examples"]["dev&test"] == [[ids["dev"][0], ids["test"][0]]]
    shifts = {(each["first"], each["second"]): each for each in audit["shifts"]}
    assert shifts["dev", "test"]["label"] == "yes"
    assert any("x1" in each for each in shifts["dev", "test"]["telling"])
    assert audit["changed"]["train"] == {"added": 0, "removed": 1, "altered": 0}
    assert audit["changed"]["test"]["altered"] == len(ids["test"])
    assert gone


def test_dev_is_compared_with_a_sample_of_deployment(session, tmp_path):
    data = written(tmp_path, rows_of())
    data_make(session, data, COLUMNS, Wish(deployment="line", dev=80, test=80))
    rng = np.random.default_rng(5)
    later = [{f"x{at}": value for at, value in enumerate(rng.normal(size=3) + 2)} for _ in range(150)]
    audit = data_audit(open_project(tmp_path), deployment=written(tmp_path, later, "later.csv"))
    shifts = {(each["first"], each["second"]): each["label"] for each in audit["shifts"]}
    assert shifts["dev", "deployment"] == shifts["train", "deployment"] == "yes"
    assert ("train", "dev") not in shifts


def test_the_same_seed_gives_the_same_audit(session, tmp_path):
    data_make(session, written(tmp_path, rows_of()), COLUMNS, Wish(deployment="line"))
    again = open_project(tmp_path)
    assert data_audit(again, seed=4) == data_audit(again, seed=4)


def test_ids_that_the_data_do_not_know_are_counted_and_none_at_all_is_an_error(session, tmp_path):
    rows = rows_of()
    data = written(tmp_path, rows)
    data_make(session, data, COLUMNS, Wish(deployment="line", dev=80, test=80))
    written(tmp_path, [row for row in rows if row["source"] == "line"])
    audit = data_audit(open_project(tmp_path))
    assert audit["unseen"]["train"] > 0
    with pytest.raises(InputError) as refused:
        data_audit(open_project(tmp_path), data, Columns())
    assert "--id" in refused.value.fix.en


def test_without_data_or_splits_the_fix_says_what_to_name(session, tmp_path):
    with pytest.raises(InputError) as refused:
        data_audit(session)
    assert "data audit" in refused.value.fix.en
    with pytest.raises(InputError) as refused:
        data_audit(session, written(tmp_path, rows_of(20)), COLUMNS)
    assert "data make" in refused.value.fix.en


def test_a_damaged_manifest_is_said_not_believed(session, tmp_path):
    data_make(session, written(tmp_path, rows_of()), COLUMNS, Wish(deployment="line"))
    again = open_project(tmp_path)
    (manifest,) = (again.home / "manifests").iterdir()
    assert manifest.stat().st_mode & 0o077 == 0
    manifest.write_bytes(b"torn")
    with pytest.raises(LedgerError):
        data_audit(again)


def test_the_digits_example_audits_its_own_sheets(tmp_path):
    pytest.importorskip("sklearn")
    copy_template("digits", tmp_path / "digits")
    subprocess.run([sys.executable, "export_data.py"], cwd=tmp_path / "digits", check=True)
    session = open_project(tmp_path / "digits")
    by_sheet = data_audit(session, tmp_path / "digits/digits.npz", Columns(label="label", group="sheet"))
    assert by_sheet["unseen"] == {}
    assert not any(by_sheet["overlap"]["groups"].values())
    assert not any(by_sheet["overlap"]["near"].values())
    # Four sheets a side carry no answer; picture by picture, other writers are another distribution, and it shows.
    assert {each["label"] for each in by_sheet["shifts"]} == {"unknown"}
    by_picture = data_audit(session, tmp_path / "digits/digits.npz", Columns(label="label", ignore=("sheet",)))
    assert by_picture["shifts"][0]["label"] == "yes"
