"""Which rules are due at which stage."""

from playnote.guide.stage import due, stage_of
from playnote.playbook.catalog import CATALOG
from playnote.playbook.examples import event, objective, planned_round, project, state, trial

BASELINE = trial("b0", purpose="baseline", round=0)


def phases(known):
    return {rule.phase for rule in due(CATALOG, known)}


def test_before_min_effect_is_declared_only_the_objective_is_due():
    known = state(project=project(objective=objective(min_effect=None)), trials=(), rounds=())
    assert stage_of(known) == "declare"
    assert phases(known) == {"objective"}


def test_diagnosis_and_adoption_wait_for_a_round_that_has_ended():
    planned = state(trials=(BASELINE,), rounds=())
    assert stage_of(planned) == "plan"
    assert {"stability", "steps", "transfer"} <= phases(planned)
    assert not {"diagnosis", "analysis", "adoption", "infrastructure"} & phases(planned)
    ended = state(trials=(BASELINE, *(trial(each.id) for each in planned_round().planned)))
    assert stage_of(ended) == "decide"
    assert {"diagnosis", "analysis", "adoption", "infrastructure", "multi-host"} <= phases(ended)


def test_the_agents_checks_are_due_once_an_agent_has_acted():
    known = state(trials=(BASELINE,), rounds=())
    assert "agent" not in phases(known)
    acted = state(trials=(BASELINE,), rounds=(), journal=(event("note", actor="agent:helper", text="x"),))
    assert "agent" in phases(acted)


def test_every_phase_falls_due_at_some_stage():
    ended = state(
        trials=(BASELINE, *(trial(each.id) for each in planned_round().planned)),
        journal=(event("note", actor="agent:helper", text="x"),),
    )
    assert phases(ended) == {rule.phase for rule in CATALOG}
