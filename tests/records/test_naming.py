"""Names in the logs and names in the project."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playnote.records.curves import Curve
from playnote.records.naming import DeclaredCurves, declared, declared_name, logged_names
from playnote.records.project import Split

SPLITS = {"dev": Split(name="dev", logged_as="val"), "test": Split(name="test")}


@given(st.text(min_size=1, max_size=8))
def test_every_logged_name_of_a_metric_leads_back_to_it(rest: str) -> None:
    for name in logged_names(f"dev/{rest}", SPLITS):
        assert declared_name(name, SPLITS) == f"dev/{rest}"


def test_only_the_declared_prefix_is_renamed() -> None:
    names = ["val/error", "val_error", "valid/error", "value", "train/loss", "test/error", "val"]
    renamed = ["dev/error", "dev/error", "valid/error", "value", "train/loss", "test/error", "val"]
    assert [declared_name(name, SPLITS) for name in names] == renamed
    assert logged_names("test/error", SPLITS) == ("test/error",)


def test_the_projects_own_name_goes_before_the_logged_one() -> None:
    assert declared({"dev/error": 1.0, "val/error": 2.0, "lr": 3.0}, SPLITS) == {"dev/error": 1.0, "lr": 3.0}
    same = {"val/error": 2.0}
    assert declared(same, {"dev": Split(name="dev")}) is same


class Source:
    def metrics(self, trial: str) -> list[str]:
        return ["val/error", "lr"]

    def curve(self, trial: str, metric: str) -> Curve | None:
        return Curve(np.arange(2.0), np.ones(2)) if metric in self.metrics(trial) else None


def test_curves_are_found_under_the_projects_name() -> None:
    curves = DeclaredCurves(Source(), SPLITS)
    assert curves.metrics("t") == ("dev/error", "lr")
    assert curves.curve("t", "dev/error") is not None
    assert curves.curve("t", "dev/f1") is None
