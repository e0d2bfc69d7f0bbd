"""The server: MCP messages in and out on standard input and output; everything it says comes from the tables beside it."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from importlib import metadata
from typing import Any

from mcp import types
from mcp.server import Server
from mcp.server.stdio import stdio_server

from playnote.interfaces.mcp.answers import Envelope
from playnote.interfaces.mcp.calls import Door, call
from playnote.interfaces.mcp.tools import TOOLS, Tool
from playnote.text import Text

INSTRUCTIONS = Text(
    en="Playnote runs the deep-learning tuning playbook. Call next_step first and after every act; pass its state_id to "
    "every act. You plan, run and propose; a person answers, waives, changes the objective, reads the test split and closes "
    "rounds. A refusal names the rule and the way out (do_instead): do that, never repeat the refused call. Long work is a "
    "job: poll status. Unknown is not a pass.",
    zh="Playnote 按深度学习调参手册办事。先调 next_step，每做完一步再调；所有操作都带上它给的 state_id。你负责计划、运行和提议；"
    "回答、豁免、改目标、读测试集、结束一轮由人来做。被拒绝时会给出规则和出路（do_instead）：照做，不要重复被拒的调用。"
    "长任务在后台跑：用 status 看进度。“不清楚”不等于通过。",
)


def server_of(door: Door) -> Server[Any]:
    """The server of one project."""

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(door, each) for each in TOOLS])

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        found = await asyncio.to_thread(partial(call, door, params.name, dict(params.arguments or {})))
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)], structured_content=found, is_error=not found["ok"]
        )

    return Server(
        "playnote",
        version=metadata.version("playnote"),
        title="Playnote",
        instructions=INSTRUCTIONS.pick(door.language),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve(door: Door) -> None:
    """Answer until standard input ends."""
    server = server_of(door)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def _tool(door: Door, tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.says.pick(door.language),
        input_schema=_bare(tool.ask.model_json_schema()),
        output_schema=_bare(Envelope[tool.answer].model_json_schema()),  # type: ignore[name-defined]  # a class in a row
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.changes, destructive_hint=False, open_world_hint=False
        ),
    )


def _bare(schema: Any) -> Any:
    """A schema without the titles that pydantic adds: they say nothing that the names do not."""
    if isinstance(schema, dict):
        return {k: _bare(v) for k, v in schema.items() if not (k == "title" and isinstance(v, str))}
    return [_bare(each) for each in schema] if isinstance(schema, list) else schema
