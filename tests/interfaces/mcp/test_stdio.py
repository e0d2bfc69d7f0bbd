"""The real server, spoken to over standard input and output by the protocol's own Python client."""

import asyncio
import sys

import pytest

from playnote.interfaces.mcp.fit import MOST_TOKENS, tokens
from playnote.interfaces.mcp.resources import PLACES
from playnote.interfaces.mcp.tools import TOOLS

mcp = pytest.importorskip("mcp", reason="the extra `mcp` is not installed")
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402


def talk(project, conversation, *words):
    """Run a conversation with a server of its own; what it returned."""
    code = "from playnote.interfaces.cli.app import main; main()"
    server = StdioServerParameters(command=sys.executable, args=["-c", code, "mcp", "--project", str(project), *words])

    async def held():
        async with mcp.Client(stdio_client(server)) as client:
            return await conversation(client)

    return asyncio.run(held())


def test_the_server_lists_tools_resources_and_the_prompt_with_schemas(project):
    async def listed(client):
        return (
            (await client.list_tools()).tools,
            (await client.list_resources()).resources,
            (await client.list_resource_templates()).resource_templates,
            (await client.list_prompts()).prompts,
            (await client.get_prompt("nine_steps", {"goal": "fewer misread digits"})).messages[0].content.text,
        )

    tools, resources, templates, prompts, text = talk(project, listed)
    assert [each.name for each in tools] == [each.name for each in TOOLS]
    for each in tools:
        assert each.description
        assert each.input_schema["additionalProperties"] is False
        assert {"ok", "data", "error"} <= set(each.output_schema["properties"])
    assert {str(each.uri) for each in resources} | {each.uri_template for each in templates} == {p.uri for p in PLACES}
    assert [each.name for each in prompts] == ["nine_steps"]
    assert "fewer misread digits" in text
    assert tokens(text) <= MOST_TOKENS


def test_a_structured_answer_equals_its_text_and_a_refusal_is_an_answer(project):
    async def asked(client):
        good = await client.call_tool("next_step", {})
        bad = await client.call_tool("run_round", {"state_id": "s_0000_dead"})
        none = await client.call_tool("no_such_tool", {})
        look = await client.read_resource("playnote://rule/E3-boundary")
        return good, bad, none, look

    good, bad, none, look = talk(project, asked)
    import json

    assert json.loads(good.content[0].text) == good.structured_content
    assert good.structured_content["data"]["do"]["tool"] == "measure"
    assert bad.is_error
    assert bad.structured_content["error"]["rule"] == "door:fresh-state"
    assert none.is_error
    assert none.structured_content["error"]["code"] == "not-found"
    assert json.loads(look.contents[0].text)["data"]["rules"][0]["id"] == "E3-boundary"


def test_in_chinese_every_sentence_is_chinese(project):
    async def asked(client):
        return (await client.list_tools()).tools, (await client.call_tool("next_step", {})).structured_content

    tools, step = talk(project, asked, "--lang", "zh")
    assert "手册给出的下一步" in tools[0].description
    assert step["data"]["headline"].startswith("跑 baseline")
