"""A chart as an image, a job's progress as notifications, and what a step can decide before it is paid for."""

from __future__ import annotations

import base64
import sys

import pytest
from small_door import Agent

from playnote.interfaces.mcp.calls import answered
from playnote.interfaces.mcp.fit import MOST_TOKENS, tokens

from test_stdio import talk  # isort: skip

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def with_run(with_round):
    with_round.act("run_round", workers=2)
    assert with_round.end("round-1")["state"] == "done"
    return with_round


def test_a_chart_is_listed_in_words_and_drawn_when_it_is_asked_for(with_run, project):
    pytest.importorskip("vl_convert", reason="the extra `export` is not installed")
    listed = with_run.get("chart")
    names = [each["chart"] for each in listed["charts"]]
    assert "isolation" in names
    assert all(each["shows"] for each in listed["charts"])
    assert tokens(listed) <= MOST_TOKENS

    async def asked(client):
        return await client.call_tool("chart", {"chart": "isolation"}), await client.call_tool("chart", {})

    one, every = talk(project, asked)
    assert [block.type for block in one.content] == ["text", "image"]
    assert base64.b64decode(one.content[1].data).startswith(PNG)
    assert one.content[1].mime_type == "image/png"
    assert one.structured_content["data"]["image"] == "isolation"
    assert [block.type for block in every.content] == ["text"]
    unknown = with_run.refused("chart", chart="pie")
    assert (unknown["code"], "isolation" in unknown["fix"]) == ("not-found", True)


def test_without_the_extra_a_chart_is_refused_with_the_command_that_brings_it(with_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    found = answered(with_run.door, "chart", {"chart": "isolation"})
    assert found.picture is None
    assert "playnote[export]" in found.envelope["error"]["fix"]


def test_a_client_that_asks_for_progress_is_told_of_it_while_it_waits(with_round, project):
    (project / "slow").touch()
    told = []

    async def heard(progress, total, message):
        told.append((progress, total))

    async def asked(client):
        state = (await client.call_tool("status", {})).structured_content["data"]["state_id"]
        await client.call_tool("run_round", {"state_id": state, "workers": 2})
        wait = {"job": "round-1", "wait_s": 50}
        return (await client.call_tool("status", wait, progress_callback=heard)).structured_content

    found = talk(project, asked)
    assert found["data"]["jobs"][0]["state"] == "done"
    assert told
    assert [total for _, total in told] == [16] * len(told)
    done = [progress for progress, _ in told]
    assert done == sorted(set(done)), "each time it is another number, and none is taken back"


def test_a_step_says_what_it_can_decide_before_it_is_paid_for(with_run, project):
    step = with_run.get("next_step")
    assert step["do"]["tool"] == "adopt"
    decides = step["decides"]
    assert 0 < decides["false_adoption_at_most"] <= 0.05
    few, many = decides["chance_to_adopt_if_gain"], decides["chance_with_12_seeds_each"]
    assert list(few) == list(many) == ["0.01", "0.02"]
    assert 0 < few["0.01"] <= few["0.02"] < 1
    assert few["0.01"] <= many["0.01"]
    assert decides["seed_noise"]["freedom"] == 2


def test_before_any_round_a_step_names_the_rules_it_settles(project):
    step = Agent(project).get("next_step")
    assert step["do"]["tool"] == "measure"
    assert step["decides"]["rules"] == [each["rule"] for each in step["why"]]
