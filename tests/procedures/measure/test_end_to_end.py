"""End to end or stages: the whole table of answers, blanks included."""

from itertools import product

from playnote.procedures.measure.end_to_end import CONDITIONS, advise, end_to_end_or_pipeline
from playnote.testing.choice_machines import bench_with
from playnote.testing.machines import drive

KEYS = [each.key for each in CONDITIONS]
TABLE = list(product((True, False, None), repeat=5))


def test_the_lean_is_that_of_the_playbook_and_a_blank_that_could_turn_it_leaves_none():
    leans = dict.fromkeys(TABLE, "none")
    leans |= {row: "pipeline" for row in TABLE if row[:2] == (False, False)}
    leans[True, True, True, False, False] = "end-to-end"
    assert {row: advise(dict(zip(KEYS, row, strict=True))).lean for row in TABLE} == leans


def test_what_is_missing_is_named_where_some_answer_to_it_would_give_a_lean_and_only_there():
    for row in TABLE:
        answers = dict(zip(KEYS, row, strict=True))
        blanks = [key for key in KEYS if answers[key] is None]
        words = product((True, False), repeat=len(blanks))
        filled = {advise({**answers, **dict(zip(blanks, each, strict=True))}).lean for each in words}
        advice = advise(answers)
        assert bool(advice.missing) == (advice.lean == "none" and bool(blanks) and filled != {"none"}), row
        # a lean is never given that some answer to a blank would take back
        assert advice.lean == "none" or filled == {advice.lean}, row


def asked(task=None, **options):
    return drive(end_to_end_or_pipeline(bench_with((), {"lr": 0.1}, task=task, options=options)), lambda point: None)[0]


def test_nothing_is_trained_and_questions_are_asked_in_both_languages():
    found = asked()
    assert found.label == "unknown"
    questions = [note for note in found.notes if "?" in note.en]
    assert len(questions) == 5
    assert all("？" in each.zh and "--" in each.zh for each in questions)


def test_answers_of_the_command_are_proposed_for_the_project_file_and_the_design_never_is():
    found = asked(pairs=0.0, intermediate_labels=0.0)
    assert found.label == "yes"
    assert found.edits == {
        ("project", "task", "pairs"): "limited",
        ("project", "task", "intermediate_labels"): "easy",
    }
    assert "stages" in found.message.en
    assert "分阶段" in found.message.zh


def test_declared_conditions_are_taken_and_contrary_ones_say_what_speaks_for_and_against():
    task = {
        "pairs": "huge",
        "intermediate_labels": "hard",
        "compute": "ample",
        "rules": "free",
        "explanations": "required",
    }
    found = asked(task)
    assert found.label == "no"
    assert "explanations needed" in found.message.en
    assert "要能解释" in found.message.zh
    assert asked({**task, "explanations": "free"}).results[0][1]["lean"] == "end-to-end"


def test_the_words_are_those_that_the_rules_read():
    from playnote.playbook import f3_end_to_end

    source = str(f3_end_to_end._PAIRS.en) + str(f3_end_to_end._STAGES.en)
    for each in CONDITIONS[:2]:
        assert f'"{each.yes}"' in source
        assert f'"{each.no}"' in source
