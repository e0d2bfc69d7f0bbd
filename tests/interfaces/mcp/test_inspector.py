"""The protocol's own inspector, a program in another language, lists and calls every tool of the real server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from playnote.interfaces.mcp.fit import MOST_TOKENS, tokens
from playnote.interfaces.mcp.resources import PLACES
from playnote.interfaces.mcp.tools import TOOLS

INSPECTOR = Path(__file__).parents[3] / ".venv-peers/inspector/node_modules/.bin/mcp-inspector"
pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(
        not INSPECTOR.exists(), reason="the inspector is not installed: make .venv-peers/inspector/ready"
    ),
]

CALLS = {
    "next_step": {},
    "status": {},
    "verdicts": {"due": True},
    "evidence": {"handle": "ev:seeds"},
    "compare": {"baseline": [1.0, 1.1, 0.9], "candidate": [0.7, 0.8, 0.75]},
    "review": {"source": "runs.csv", "metric": "err", "direction": "minimize"},
    "ask_person": {"question": "Is the data clean?"},
    "open_round": {"question": "Does width help?", "scientific": {"width": [1, 4]}, "trials_per_value": 5},
    "chart": {},
    "measure": {"what": "baseline"},
    "run_round": {},
    "widen": {"name": "lr", "side": "high"},
    "adopt": {"trial": "t0004"},
    "propose_answer": {"rule": "B-scope", "answer": "supervised"},
    "propose_waiver": {"rule": "B-gate", "because": "a first look"},
}


def inspect(project, *words):
    """What the inspector prints of the server: JSON."""
    server = [str(Path(sys.executable).with_name("playnote")), "mcp", "--project", str(project)]
    command = [str(INSPECTOR), "--cli", *server, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def typed(arguments):
    for name, value in arguments.items():
        yield from ("--tool-arg", f"{name}={value if isinstance(value, str) else json.dumps(value)}")


def test_the_inspector_lists_everything(project):
    tools = inspect(project, "--method", "tools/list")["tools"]
    assert [each["name"] for each in tools] == [each.name for each in TOOLS]
    assert all(each["outputSchema"]["type"] == "object" for each in tools)
    resources = inspect(project, "--method", "resources/list")["resources"]
    templates = inspect(project, "--method", "resources/templates/list")["resourceTemplates"]
    assert {each["uri"] for each in resources} | {t["uriTemplate"] for t in templates} == {p.uri for p in PLACES}
    assert [each["name"] for each in inspect(project, "--method", "prompts/list")["prompts"]] == ["nine_steps"]


def test_the_inspector_calls_every_tool(with_baseline, project):
    (project / "runs.csv").write_text("lr,err\n" + "".join(f"{10**-k},{0.1 + k / 50}\n" for k in range(1, 13)))
    assert set(CALLS) == {each.name for each in TOOLS}
    sizes = {}
    for name, arguments in CALLS.items():
        tool = next(each for each in TOOLS if each.name == name)
        state = {"state_id": with_baseline.state()} if "state_id" in tool.ask.model_fields else {}
        found = inspect(project, "--method", "tools/call", "--tool-name", name, *typed({**arguments, **state}))
        answer = found["structuredContent"]
        assert json.loads(found["content"][0]["text"]) == answer
        assert answer["ok"], (name, answer)
        sizes[name] = tokens(answer)
        job = answer["data"].get("job")
        if job is not None:
            assert with_baseline.end(job["job"])["state"] == "done", job
    sys.stderr.write(f"answers seen by the inspector, estimated tokens: {sizes}\n")
    assert max(sizes.values()) <= MOST_TOKENS
