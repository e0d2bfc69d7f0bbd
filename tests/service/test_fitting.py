"""An answer that says nothing, or neither yes nor no where that is asked, is refused in both languages and kept nowhere."""

import pytest

from playnote.errors import InputError
from playnote.playbook import CATALOG
from playnote.service.fitting import fitting

RULES = {rule.id: rule for rule in CATALOG}


@pytest.mark.parametrize("said", ["", " ", "...", "?", "todo", "TBD", "n/a", "xxx", "待定", "——"])
def test_what_says_nothing_is_refused_everywhere(said):
    for rule in CATALOG:
        if rule.asks is not None:
            with pytest.raises(InputError):
                fitting(rule, said)


@pytest.mark.parametrize("said", ["asdf", "the usual", "maybe", "训练集", "yesterday", "nothingness"])
def test_neither_yes_nor_no_is_refused_where_that_is_asked(said):
    with pytest.raises(InputError) as told:
        fitting(RULES["C2-train-role"], said)
    assert RULES["C2-train-role"].asks.en in told.value.fix.en


@pytest.mark.parametrize(
    "said", ["yes", "Yes, Train alone", "no", "No: on all", "none", "是", "是，只用 Train", "否", "没有", "不是"]
)
def test_a_yes_or_a_no_with_more_words_is_taken_as_it_stands(said):
    assert fitting(RULES["C2-train-role"], f" {said} ") == said


@pytest.mark.parametrize("said", ["classification", "分类", "ResNet-18, 2016"])
def test_an_open_question_takes_any_words(said):
    assert fitting(RULES["B-task-type"], said) == said


def test_yes_or_no_is_asked_in_words_that_ask_for_it():
    asked = [rule for rule in CATALOG if rule.yes_or_no]
    assert len(asked) > 8
    for rule in asked:
        assert rule.asks is not None, rule.id
        assert rule.asks.en.split()[0] in {"Is", "Are", "Has", "Do", "Does", "Can"}, rule.id
