"""The server: MCP messages in and out on standard input and output; everything it says comes from the tables beside it."""

from __future__ import annotations

import asyncio
import base64
import json
from functools import partial
from importlib import metadata
from typing import Any, final

from mcp import types
from mcp.server import Server
from mcp.server.stdio import stdio_server

from playnote.interfaces.mcp.answers import Envelope
from playnote.interfaces.mcp.calls import Door, answered, look
from playnote.interfaces.mcp.progress import progress_of, watched
from playnote.interfaces.mcp.prompts import GOAL, NAME, SAYS, loop
from playnote.interfaces.mcp.resources import PLACES
from playnote.interfaces.mcp.tools import TOOLS, Tool
from playnote.text import Text

JSON = "application/json"
INSTRUCTIONS = Text(
    en="Playnote runs the deep-learning tuning playbook. Call next_step first and after every act; pass its state_id to "
    "every act. You plan, run and propose; a person answers, waives, changes the objective, reads the test split and closes "
    "rounds. A refusal names the rule and the way out (do_instead): do that, never repeat the refused call. Long work is a "
    "job: poll status. Unknown is not a pass.",
    zh="Playnote 按深度学习调参手册办事。先调 next_step，每做完一步再调；所有操作都带上它给的 state_id。你负责计划、运行和提议；"
    "回答、豁免、改目标、读测试集、结束一轮由人来做。被拒绝时会给出规则和出路（do_instead）：照做，不要重复被拒的调用。"
    "长任务在后台跑：用 status 看进度。“不清楚”不等于通过。",
)


@final
class Handlers:
    """What is answered to each kind of message."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def _say(self, text: Text) -> str:
        return text.pick(self._door.language)

    async def list_tools(self, _: Any, __: Any) -> types.ListToolsResult:
        """Every tool with its input and output schema."""
        return types.ListToolsResult(tools=[_tool(self._door, each) for each in TOOLS])

    async def call_tool(self, context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        """One call; a refusal is an answer with `is_error`, never a protocol error."""
        arguments = dict(params.arguments or {})
        asked = asyncio.to_thread(answered, self._door, params.name, arguments)
        told = await watched(asked, context, partial(progress_of, self._door, params.name, arguments))
        found = told.envelope
        content: list[types.ContentBlock] = [types.TextContent(type="text", text=_compact(found))]
        if told.picture is not None:
            data = base64.b64encode(told.picture).decode("ascii")
            content.append(types.ImageContent(type="image", data=data, mime_type="image/png"))
        return types.CallToolResult(content=content, structured_content=found, is_error=not found["ok"])

    async def list_resources(self, _: Any, __: Any) -> types.ListResourcesResult:
        """The fixed addresses."""
        kept = [each for each in PLACES if not each.tail]
        return types.ListResourcesResult(
            resources=[
                types.Resource(name=p.name, uri=p.uri, description=self._say(p.says), mime_type=JSON) for p in kept
            ]
        )

    async def list_templates(self, _: Any, __: Any) -> types.ListResourceTemplatesResult:
        """The addresses with a part to fill in."""
        kept = [each for each in PLACES if each.tail]
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(name=p.name, uri_template=p.uri, description=self._say(p.says), mime_type=JSON)
                for p in kept
            ]
        )

    async def read_resource(self, _: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """What stands at an address; a refusal has the same shape as a tool's."""
        found = await asyncio.to_thread(look, self._door, str(params.uri))
        content = types.TextResourceContents(uri=params.uri, mime_type=JSON, text=_compact(found))
        return types.ReadResourceResult(contents=[content])

    async def list_prompts(self, _: Any, __: Any) -> types.ListPromptsResult:
        """The one prompt."""
        goal = types.PromptArgument(name="goal", description=self._say(GOAL), required=False)
        return types.ListPromptsResult(prompts=[types.Prompt(name=NAME, description=self._say(SAYS), arguments=[goal])])

    async def get_prompt(self, _: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """The prompt, with the person's goal in it."""
        text = loop(self._door.language, (params.arguments or {}).get("goal", ""))
        message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        return types.GetPromptResult(description=self._say(SAYS), messages=[message])


def server_of(door: Door) -> Server[Any]:
    """The server of one project."""
    does = Handlers(door)
    return Server(
        "playnote",
        version=metadata.version("playnote"),
        title="Playnote",
        instructions=INSTRUCTIONS.pick(door.language),
        on_list_tools=does.list_tools,
        on_call_tool=does.call_tool,
        on_list_resources=does.list_resources,
        on_read_resource=does.read_resource,
        on_list_resource_templates=does.list_templates,
        on_list_prompts=does.list_prompts,
        on_get_prompt=does.get_prompt,
    )


async def serve(door: Door) -> None:
    """Answer until standard input ends."""
    server = server_of(door)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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
