"""Every command that a verdict sends people to exists."""

import pytest

from playnote.playbook.catalog import CATALOG
from playnote.service.operations import OPERATIONS

VERBS = {operation.cli for operation in OPERATIONS}


@pytest.mark.parametrize("rule", CATALOG, ids=[rule.id for rule in CATALOG])
def test_the_commands_of_a_rule_begin_with_a_verb_that_exists(rule):
    for example in rule.examples:
        for action in rule.check(*example.arguments()).actions:
            if action.command:
                words = action.command.split()
                assert words[0] == "playnote"
                assert {" ".join(words[1 : 1 + n]) for n in (1, 2)} & VERBS, action.command
