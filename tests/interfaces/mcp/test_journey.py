"""A scripted agent takes a project from `init` to a decided round through the door alone; a person's part is typed."""

import asyncio
import subprocess
import sys

import pytest

from playnote.interfaces.mcp.fit import MOST_TOKENS, tokens
from playnote.service.session import open_project

from small_door import PROJECT, SCRIPT  # isort: skip
from test_stdio import talk  # isort: skip

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")


class Scribe:
    """The client's side: every answer is measured; the longest of each tool is kept."""

    def __init__(self, client):
        self.client, self.sizes = client, {}

    async def call(self, tool, **arguments):
        found = (await self.client.call_tool(tool, arguments)).structured_content
        self.sizes[tool] = max(self.sizes.get(tool, 0), tokens(found))
        assert found["ok"], (tool, found)
        return found["data"]

    async def job(self, started):
        found = started["job"]
        while found["state"] == "running":
            found = (await self.call("status", job=found["job"], wait_s=50))["jobs"][0]
        assert found["state"] == "done", found
        return found


async def person(folder, *words):
    code = "from playnote.interfaces.cli.app import main; main()"
    command = [sys.executable, "-c", code, *words, "--project", str(folder)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


async def one_step(agent, folder, step):
    """Do what the step says; the tool that was used."""
    tool, given = step["do"]["tool"], step["do"]["arguments"]
    if step["stage"] == "plan" and tool == "measure":  # a shell script has nothing that a procedure could vary
        tool, given = "open_round", {"state_id": step["state_id"]}
    if tool in ("measure", "run_round", "adopt"):
        await agent.job(await agent.call(tool, **given))
    elif tool == "propose_answer":
        waits = (await agent.call(tool, **given, answer="Yes: one task, learned from labels."))["waits"]
        await person(folder, "confirm", str(waits["proposal"]))
    elif tool == "open_round":
        given |= {"question": "Does width help once lr is tuned?", "scientific": {"width": [1, 4]}}
        dry = await agent.call(tool, **{**given, "trials_per_value": 16, "dry": True})
        assert dry["trials"] == 32
        await agent.call(tool, **{**given, "trials_per_value": 16})
    else:
        await agent.call(tool, **given)
    return tool


async def decide(agent, folder):
    """Look behind the decision, then have a person close the round."""
    await agent.call("verdicts")
    await agent.call("verdicts", due=True)
    for handle in ("ev:r1/trials", "ev:r1/isolation", "ev:thresholds", "ev:seeds"):
        await agent.call("evidence", handle=handle)
    waits = (await agent.call("ask_person", question="Is the round decided? Please close it."))["waits"]
    await person(folder, "round", "close", "--decision", "adopted width 4", "--round", "1")
    await person(folder, "confirm", str(waits["proposal"]), "--say", "Closed.")
    assert (await agent.call("status"))["replies"][-1]["say"] == "Closed."


def test_from_a_new_project_to_a_decided_round_through_the_door(tmp_path, record_property):
    folder = tmp_path / "small"
    begun = [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()", "init", str(folder)]
    asked = ["--run", "sh train.sh {lr} {width} {seed}", "--optimize", "dev/error", "--direction", "minimize"]
    subprocess.run([*begun, *asked], check=True, capture_output=True)
    # A person declares what init left as questions: the smallest difference that matters, the space, the baseline.
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.sh").write_text(SCRIPT, encoding="utf-8")
    (folder / "splits").mkdir()
    (folder / "splits" / "final.txt").write_text("1\n", encoding="utf-8")

    async def walk(client):
        agent, seen = Scribe(client), []
        while "adopt" not in seen and len(seen) < 15:
            seen.append(await one_step(agent, folder, await agent.call("next_step")))
        await decide(agent, folder)
        return agent.sizes, seen

    sizes, seen = talk(folder, walk)
    record_property("largest answers, estimated tokens", sizes)
    sys.stderr.write(f"largest answer of each tool, estimated tokens: {sizes}\n")
    assert max(sizes.values()) <= MOST_TOKENS
    assert seen[0] == "measure"
    assert {"measure", "propose_answer", "open_round", "run_round", "adopt"} <= set(seen)
    state = open_project(folder).state()
    assert state.rounds[0].closed == "adopted width 4"
    adopted = state.events("adoption")[-1]
    assert (adopted.data["verdict"], adopted.data["configuration"]["width"], adopted.actor) == ("adopted", 4, "agent")
    by = {event.actor for event in state.events("round-opened", "run-started", "adoption")}
    assert by == {"agent"}, "every act stores its actor"
    assert {event.actor for event in state.events("answer", "round-closed")} == {"person"}
