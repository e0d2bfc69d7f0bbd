"""The next step that is printed works as it stands, from where it was asked."""

import pytest

from playnote.interfaces.cli.output import Face


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Next: playnote round run", "Next: playnote round run --project a/demo"),
        ("下一步：playnote next", "下一步：playnote next --project a/demo"),
        ("      playnote adopt t0033", "      playnote adopt t0033 --project a/demo"),
        ("3 trials imported. Next: playnote check", "3 trials imported. Next: playnote check --project a/demo"),
        ("Next: playnote next --project a/demo", "Next: playnote next --project a/demo"),
        ("Next: playnote rule E3-boundary", "Next: playnote rule E3-boundary"),
        ("Report: playnote-report.html", "Report: playnote-report.html"),
        ("one\nNext: playnote next\ntwo", "one\nNext: playnote next --project a/demo\ntwo"),
    ],
)
def test_the_project_that_was_named_is_named_in_the_next_command(capsys, line, shown):
    Face(project="a/demo").line(line)
    assert capsys.readouterr().out == shown + "\n"
    Face().line(line)
    assert capsys.readouterr().out == line + "\n"
