"""What is shipped: the wheel holds what the program needs and nothing else, and runs where nothing but it was installed."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.package
# What pip itself does not know of: files beside the modules that are read at run time.
NEEDED = (
    "playnote/py.typed",
    "playnote/templates/digits/playnote.toml",
    "playnote/templates/digits/splits/train.txt",
    "playnote/reports/templates/report.html.jinja",
    "playnote/reports/templates/review.html.jinja",
    "playnote/interfaces/web/templates/base.html.jinja",
    "playnote/interfaces/web/static/pages.css",
    "playnote/interfaces/mcp/SKILL.md",
    "playnote/interfaces/mcp/SKILL.zh.md",
)


def run(*words, cwd=None):
    environment = {**os.environ, "PYTHONPATH": "", "LANG": "C.UTF-8", "COLUMNS": "100"}
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, env=environment, timeout=600, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """(wheel, sdist, files), made by the project's own back end from the files that git keeps."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    files = [name for name in run("git", "ls-files", "-z", cwd=ROOT).split("\0") if name and (ROOT / name).is_file()]
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    tools = tmp_path_factory.mktemp("tools") / "venv"
    run(sys.executable, "-m", "venv", str(tools))
    python = str(tools / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", "hatchling")
    build = "import hatchling.build as b, sys; print(b.build_wheel(sys.argv[1]), b.build_sdist(sys.argv[1]))"
    wheel, sdist = run(python, "-c", build, str(out), cwd=source).split()[-2:]
    return out / wheel, out / sdist, files


def test_the_wheel_holds_the_package_and_nothing_else(built):
    names = zipfile.ZipFile(built[0]).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"playnote"}
    assert not [name for name in names if name.startswith(("playnote/tests", "playnote/docs")) or "__pycache__" in name]
    for name in NEEDED:
        assert name in names, name
    assert built[0].stat().st_size < 3_000_000


def test_the_wheel_holds_every_module_that_git_keeps(built):
    names = set(zipfile.ZipFile(built[0]).namelist())
    modules = [name.removeprefix("src/") for name in built[2] if name.startswith("src/playnote/")]
    assert not [name for name in modules if name not in names]


def test_javascript_of_others_is_pinned_and_has_its_licence_beside_it(built):
    names = [Path(name) for name in zipfile.ZipFile(built[0]).namelist()]
    scripts = [path for path in names if path.name.endswith(".min.js")]
    assert scripts
    for path in scripts:
        found = re.fullmatch(r"([a-z-]+)-(\d+\.\d+\.\d+)\.min\.js", path.name)
        assert found, f"{path}: no version in its name"
        assert path.with_name(f"{found[1]}-LICENSE.txt") in names, f"{path}: no licence"


def test_the_sdist_holds_source_tests_and_licence_and_no_leftovers(built):
    with tarfile.open(built[1]) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    for name in ("LICENSE", "README.md", "pyproject.toml", "src/playnote/__init__.py", "CHANGELOG.md"):
        assert name in names, name
    assert not [name for name in names if name.startswith((".venv", "build/", "demo/", ".playnote"))]


def test_compare_runs_from_the_wheel_where_nothing_else_is_installed(built, tmp_path):
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    bin_ = tmp_path / "venv" / "bin"
    run(str(bin_ / "python"), "-m", "pip", "install", "--quiet", str(built[0]))
    (tmp_path / "base.txt").write_text("0.0884\n0.0861\n0.0897\n0.0872\n")
    (tmp_path / "cand.txt").write_text("0.0871\n0.0858\n0.0882\n0.0845\n")
    told = run(
        *(str(bin_ / "playnote"), "compare", "base.txt", "cand.txt"),
        *("--direction", "minimize", "--min-effect", "0.002"),
        cwd=tmp_path,
    )
    assert told.startswith("NOT DECIDED   0.0014 [-0.0008, 0.0037] (90 %).")
    run(str(bin_ / "playnote"), "init", "--example", "digits", "demo", "--yes", cwd=tmp_path)
    assert (tmp_path / "demo" / "playnote.toml").exists()
    run(str(bin_ / "playnote"), "next", "--project", "demo", cwd=tmp_path)
    installed = run(str(bin_ / "python"), "-m", "pip", "list", "--format", "freeze").lower()
    assert "torch" not in installed
    assert "optuna" not in installed
