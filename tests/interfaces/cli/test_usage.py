"""Help and usage errors speak both languages, and a usage error is an input error like any other."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import playnote.interfaces.cli as cli
from playnote import __version__ as version

FOLDER = Path(cli.__file__).parent


def playnote(*words):
    done = subprocess.run(
        [sys.executable, "-c", "from playnote.interfaces.cli.app import main; main()", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": str(FOLDER.parents[2])},
    )
    return done


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["frob"], "frob"),
        (["check", "--frob"], "--frob"),
        (["compare", "a"], "candidate"),
        (["round", "new", "q", "--trials", "none"], "--trials"),
    ],
)
def test_a_usage_error_has_problem_fix_and_exit_code_2_in_words_and_in_the_envelope(words, names):
    told = playnote(*words)
    assert told.returncode == 2
    assert told.stderr.startswith("Problem: ")
    assert names in told.stderr
    assert "Fix: " in told.stderr
    envelope = playnote(*words, "--json")
    assert envelope.returncode == 2
    error = json.loads(envelope.stdout)["error"]
    assert names in error["problem"]["en"]
    assert names in error["problem"]["zh"]
    assert error["fix"]["zh"]


@pytest.mark.parametrize("words", [["--lang", "zh", "--help"], ["check", "--lang", "zh", "--help"]])
def test_help_is_chinese_where_chinese_is_asked_for(words):
    assert "规则" in playnote(*words).stdout


def test_every_word_of_help_is_written_in_both_languages():
    plain = []
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "help" and isinstance(node.value, ast.Constant):
                plain.append(f"{file.name}:{node.value.lineno}")
    assert not plain, f"write help=said(en=..., zh=...): {plain}"


def test_the_version_is_said_alone_and_is_the_packages_own():
    told = playnote("--version")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"playnote {version}\n"


@pytest.mark.parametrize("lang", ["fr", "", "english"])
def test_a_language_that_there_is_not_is_refused_and_not_taken_as_english(lang):
    done = playnote("doctor", "--lang", lang)
    assert (done.returncode, "en or zh" in done.stderr) == (2, True), (done.returncode, done.stderr)
    assert playnote("doctor", "--lang", "zh-CN").returncode == 0
