"""The public names of `playnote` and how they are called: a change here is a change of the promise in docs/reference/stable.md."""

import inspect
from pathlib import Path

import playnote

ROOT = Path(__file__).parents[2]
NAMES = {
    "Round": {"question", "objective", "scientific", "nuisance", "fixed", "seed", "folder", "budget", "settings"},
    "choice": {"choices", "group", "when"},
    "compare": {"a", "b", "direction", "min_effect", "paired"},
    "current_trial": {"defaults", "seed"},
    "integer": {"low", "high"},
    "judge": {"case"},
    "log_complement": {"low", "high", "off", "natural_low", "natural_high", "group", "when"},
    "log_uniform": {"low", "high", "off", "natural_low", "natural_high", "group", "when"},
    "maximize": {"min_effect"},
    "minimize": {"min_effect"},
    "open": set(),
    "playbook": None,
    "review": {"source"},
    "suggest": {"space", "count", "observations", "direction", "searcher", "seed"},
    "uniform": {"low", "high", "off", "natural_low", "natural_high", "group", "when"},
    "watch_optuna": set(),
}


def test_the_public_names_are_these():
    assert set(playnote._WHERE) == set(NAMES)
    assert set(playnote.__all__) == set(NAMES) - {"open"}


def test_each_takes_at_least_what_is_promised():
    for name, promised in NAMES.items():
        if promised is not None:
            taken = set(inspect.signature(getattr(playnote, name)).parameters)
            assert promised <= taken, f"{name}: {promised - taken}"


def test_nothing_new_is_asked_of_a_caller():
    required = {
        name: [
            each.name
            for each in inspect.signature(getattr(playnote, name)).parameters.values()
            if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        ]
        for name, promised in NAMES.items()
        if promised is not None
    }
    assert required == {
        "Round": ["question", "objective"],
        "choice": [],
        "compare": ["a", "b"],
        "current_trial": [],
        "integer": ["low", "high"],
        "judge": ["case"],
        "log_complement": ["low", "high"],
        "log_uniform": ["low", "high"],
        "maximize": ["formula"],
        "minimize": ["formula"],
        "open": [],
        "review": ["source"],
        "suggest": ["space", "count"],
        "uniform": ["low", "high"],
        "watch_optuna": [],
    }


def test_each_is_on_the_page_of_python():
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert f"`{name}" in page or f", `{name}`" in page, name


def test_rules_have_what_scripts_read():
    for rule in playnote.playbook.CATALOG:
        assert rule.id
        assert rule.level
        assert rule.text.en
        assert rule.text.zh
