"""How much of an agent's context each answer of the agent door takes: every tool, every address, both languages.

    .venv/bin/python benchmarks/agents/tokens.py [PROJECT]

A project of its own (the digits example: baseline, then a round of 12 small trials) unless one is named, which is only
read. Tokens are estimated without any model's tokenizer: a quarter of the characters for plain ones, one for each Chinese
character; bytes / 4 stands beside. The limit is the door's own (2,000 a call); rows that do not fit are cut and said to be.
What a client reads once, the list of tools with their schemas, is counted last.
"""

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from playnote.interfaces.mcp.calls import Door, answered, look
from playnote.interfaces.mcp.fit import MOST_TOKENS, tokens
from playnote.interfaces.mcp.prompts import loop
from playnote.interfaces.mcp.resources import PLACES
from playnote.interfaces.mcp.tools import TOOLS
from playnote.service import rounds
from playnote.service.session import open_project
from playnote.service.start import init_example

ASKS: list[tuple[str, dict[str, object]]] = [
    ("next_step", {}),
    ("status", {}),
    ("verdicts", {}),
    ("verdicts", {"due": True}),
    ("evidence", {"handle": "ev:r1"}),
    ("evidence", {"handle": "ev:r1/trials"}),
    ("evidence", {"handle": "ev:r1/isolation"}),
    ("evidence", {"handle": "ev:t0004"}),
    ("evidence", {"handle": "ev:t0004/dev/error"}),
    ("evidence", {"handle": "ev:seeds"}),
    ("evidence", {"handle": "ev:thresholds"}),
    ("evidence", {"handle": "ev:E3-isolation"}),
    ("chart", {}),
    ("compare", {"baseline": [1.0, 1.1, 0.9, None], "candidate": [0.8, 0.7, 0.9, 0.8]}),
    ("open_round", {"question": "Does width help?", "scientific": {"dropout": [0.0, 0.3]}, "dry": True}),
    ("waive", {"rule": "C1-decide-score"}),
    ("evidence", {"handle": "ev:t0001/test/error"}),
]
TAILS = {"words": "E3-boundary", "section": "app:E.3", "round": "1"}


def made(folder: Path) -> Path:
    """The example with a round that has run."""
    place = folder / "digits"
    init_example("digits", place)
    session = open_project(place)
    for _ in rounds.baseline_run(session):
        pass
    rounds.round_new(session, "Does dropout help?", {"dropout": [0.0, 0.2, 0.4]}, 4)
    for _ in rounds.round_run(session):
        pass
    return place


def row(name: str, found: object) -> tuple[str, int, int, str]:
    """Name, tokens, bytes / 4, and whether rows were cut."""
    said = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    data = found.get("data") or {} if isinstance(found, dict) else {}
    note = "refused" if isinstance(found, dict) and not found["ok"] else "cut" if data.get("truncated") else ""
    return name, tokens(found), len(said.encode()) // 4, note


def rows(project: Path, language: str) -> list[tuple[str, int, int, str]]:
    """Every answer in one language."""
    door, found = Door(project, language), []  # type: ignore[arg-type]  # one of the two
    for name, arguments in ASKS:
        state = answered(door, "status", {}).envelope["data"]["state_id"]
        given = {**arguments, **({"state_id": state} if name == "open_round" else {})}
        words = ", ".join(f"{key}={value}" for key, value in arguments.items() if key != "question")
        found.append(row(f"{name}({words})"[:58], answered(door, name, given).envelope))
    for place in PLACES:
        uri = place.uri.replace(f"{{{place.tail}}}", TAILS.get(place.tail, ""))
        found.append(row(uri, look(door, uri)))
    return [*found, row("prompt nine_steps", {"ok": True, "text": loop(door.language)})]


def main(project: str | None = None) -> None:
    """The table."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(project).absolute() if project else made(Path(folder))
        english, chinese = rows(place, "en"), rows(place, "zh")
    print(f"playnote {version('playnote')}; limit {MOST_TOKENS} tokens an answer\n")
    print(f"| {'answer':<58} | tokens | bytes/4 | tokens, Chinese | |\n| --- | ---: | ---: | ---: | --- |")
    for (name, count, quarter, note), (_, zh, _, _) in zip(english, chinese, strict=True):
        print(f"| {name:<58} | {count:6,} | {quarter:7,} | {zh:15,} | {note} |")
    most = max(count for _, count, _, _ in (*english, *chinese))
    listed = [{"name": t.name, "says": t.says.en, "takes": t.ask.model_json_schema()} for t in TOOLS]
    gives = [t.answer.model_json_schema() for t in TOOLS]
    print(
        f"\nlargest {most:,}; once a session: {len(TOOLS)} tools {tokens(listed):,}, output schemas {tokens(gives):,}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
