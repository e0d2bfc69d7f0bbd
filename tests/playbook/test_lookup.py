"""Rules and questions are found by id, section number and words of either language."""

import pytest

from playnote.errors import NotFoundError
from playnote.playbook.catalog import BY_ID, CATALOG
from playnote.playbook.faq import FAQ, find_questions
from playnote.playbook.lookup import find_rules, look_up


def ids(words):
    return [rule.id for rule in find_rules(words)]


@pytest.mark.parametrize("rule", CATALOG, ids=[rule.id for rule in CATALOG])
def test_an_id_finds_that_rule_alone_in_any_case(rule):
    assert ids(rule.id) == ids(rule.id.lower()) == [rule.id]


def test_a_bare_section_number_finds_the_rules_that_stand_there():
    assert ids("9.2") == [rule.id for rule in CATALOG if "body:9.2" in rule.sections]
    assert "G2-clip-p90" not in ids("9.2")


def test_a_section_finds_its_parts_and_a_letter_both_parts_of_the_playbook():
    assert set(ids("body:9.2")) < set(ids("9"))
    assert set(ids("app:E.3")) | set(ids("body:E.3")) == set(ids("E.3"))


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("预热", "G2-warmup-sweep"),
        ("隔离图", "E3-isolation"),
        ("上线", "F2-clean-eval-first"),
        ("裁剪 分位", "G2-clip-p90"),
        ("warmup shortest", "G2-warmup-shortest"),
        ("end to end", "F3-e2e-when"),
    ],
)
def test_words_of_either_language_find_a_rule(words, rule):
    assert rule in ids(words)


def test_every_question_has_both_languages_and_names_rules_of_the_catalog():
    assert len(FAQ) == 6
    for question in FAQ:
        assert question.asks.en
        assert question.asks.zh
        assert question.answer.en != question.answer.zh
        assert set(question.rules) <= set(BY_ID)


@pytest.mark.parametrize("words", ["adam", "余弦", "batch", "元参数", "论文", "momentum"])
def test_a_question_is_found_by_a_word(words):
    assert find_questions(words)


def test_the_section_of_the_questions_gives_them_all():
    _, questions = look_up("13")
    assert questions == FAQ


def test_a_word_that_only_a_question_holds_is_no_error():
    rules, questions = look_up("元参数")
    assert not rules
    assert questions


def test_nothing_found_is_said_with_what_to_try():
    with pytest.raises(NotFoundError) as error:
        look_up("qwertyuiop")
    assert "app:E.3" in error.value.fix.en
