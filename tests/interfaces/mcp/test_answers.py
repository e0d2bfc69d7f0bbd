"""What answers hold: they fit, they are in one language, rows can be paged to the end, calls that are proposed work."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playnote.interfaces.mcp.commands import call_of
from playnote.interfaces.mcp.fit import MOST_TOKENS, fitted, tokens
from playnote.interfaces.mcp.setup import CLIENTS, setup_text, skill_text
from playnote.interfaces.mcp.tools import BY_NAME


@given(st.lists(st.text(max_size=300), max_size=200))
def test_rows_are_cut_to_the_limit_and_paging_shows_each_once(rows):
    seen, offset = [], 0
    while offset is not None:
        page = fitted({"rows": rows, "head": "x" * 400}, "rows", offset)
        assert tokens(page) <= MOST_TOKENS or len(page["rows"]) == 1
        seen += page["rows"]
        offset = page.get("next_offset")
        assert page["truncated"] == (offset is not None)
    assert seen == rows


def test_every_answer_of_a_finished_round_fits_and_is_in_one_language(with_round, project):
    from small_door import Agent

    with_round.act("run_round", workers=2)
    assert with_round.end("round-1")["state"] == "done"
    asks = [("next_step", {}), ("status", {}), ("verdicts", {}), ("verdicts", {"due": True})]
    asks += [("evidence", {"handle": h}) for h in ("ev:r1", "ev:r1/trials", "ev:r1/isolation", "ev:t0004", "ev:seeds")]
    asks += [("evidence", {"handle": h}) for h in ("ev:thresholds", "ev:E3-isolation", "ev:t0004/dev/error")]
    asks += [("compare", {"baseline": [1.0, 1.1, 0.9, None], "candidate": [0.8, 0.7, 0.9, 0.8]})]
    for agent in (with_round, Agent(project, "zh")):
        for tool, arguments in asks:
            found = agent.ask(tool, **arguments)
            assert found["ok"], (tool, arguments, found)
            assert tokens(found) <= MOST_TOKENS, (tool, arguments)
            assert '"zh":' not in json.dumps(found), tool
        for place in ("rules", "rule/E3-boundary", "section/app:E.3", "report/1", "knowledge", "ranking", "thresholds"):
            read = agent.read(f"playnote://{place}")
            assert read["ok"], (place, read)
            assert tokens(read) <= MOST_TOKENS, place
    counted = with_round.get("verdicts")
    assert counted["counts"]["pass"] > 0
    assert all(each["status"] != "pass" for each in counted["verdicts"]), "passes are counted, not listed"


@pytest.mark.parametrize(
    ("command", "tool", "arguments"),
    [
        ("playnote baseline --seeds 5", "measure", {"what": "baseline", "seeds": 5}),
        ("playnote adopt t0031 --up-to 12", "adopt", {"trial": "t0031", "up_to": 12}),
        ("playnote widen lr --high", "widen", {"name": "lr", "side": "high"}),
        ("playnote widen lr --low --to 1e-5", "widen", {"name": "lr", "side": "low", "to": 1e-5}),
        ("playnote round run", "run_round", {}),
        (
            "playnote round new \"Does x help?\" --scientific 'x=0.0,0.2' --trials 16",
            "open_round",
            {"question": "Does x help?", "scientific": {"x": [0.0, 0.2]}, "trials_per_value": 16},
        ),
        ("playnote measure lr --steps 500", "measure", {"what": "lr", "options": {"steps": 500}}),
        ("playnote measure lr --apply", "ask_person", {}),
        ("playnote round close --decision kept", "ask_person", {}),
        ("playnote milestone final --because done", "ask_person", {}),
        ('playnote answer B-scope "..."', "propose_answer", {"rule": "B-scope"}),
    ],
)
def test_a_command_becomes_the_call_that_does_the_same(command, tool, arguments):
    found = call_of(command)
    assert (found["tool"], found["arguments"]) == (tool, arguments)
    BY_NAME[tool].ask.model_fields  # noqa: B018  the tool exists
    unknown = set(arguments) - set(BY_NAME[tool].ask.model_fields)
    assert not unknown


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_client_is_told_how_and_what_waits_for_a_person(client, language, tmp_path):
    text = setup_text(client, tmp_path / "a project", language)
    assert str(tmp_path / "a project") in text
    assert "playnote confirm" in text
    assert "mcp" in text


def test_the_skill_names_only_tools_that_exist():
    import re

    for language in ("en", "zh"):
        text = skill_text(language)
        assert text.startswith("---\nname: playnote\n")
        for called in re.findall(r"`(\w+)\(", text):
            assert called in BY_NAME, called
        for name in ("next_step", "verdicts", "propose_waiver", "ask_person", "status"):
            assert name in text


def test_lists_that_a_client_sends_as_text_are_read_and_questions_stay_as_they_are():
    asked = BY_NAME["compare"].ask.model_validate({"baseline": "[1.0, null, 2.0]", "candidate": "runs.csv"})
    assert (asked.baseline, asked.candidate) == ([1.0, None, 2.0], "runs.csv")
    said = BY_NAME["ask_person"].ask.model_validate({"question": "[1, 2] or [3]?"})
    assert said.question == "[1, 2] or [3]?"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
NAMES = sorted({name for tool in BY_NAME.values() for name in tool.ask.model_fields})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from([*BY_NAME, "no_such_tool"]), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_whatever_is_sent_gets_an_envelope_and_no_fault_of_ours(agent, tool, arguments):
    found = agent.ask(tool, **arguments)
    assert set(found) in ({"ok", "data"}, {"ok", "error"})
    assert tokens(found) <= MOST_TOKENS
    if not found["ok"]:
        assert found["error"]["problem"]
        assert found["error"]["fix"]
        assert found["error"]["code"] != "internal", found
    json.dumps(found, allow_nan=False)


def test_without_the_extra_the_fix_is_the_command_that_brings_it(project, monkeypatch):
    import sys

    from playnote.errors import MissingExtraError
    from playnote.interfaces.mcp.begin import begin
    from playnote.service.session import open_project

    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.delitem(sys.modules, "playnote.interfaces.mcp.server", raising=False)
    with pytest.raises(MissingExtraError) as missing:
        begin(open_project(project), "en")
    assert missing.value.fix.en == "pip install 'playnote[mcp]'"
