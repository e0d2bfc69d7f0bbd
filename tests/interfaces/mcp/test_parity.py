"""Every operation has its faces: a verb, and at the agent door a tool or an address, or a reason why not."""

import inspect

from playnote.interfaces.mcp.absent import ABSENT, DOOR_ALONE
from playnote.interfaces.mcp.resources import PLACES
from playnote.interfaces.mcp.tools import BY_NAME, TOOLS
from playnote.service.operations import OPERATIONS
from playnote.testing import operations_page

AT_THE_DOOR = {*BY_NAME, *(place.uri.split("/{")[0] for place in PLACES)}


def test_what_an_agent_may_ask_for_is_at_the_door_or_says_why_not():
    for each in OPERATIONS:
        if each.agent == "no":
            assert not each.tool, f"{each.name} is a person's, and has a tool"
        elif each.tool:
            assert each.tool in AT_THE_DOOR, each.name
            assert each.name not in ABSENT, each.name
        else:
            assert each.name in ABSENT, (
                f"{each.name} has no face at the agent door and no reason (interfaces/mcp/absent.py)"
            )


def test_nothing_stands_at_the_door_that_no_operation_asks_for():
    asked = {each.tool for each in OPERATIONS}
    assert AT_THE_DOOR - asked == set(DOOR_ALONE)
    assert set(ABSENT) <= {each.name for each in OPERATIONS}


def test_a_tool_changes_the_record_where_its_operation_does():
    for tool in TOOLS:
        changes = {each.changes for each in OPERATIONS if each.tool == tool.name}
        if changes:
            assert tool.changes in changes, tool.name


def test_every_operation_says_what_it_does():
    for each in OPERATIONS:
        assert inspect.getdoc(each.do), each.name
        assert operations_page.said(each), each.name


def test_the_page_of_operations_is_current_in_both_languages():
    for language, name in operations_page.PAGES.items():
        kept = (operations_page.FOLDER / name).read_text(encoding="utf-8")
        assert kept == operations_page.page(language), "run: python -m playnote.testing.operations_page"
        for each in OPERATIONS:
            assert f"`{each.name}`" in kept
