"""What rules read of procedures, and the commands they send people to, exist under these names."""

import re
from pathlib import Path

import pytest

from playnote.playbook.catalog import CATALOG
from playnote.playbook.measured import PROCEDURES
from playnote.service.operations import OPERATIONS
from playnote.testing.coverage import kind_of, page

FILES = sorted((Path(__file__).parents[2] / "src" / "playnote" / "playbook").glob("[a-z]*_*.py"))
READ = re.compile(r"\.(?:number_of|numbers|flag|word)\(\s*\"(\w+)\"")
VERBS = {operation.cli for operation in OPERATIONS}


def test_a_rule_names_a_procedure_that_is_listed():
    assert {rule.by for rule in CATALOG if rule.by} <= set(PROCEDURES)


def test_a_procedure_is_run_by_an_operation_that_exists():
    assert {row.verb for row in PROCEDURES.values() if row.verb} <= VERBS


@pytest.mark.parametrize("name", [name for name, row in PROCEDURES.items() if row.verb is None])
def test_a_procedure_without_a_command_is_not_there_yet(name):
    # Whoever builds it gives its row a verb: then rules send people to it.
    assert not [verb for verb in VERBS if verb == f"measure {name}" or verb.split()[0] == name]


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_what_rules_read_of_a_measurement_is_listed(file):
    listed = {name for row in PROCEDURES.values() for name in row.reads}
    assert set(READ.findall(file.read_text(encoding="utf-8"))) <= listed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_coverage_page_is_current(language):
    name = {"en": "coverage.md", "zh": "coverage.zh.md"}[language]
    written = Path(__file__).parents[2] / "docs" / "reference" / name
    assert written.read_text(encoding="utf-8") == page(language), "run `python -m playnote.testing.coverage`"


def test_the_three_kinds_count_every_rule_once():
    kinds = [kind_of(rule) for rule in CATALOG]
    assert set(kinds) == {"data", "asked", "procedure"}
    assert len(kinds) == len(CATALOG)
