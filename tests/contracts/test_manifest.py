"""The playbook's sentences and the rules are the same list, both ways, each with an example that fires and one silent.

`manifest.csv` holds facts alone: the id of every rule, how strongly the playbook says it, and where it stands. Ids that
begin with X+ are what a correct reading also needs.
"""

import csv
import importlib
import tomllib
from pathlib import Path

import pytest

from playnote.playbook.catalog import BY_ID, CATALOG

MANIFEST = list(csv.DictReader((Path(__file__).parent / "manifest.csv").read_text(encoding="utf-8").splitlines()))
IDS = [row["id"] for row in MANIFEST]
PLAYBOOK = [name for name in IDS if not name.startswith("X+")]
SOURCE = Path(__file__).parents[2] / "src" / "playnote" / "playbook"


def test_the_manifest_lists_the_playbook_and_what_it_also_needs():
    assert len(PLAYBOOK) == 220
    assert len(IDS) - len(PLAYBOOK) == 16
    assert len(set(IDS)) == len(IDS)


def test_every_sentence_is_a_rule_and_every_rule_is_a_sentence():
    assert sorted(set(IDS) - set(BY_ID)) == []
    assert sorted(set(BY_ID) - set(IDS)) == []


@pytest.mark.parametrize("row", MANIFEST, ids=IDS)
def test_a_rule_has_the_level_and_stands_where_the_manifest_says(row):
    rule = BY_ID[row["id"]]
    assert rule.level.value == row["level"]
    assert set(rule.sections) == set(row["sections"].split())


@pytest.mark.parametrize("name", IDS)
def test_a_rule_has_an_example_that_fires_and_one_that_is_silent(name):
    statuses = {example.status for example in BY_ID[name].examples}
    assert statuses & {"fail", "warn", "unknown"}
    assert statuses & {"pass", "not-applicable"}


def test_rules_follow_the_playbooks_order_of_chapters():
    chapters = list(dict.fromkeys(BY_ID[name].chapter for name in IDS if name in BY_ID))
    assert list(dict.fromkeys(rule.chapter for rule in CATALOG)) == chapters


def test_a_rule_stands_in_a_file_of_its_chapter_and_in_that_files_list():
    for file in SOURCE.glob("[a-z]*_*.py"):
        module = importlib.import_module(f"playnote.playbook.{file.stem}")
        for rule in getattr(module, "RULES", ()):
            assert file.stem.startswith(rule.chapter.lower()), (rule.id, file.name)
            assert rule in CATALOG, rule.id


def test_every_file_of_rules_is_in_the_contract_that_keeps_them_apart():
    settings = tomllib.loads((SOURCE.parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(each for each in settings["tool"]["importlinter"]["contracts"] if each["id"] == "rules")
    files = {f"playnote.playbook.{file.stem}" for file in SOURCE.glob("[a-z]*_*.py") if "\nRULES" in file.read_text()}
    assert files == set(contract["modules"])
