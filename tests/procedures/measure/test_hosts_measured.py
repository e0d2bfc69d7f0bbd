"""measure hosts: every fault is named with what to do, a clean comparison is said to be whole, a partial one to be partial."""

from dataclasses import replace

import pytest

from playnote.errors import InputError
from playnote.procedures.measure.contract import Seen
from playnote.procedures.measure.hosts import FIXES, hosts
from playnote.testing.host_cases import FAULTS, planted, set_up
from playnote.testing.machines import drive, made_bench
from playnote.training.hosts import compare_hosts


def measured(numbers):
    facts = {} if numbers is None else {"hosts": dict(numbers)}
    return drive(hosts(made_bench()), lambda point: Seen(point=point, trial="t", outcome="ok", facts=facts))[0]


def test_every_fault_has_a_sentence_of_what_to_do():
    assert set(FIXES) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_with_what_to_do(fault):
    case = planted(set_up(3, world=4), fault, 3)
    found = measured(compare_hosts(case.hosts, case.examples).numbers)
    assert found.label == "no"
    assert fault in found.message.en
    assert FIXES[fault] in found.notes


def test_a_clean_and_whole_comparison_is_said_to_be_one():
    case = set_up(3, world=4, kind="strided")
    whole = [replace(each, weights="w", wrote=each.rank == 0, reloaded=each.metric) for each in case.hosts]
    found = measured(compare_hosts(whole, case.examples).numbers)
    assert found.label == "yes"
    assert not found.notes


def test_what_was_not_compared_leaves_it_open_and_is_named():
    found = measured({"processes": 2, "writers": 1, "parameters_equal": True})
    assert found.label == "unknown"
    assert "shards" in found.message.en
    assert "分片" in found.message.zh


def test_one_process_alone_is_no_comparison():
    found = measured(
        {"processes": 1, "parameters_equal": True, "batches_differ": True, "missing": 0, "reload_equal": True}
    )
    assert found.label == "unknown"
    assert any("torchrun" in note.zh for note in found.notes)


def test_training_code_that_noted_nothing_hears_the_line_to_write():
    with pytest.raises(InputError, match="noted nothing") as error:
        measured(None)
    assert "compare_hosts(gather(" in error.value.fix.en
