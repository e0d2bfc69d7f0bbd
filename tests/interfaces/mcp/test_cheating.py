"""An agent that tries to cheat through the door: each way is refused, and the rule is named each time."""

import json

import pytest

from playnote.service.evidence import is_test
from playnote.service.session import open_project


def kinds(project):
    return [event.kind for event in open_project(project).state().journal]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("evidence", {"handle": "ev:t0001/test/error"}),
        ("evidence", {"handle": "ev:t0001/holdout/error"}),
        ("evidence", {"handle": "ev:t0001/holdout_error"}),
        ("compare", {"baseline": "splits/final.txt", "candidate": [1.0, 2.0]}),
        ("compare", {"baseline": "runs.csv:test/error", "candidate": [1.0, 2.0]}),
        ("review", {"source": "runs.csv", "metric": "test_error"}),
        ("review", {"source": "runs.csv", "metric": "holdout/error"}),
        ("milestone", {"name": "final"}),
        ("milestone_typed", {"value": 0.1}),
    ],
)
def test_the_test_split_is_read_by_no_tool_whatever_it_is_called(with_baseline, tool, arguments):
    error = with_baseline.refused(tool, **arguments)
    assert error["rule"] == "C2-test-role"
    assert error["do_instead"]["tool"] == "verdicts"


def test_no_answer_about_a_trial_shows_a_metric_of_the_test_split(with_baseline, project):
    log = next((project / ".playnote" / "trials").rglob("attempt-1.jsonl"))
    assert "dev/error" in log.read_text()
    facts = with_baseline.get("evidence", handle="ev:t0001")
    shown = json.dumps(facts)
    assert "dev/error" in shown
    assert "test" not in shown
    assert is_test("test/acc")
    assert is_test("eval_test_loss")
    assert not is_test("latest/acc")


@pytest.mark.parametrize("tool", ["waive", "answer", "round_close", "close_round", "confirm", "rescore", "tag_errors"])
def test_what_a_person_decides_has_no_tool_and_says_who_decides(with_baseline, tool, project):
    error = with_baseline.refused(tool, rule="C1-decide-score", because="in the way")
    assert (error["code"], error["rule"]) == ("person-only", "door:person-decides")
    assert error["do_instead"]["cli"].startswith("playnote ")
    assert not {"waiver", "answer", "round-closed", "rescored"} & set(kinds(project))


def test_a_proposed_waiver_lifts_nothing_until_a_person_confirms_it(agent, person, project):
    text = (project / "playnote.toml").read_text(encoding="utf-8")
    (project / "playnote.toml").write_text(text.replace("min_effect = 0.01\n", ""), encoding="utf-8")

    def open_one():
        return agent.ask(
            "open_round",
            question="Too early?",
            scientific={"width": [1, 4]},
            trials_per_value=5,
            state_id=agent.state(),
        )

    barred = open_one()["error"]
    assert (barred["code"], barred["rule"]) == ("barred", "C1-decide-score")
    assert barred["waiver"]["by"] == "a person only"
    waits = agent.act("propose_waiver", rule=barred["rule"], because="a first look")["waits"]
    assert open_one()["error"]["rule"] == barred["rule"]
    person("confirm", str(waits["proposal"]))
    again = open_one()
    assert again["ok"] or again["error"]["rule"] != barred["rule"]
    written = next(e for e in open_project(project).state().journal if e.kind == "waiver")
    assert (written.actor, written.data["proposed_by"]) == ("person", "agent")


@pytest.mark.parametrize("word", ["confirm", "confirmed", "force", "waive"])
def test_a_proposal_cannot_confirm_itself(with_baseline, word):
    error = with_baseline.refused(
        "propose_waiver", rule="C1-decide-score", because="x", state_id=with_baseline.state(), **{word: True}
    )
    assert (error["code"], error["rule"]) == ("person-only", "door:person-decides")


@pytest.mark.parametrize("word", ["actor", "by", "proposed_by"])
def test_who_acts_cannot_be_forged(with_baseline, word, project):
    error = with_baseline.refused(
        "propose_answer", rule="B-scope", answer="ours", state_id=with_baseline.state(), **{word: "person"}
    )
    assert error["rule"] == "door:actor-is-stored"
    with_baseline.act("propose_answer", rule="B-scope", answer="ours")
    actors = {e.actor for e in open_project(project).state().journal if e.kind != "ledger-created"}
    assert actors == {"agent"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("open_round", {"question": "Does it help?", "scientific": {"width": [1, 4]}}),
        ("run_round", {}),
        ("adopt", {}),
        ("measure", {"what": "baseline"}),
        ("widen", {"name": "lr", "side": "high"}),
        ("propose_answer", {"rule": "B-scope", "answer": "ours"}),
        ("propose_waiver", {"rule": "B-scope", "because": "ours"}),
    ],
)
def test_every_act_on_a_stale_state_is_refused_and_changes_nothing(with_round, tool, arguments, project):
    stale = with_round.state()
    with_round.get("ask_person", question="Is the sorting line up?")
    before = kinds(project)
    error = with_round.refused(tool, **arguments, state_id=stale)
    assert (error["code"], error["rule"]) == ("stale", "door:fresh-state")
    assert error["do_instead"]["tool"] == "next_step"
    assert error["state_id"] == with_round.state() != stale
    assert kinds(project) == before


