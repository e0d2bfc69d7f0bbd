"""What the training code looks at itself comes into the record under the names that rules read."""

import pytest

from playnote.errors import InputError
from playnote.playbook.measured import PROCEDURES
from playnote.procedures.measure.contract import Seen
from playnote.procedures.measure.noted import LOOKS, noted
from playnote.testing.machines import drive, made_bench


def noting(**facts):
    return lambda point: Seen(point=point, trial="t1", outcome="ok", facts=facts)


def test_what_was_noted_is_recorded_whole():
    found, seen = drive(noted("optimizer")(made_bench()), noting(optimizer={"agrees": True, "convention": "standard"}))
    assert found.results == (("optimizer", {"agrees": True, "convention": "standard"}),)
    assert found.label == "yes"
    assert seen[0].point.steps == 20


@pytest.mark.parametrize("name", LOOKS)
def test_a_trial_that_noted_nothing_hears_the_line_to_write(name):
    with pytest.raises(InputError) as error:
        drive(noted(name)(made_bench()), noting())
    assert LOOKS[name] in error.value.fix.en
    assert f"playnote.training.{name}" in error.value.fix.zh


@pytest.mark.parametrize("name", LOOKS)
def test_the_line_to_write_calls_what_is_there(name):
    pytest.importorskip("torch")
    from importlib import import_module

    module = import_module(f"playnote.training.{name}")
    assert hasattr(module, LOOKS[name].removeprefix("dict(").split("(")[0])


def test_what_the_training_parts_note_is_what_rules_read():
    pytest.importorskip("torch")
    from playnote.training.architecture import Architecture, BlockSeen
    from playnote.training.evaluation import BatchDependence
    from playnote.training.hosts import HostFacts, compare_hosts
    from playnote.training.optimizer import OptimizerCheck

    facts = {
        "optimizer": OptimizerCheck(True, "standard", 0.0).as_facts(),
        "architecture": Architecture((BlockSeen("b", True, True, "pre", False, 1.0),), 1.0).as_facts(),
        "evaluation": BatchDependence((1, 2), (0.1, 0.1), False).as_facts(),
        "hosts": compare_hosts([HostFacts(rank=0, weights="w", ids=[1], norms="n")], 1).numbers,
    }
    for name, noted_of_it in facts.items():
        assert set(noted_of_it) & set(PROCEDURES[name].reads), name
    assert set(facts["optimizer"]) >= set(PROCEDURES["optimizer"].reads)
    assert set(facts["architecture"]) >= set(PROCEDURES["architecture"].reads)
