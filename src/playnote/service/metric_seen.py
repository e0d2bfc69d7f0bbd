"""What a person may see of two trials before saying which is preferable: everything but the score."""

from __future__ import annotations

from playnote.recorder.formula import parse
from playnote.service.evidence import is_test
from playnote.service.metric_audit import metric_audit
from playnote.service.session import Session
from playnote.service.views import Json, finite

MOST = 8  # further metrics of a trial


def seen(session: Session) -> Json:
    """For each trial of the pairs its configuration and its last metrics, without those the score is made of."""
    state = session.state()
    hidden = {
        *parse(state.project.objective.formula).terms,
        *state.project.space.names,
        str(state.project.objective.chance),
    }
    named = {name for pair in metric_audit(session)["pairs"] for name in pair}
    found = {}
    for trial in state.trials:
        if trial.id in named:
            kept = {name: value for name, value in trial.summary.items() if name not in hidden and not is_test(name)}
            shown = dict(sorted(kept.items())[:MOST])
            found[trial.id] = {**finite(dict(trial.configuration)), **finite(shown)}
    return {"seen": found}