@pytest.mark.parametrize("place", ["../outside.txt", "/etc/hostname", "link.txt", "file:///etc/hostname", "a/../../b"])
def test_no_path_leads_out_of_the_project(with_baseline, place, project):
    (project.parent / "outside.txt").write_text("1\n2\n3\n", encoding="utf-8")
    (project / "link.txt").symlink_to(project.parent / "outside.txt")
    for tool, arguments in (
        ("compare", {"baseline": place, "candidate": [1.0, 2.0]}),
        ("review", {"source": place}),
        ("review", {"source": f"csv:{place}"}),
        ("review", {"source": f"sqlite:///{place}"}),
    ):
        error = with_baseline.refused(tool, **arguments)
        assert (error["code"], error["rule"]) == ("outside", "door:inside-project"), (tool, arguments)


def test_the_record_itself_and_servers_elsewhere_are_not_read_as_files(with_baseline):
    for source in (".playnote/journal.jsonl", "postgresql://host/db", "http://127.0.0.1:1/x", "wandb:https://host/p"):
        assert with_baseline.refused("review", source=source)["rule"] == "door:inside-project", source
    assert with_baseline.refused("status", job="../../playnote")["code"] == "not-found"


def test_another_project_cannot_be_named(with_baseline, tmp_path):
    for word in ("project", "path"):
        error = with_baseline.refused("next_step", **{word: str(tmp_path)})
        assert error["rule"] == "door:one-project"


@pytest.mark.parametrize(
    ("old", "new"), [("min_effect = 0.01", "min_effect = 0.0001"), ('"dev/error"', '"train/loss"')]
)
def test_the_objective_cannot_be_moved_between_plan_and_run(with_round, person, project, old, new):
    file = project / "playnote.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    for tool, arguments in (("run_round", {}), ("adopt", {}), ("measure", {"what": "seeds"})):
        error = with_round.refused(tool, **arguments, state_id=with_round.state())
        assert (error["code"], error["rule"]) == ("barred", "A-one-problem-per-step")
    # Anything that writes makes the edit a version of its own: that is no acceptance either.
    with_round.get("ask_person", question="May I?")
    assert with_round.refused("run_round", state_id=with_round.state())["rule"] == "A-one-problem-per-step"
    if "min_effect" in old:
        person("rescore", "--because", "the line counts smaller differences")
        assert with_round.act("run_round")["job"]["state"] in ("running", "done")


def test_a_must_is_not_skipped_by_asking_again_or_otherwise(agent, project):
    text = (project / "playnote.toml").read_text(encoding="utf-8")
    (project / "playnote.toml").write_text(text.replace("min_effect = 0.01\n", ""), encoding="utf-8")
    for arguments in ({}, {"dry": True}, {"search": "random"}, {"seed": 7}):
        error = agent.refused(
            "open_round", question="Wide?", scientific={"width": [1, 4]}, **arguments, state_id=agent.state()
        )
        assert error["rule"] == "C1-decide-score"
        assert error["retry_same_call"] is False


def test_a_search_by_results_waits_for_its_gate(with_round, person):
    with_round.act("run_round", workers=2)
    assert with_round.end("round-1")["state"] == "done"
    person("round", "close", "--decision", "width 4 looks better")
    error = with_round.refused(
        "open_round",
        question="The best?",
        scientific={},
        search="bayes",
        trials_per_value=10,
        state_id=with_round.state(),
    )
    assert (error["code"], error["rule"]) == ("barred", "E0-exploit-gate")
    assert error["evidence"]


def test_the_project_file_is_not_edited_for_an_agent(with_baseline):
    error = with_baseline.refused("measure", what="lr", apply=True, state_id=with_baseline.state())
    assert error["rule"] == "door:person-decides"


def test_an_agent_that_calls_the_service_under_its_own_name_is_refused_there_too(project):
    from playnote.errors import BarredError
    from playnote.service import guidance, proposals

    session = open_project(project)
    for act in (
        lambda: guidance.waive(session, "B-scope", "x", actor="agent"),
        lambda: guidance.answer(session, "B-scope", "x", actor="agent"),
        lambda: proposals.confirm(session, 1, actor="agent"),
    ):
        with pytest.raises(BarredError) as refused:
            act()
        assert refused.value.bar.rule == "door:person-decides"
