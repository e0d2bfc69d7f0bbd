"""What holds for every file: both languages, errors with a fix, sizes, light imports."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from playnote import errors
from playnote.records.settings import TABLE

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "playnote"
FILES = sorted(p for p in SOURCE.rglob("*.py") if "templates" not in p.parts)
HOUSE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["playnote-house"]
CHINESE = re.compile(
    r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
)  # its punctuation counts: "baseline" is a Chinese word here
PLACEHOLDER = re.compile(r"{(\w+)")


def calls(tree, name):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name:
            yield node


def literal(node):
    """The text of a string or of the plain parts of an f-string; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return None


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(SOURCE)) for f in FILES])
def test_every_sentence_has_both_languages(file):
    for node in calls(ast.parse(file.read_text(encoding="utf-8")), "Text"):
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        assert set(given) == {"en", "zh"}, f"{file}:{node.lineno}: name both languages"
        en, zh = literal(given["en"]), literal(given["zh"])
        if en is None or zh is None:
            continue
        # The languages may count differently ("2 more" / "7 in all"), never leave a value out.
        assert len(set(PLACEHOLDER.findall(en))) == len(set(PLACEHOLDER.findall(zh))), (
            f"{file}:{node.lineno}: {en} / {zh}"
        )
        words = re.sub(r"{[^}]*}", "", en)
        if re.search(r"[A-Za-z]{4,}", words) and en != zh:
            assert CHINESE.search(zh), f"{file}:{node.lineno}: no Chinese in {zh!r}"


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(SOURCE)) for f in FILES])
def test_only_members_of_the_error_tree_are_raised(file):
    allowed = {
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.PlaynoteError)
    } | set(HOUSE["raised"])
    made = {
        node.name for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            call = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = getattr(call, "id", getattr(call, "attr", ""))
            # A function or variable holds an error made elsewhere in the tree; a class must be a member.
            if name[:1].isupper():
                assert name in allowed or name in made, f"{file}:{node.lineno} raises {name}"


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(SOURCE)) for f in FILES])
def test_files_and_functions_stay_short(file):
    text = file.read_text(encoding="utf-8")
    name = str(file.relative_to(SOURCE))
    assert len(text.splitlines()) <= HOUSE["files"].get(name, 400), name
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno - body[0].lineno + 1) if body else 0
            assert lines <= HOUSE["functions"].get(f"{name}:{node.name}", 40), f"{name}:{node.lineno} {node.name}"
        if isinstance(node, ast.ClassDef):
            assert node.end_lineno - node.lineno < 200, f"{name}:{node.lineno} {node.name}"


def test_every_exception_from_the_sizes_is_still_needed():
    for name in HOUSE["files"]:
        assert len((SOURCE / name).read_text(encoding="utf-8").splitlines()) > 400, name
    for entry in HOUSE["functions"]:
        name, _, function = entry.partition(":")
        found = [
            node
            for node in ast.walk(ast.parse((SOURCE / name).read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        ]
        assert any(node.end_lineno - node.lineno > 40 for node in found), entry


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(SOURCE)) for f in FILES])
def test_scipy_stats_is_imported_inside_functions_only(file):
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("scipy.stats"), file
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("scipy.stats") for alias in node.names), file


def imported(file):
    """Top names of everything a file imports, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_recorder_errors_and_text_name_nothing_but_the_standard_library():
    rooms = [SOURCE / "errors.py", SOURCE / "text.py", *(SOURCE / "recorder").glob("*.py")]
    for file in rooms:
        assert set(imported(file)) <= {*sys.stdlib_module_names, "playnote"}, file


def test_an_optional_package_is_imported_in_one_place_only():
    core = {*sys.stdlib_module_names, "playnote", *HOUSE["core"]}
    places = {}
    for file in FILES:
        name = str(file.relative_to(SOURCE))
        for package in set(imported(file)) - core:
            place = next((room for room in HOUSE["optional"].get(package, ()) if name.startswith(room)), name)
            places.setdefault(package, set()).add(place)
    for package, found in places.items():
        assert len(found) == 1 or found <= set(HOUSE["optional"].get(package, ())), (package, found)


@pytest.mark.parametrize("room", ["space", "records", "stats", "diagnosis", "playbook", "plots"])
def test_a_pure_room_opens_and_prints_nothing(room):
    for file in (SOURCE / room).rglob("*.py"):
        for name in ("open", "print", "input", "eval", "exec"):
            assert not list(calls(ast.parse(file.read_text(encoding="utf-8")), name)), f"{file} calls {name}"


def test_importing_playnote_and_the_recorder_brings_in_the_standard_library_alone():
    code = (
        "import sys; before = set(sys.modules); import playnote, playnote.recorder; playnote.current_trial; "
        "print('\\n'.join(sorted({m.split('.')[0] for m in set(sys.modules) - before})))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set(found) - set(sys.stdlib_module_names) <= {"playnote"}


def test_every_setting_has_a_unit_a_source_and_a_reason():
    for row in TABLE.values():
        assert row.unit, row.name
        assert row.source in ("playbook", "upstream", "ours"), row.name
        assert len(row.reason) > 8, row.name
        assert row.low <= row.value <= row.high, row.name


def test_every_setting_is_read_somewhere():
    # A threshold that a project can override and nothing reads would be ignored in silence.
    code = "\n".join(file.read_text(encoding="utf-8") for file in FILES if "settings" not in file.parts)
    unread = []
    for name in TABLE:
        stem = name.rsplit(".", 1)
        built = len(stem) == 2 and f'}}.{stem[1]}"' in code  # f"{question}.yes"
        if f'"{name}"' not in code and not built:
            unread.append(name)
    assert unread == []
