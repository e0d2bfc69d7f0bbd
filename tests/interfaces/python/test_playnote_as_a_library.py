"""`import playnote` costs a training script next to nothing, and every public name is found when it is first used."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import playnote
from playnote.errors import FormulaError, InputError
from playnote.interfaces.python.declare import project_of
from playnote.records.project import Budget
from playnote.space.hyperparameter import Categorical, Float, Integer

PUBLIC = {
    "Round", "choice", "compare", "current_trial", "integer", "judge", "log_complement", "log_uniform", "maximize",
    "minimize", "open", "playbook", "review", "suggest", "uniform", "watch_optuna",
}  # fmt: skip


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_playnote_and_the_trial_handle_brings_in_the_standard_library_alone():
    allowed = set(sys.stdlib_module_names) | {"playnote"}
    bare = modules_after("")
    assert modules_after("import playnote; playnote.current_trial") - bare <= allowed


def test_importing_playnote_brings_in_none_of_its_rooms():
    script = "import sys, playnote; print([name for name in sys.modules if name.startswith('playnote.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_those_of_the_interface():
    assert set(dir(playnote)) >= PUBLIC
    assert set(playnote.__all__) == PUBLIC - {"open"}


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'tune'"):
        playnote.tune  # noqa: B018


def test_every_room_of_the_table_that_exists_holds_the_name():
    for name, place in playnote._WHERE.items():
        module, _, inside = place.partition(":")
        if _exists(module):
            assert getattr(playnote, name) is not None, (module, inside)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def test_ranges_are_made_in_one_line():
    assert playnote.uniform(0, 0.6, natural_low=0) == Float(low=0.0, high=0.6, natural_low=0.0)
    assert playnote.log_uniform(1e-4, 1, off=0) == Float(low=1e-4, high=1.0, scale="log", off=0.0)
    assert playnote.log_complement(0.5, 0.99, when={"optimizer": "adamw"}) == Float(
        low=0.5, high=0.99, scale="log-complement", when={"optimizer": "adamw"}
    )
    assert playnote.integer(1, 4) == Integer(low=1, high=4)
    assert playnote.choice("sgd", "adamw", group="optimizer") == Categorical(
        choices=("sgd", "adamw"), group="optimizer"
    )


def test_objectives_say_their_direction():
    assert playnote.minimize("dev/error", min_effect=0.002).direction == "minimize"
    assert playnote.maximize("dev/f1 - 0.1 * latency_ms").direction == "maximize"


def test_a_wrong_objective_is_refused_at_once():
    with pytest.raises(FormulaError):
        playnote.minimize("open('x')")
    with pytest.raises(InputError):
        playnote.minimize("dev/error", min_effect=-0.1)


def declared(**changes):
    given = {
        "name": "made up",
        "objective": playnote.minimize("dev/error"),
        "scientific": {"dropout": [0.0, 0.2, 0.4]},
        "nuisance": {"lr": playnote.log_uniform(1e-4, 1)},
        "fixed": {"batch_size": 128},
        "budget": Budget(),
        "settings": {},
        "folder": Path(),
    }
    return project_of(**{**given, **changes})


def test_a_round_in_python_declares_the_same_project_as_a_file():
    made = declared()
    assert made.space["dropout"] == Float(name="dropout", low=0.0, high=0.4)
    assert made.space["lr"] == Float(name="lr", low=1e-4, high=1.0, scale="log")
    assert made.space["batch_size"] == Categorical(name="batch_size", choices=(128,))
    assert made.baseline == {"batch_size": 128}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 4], Integer(name="x", low=1, high=4)),
        ([0, 0.5], Float(name="x", low=0.0, high=0.5)),
        ([True, False], Categorical(name="x", choices=(True, False))),
        (["sgd", "adamw"], Categorical(name="x", choices=("sgd", "adamw"))),
    ],
)
def test_the_values_of_a_scientific_hyperparameter_span_its_space(values, expected):
    assert declared(scientific={"x": values}).space["x"] == expected


def test_a_name_in_two_roles_is_refused():
    with pytest.raises(InputError, match="two roles"):
        declared(fixed={"lr": 0.1})
    with pytest.raises(InputError, match="two roles"):
        declared(fixed={"dropout": 0.1})


def test_every_fault_of_the_space_is_reported():
    with pytest.raises(InputError) as caught:
        declared(nuisance={"lr": playnote.log_uniform(0, 1), "wd": playnote.uniform(1, 0)})
    assert {each.path for each in caught.value.details} == {"lr.low", "wd.low"}
