"""Every rule's examples are its tests."""

import pytest

from playnote.playbook.catalog import CATALOG
from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.facts import PROVIDERS
from playnote.playbook.lookup import find_rules

EXAMPLES = [(rule, at) for rule in CATALOG for at in range(len(rule.examples))]


@pytest.mark.parametrize(("rule", "at"), EXAMPLES, ids=[f"{r.id}-{at}" for r, at in EXAMPLES])
def test_an_example_gives_the_status_it_declares(rule, at):
    example = rule.examples[at]
    found = rule.check(*example.arguments())
    assert found.status == example.status
    assert found.message.en
    assert found.message.zh
    if found.status == "unknown":
        assert found.missing, "an unknown names the missing fact"


@pytest.mark.parametrize("rule", CATALOG, ids=[rule.id for rule in CATALOG])
def test_a_rule_has_an_example_that_is_silent_and_one_that_speaks(rule):
    statuses = {example.status for example in rule.examples}
    assert statuses & {"pass", "not-applicable"}
    assert statuses & {"fail", "warn", "unknown"}


@pytest.mark.parametrize("rule", CATALOG, ids=[rule.id for rule in CATALOG])
def test_a_rule_asks_only_for_what_the_engine_provides(rule):
    assert all(kind in PROVIDERS or kind is EarlierVerdicts for kind in rule.needs)


def test_ids_are_unique_and_sections_carry_their_part():
    assert len({rule.id for rule in CATALOG}) == len(CATALOG)
    assert all(section.startswith(("app:", "body:")) for rule in CATALOG for section in rule.sections)


@pytest.mark.parametrize("words", ["E3-boundary", "app:E.3", "边界", "log scale"])
def test_a_rule_is_found_by_id_section_and_word_in_either_language(words):
    assert find_rules(words)


def test_a_project_that_overrides_a_threshold_changes_the_rule():
    from playnote.playbook.e3_boundary import _infeasible, infeasible
    from playnote.playbook.examples import project
    from playnote.records.settings import Settings

    strict = project(settings=Settings({"rule_infeasible_fail": 0.25}))
    assert infeasible.check(_infeasible(0.3), project()).status == "warn"
    assert infeasible.check(_infeasible(0.3), strict).status == "fail"
