"""`playnote`: one verb for each operation. Everything heavy is imported by the verb that needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from playnote.interfaces.cli.verbs import guide, judging, report, review, rounds, start, upkeep

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The deep-learning tuning playbook as running software.",
)
round_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="One question: plan it, run it, show it, close it."
)

# In the order of `playnote --help`: from two lists of numbers to a whole project.
VERBS: tuple[tuple[typer.Typer, str, Callable[..., Any]], ...] = (
    (app, "init", start.init),
    (app, "check", guide.check),
    (app, "next", guide.next_),
    (app, "rule", guide.rule),
    (app, "answer", guide.answer),
    (app, "waive", guide.waive),
    (app, "baseline", rounds.baseline),
    (round_app, "new", rounds.round_new),
    (round_app, "run", rounds.round_run),
    (round_app, "show", rounds.round_show),
    (round_app, "close", rounds.round_close),
    (app, "widen", rounds.widen),
    (app, "adopt", rounds.adopt),
    (app, "compare", judging.compare),
    (app, "judge", judging.judge),
    (app, "review", review.review),
    (app, "report", report.report),
    (app, "rebuild", upkeep.rebuild),
    (app, "doctor", upkeep.doctor),
)
for _group, _name, _verb in VERBS:
    _group.command(_name)(_verb)
app.add_typer(round_app, name="round")


def main() -> None:
    """The console script; usage errors end with exit code 2, as every input error does."""
    app()
