"""Pictures as files: real PNG and SVG, Chinese drawn with a font that has it, and clear words where something is missing."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from made_up_round import rich_state

from playnote.errors import InputError, MissingExtraError
from playnote.plots.still import cut, still_of_curves
from playnote.reports import stills
from playnote.reports.figure import Figure
from playnote.reports.stills import KINDS, chinese_font, still
from playnote.service import figures as service
from playnote.service.report import round_report


@cache
def drawn() -> dict[str, Figure]:
    state = rich_state()
    return {each.id: each for each in round_report(state, state.rounds[0]).figures}


def needs_chinese() -> None:
    pytest.importorskip("vl_convert", reason="the extra `export` is not installed")
    if chinese_font() is None:
        pytest.skip("no font with Chinese on this machine")


@pytest.mark.parametrize("name", ["variance", "axis-0", "isolation", "curves-0", "importance"])
def test_every_picture_is_a_png_of_its_size_and_an_svg_with_its_words(name: str) -> None:
    pytest.importorskip("vl_convert", reason="the extra `export` is not installed")
    png, svg = (still(drawn()[name], "en", kind) for kind in KINDS)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(png[16:20]) >= 1000
    assert svg.startswith(b"<svg")
    assert drawn_title(drawn()[name], "en").encode() in svg


def drawn_title(figure: Figure, language: Any) -> str:
    title = figure.drawing[language]["title"]
    return str(title["text"] if isinstance(title, dict) else title)


def test_chinese_is_written_in_the_svg_and_has_shapes_of_its_own_in_the_png() -> None:
    """Signs a font lacks come out as one and the same box: two different signs must not look the same."""
    needs_chinese()
    figure = drawn()["variance"]
    svg = still(figure, "zh", "svg").decode()
    assert drawn_title(figure, "zh") in svg
    assert str(chinese_font()) in svg
    assert bare("试") != bare("验")
    assert bare("试") == bare("试")


def bare(sign: str) -> bytes:
    spec = {"data": {"values": [{}]}, "mark": {"type": "text", "text": sign, "fontSize": 40}, "layer": []}
    figure = Figure("one", "axes", "vega", {"zh": {**spec, "layer": [{"mark": spec["mark"]}]}}, alt=service._RUN)
    del figure.drawing["zh"]["mark"]  # type: ignore[attr-defined]  # a dict
    return still(figure, "zh", "png")


def test_without_a_font_that_has_chinese_nothing_is_drawn_and_the_way_to_one_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stills, "chinese_font", lambda: None)
    with pytest.raises(InputError, match="no font with Chinese") as caught:
        still(drawn()["axis-0"], "zh", "png")
    assert "fonts-noto-cjk" in caught.value.fix.en
    pytest.importorskip("vl_convert", reason="the extra `export` is not installed")
    assert still(drawn()["axis-0"], "en", "svg").startswith(b"<svg")


def test_without_the_extra_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtraError) as caught:
        still(drawn()["axis-0"], "en", "png")
    assert "pip install 'playnote[export]'" in caught.value.fix.en


def test_a_font_is_found_by_the_name_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "_PLACES", {"linux": (str(tmp_path),)})
    monkeypatch.setattr(sys, "platform", "linux")
    assert chinese_font() is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "DejaVuSans.ttf").touch()
    assert chinese_font() is None
    (tmp_path / "deep" / "wqy-microhei.ttc").touch()
    assert chinese_font() == "WenQuanYi Micro Hei"
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    assert chinese_font() == "Noto Sans CJK SC"


def test_a_line_is_cut_at_the_windows_edge_and_taken_up_where_it_comes_back() -> None:
    found = cut([0, 1, 2, 3, 4], [5.0, 1.0, 1.0, 5.0, None], (0.0, 3.0))
    assert found == [(0, None), (0.5, 3.0), (1, 1.0), (2, 1.0), (2.5, 3.0), (3, None), (4, None)]
    assert cut([0, 1], [-1.0, 9.0], (0.0, 3.0)) == [(0, None), (0.1, 0.0), (0.4, 3.0), (1, None)]
    assert cut([0, 1], [1.0, 9.0], None) == [(0, 1.0), (1, 9.0)]


def test_curves_on_paper_have_the_lines_of_the_page_and_stay_in_its_window() -> None:
    page = drawn()["curves-1"].drawing["en"]
    spec = still_of_curves(page)
    assert {row["line"] for row in spec["data"]["values"]} == {line["label"] for line in page["lines"]}
    ground = spec["layer"][0]["data"]["values"]
    low, high = page["range"]
    for row in (*spec["data"]["values"], *ground):
        assert row["y"] is None or low - 1e-9 <= row["y"] <= high + 1e-9


def test_files_are_named_after_the_picture_and_never_leave_the_folder() -> None:
    axis = drawn()["axis-0"]
    assert service.name_of(axis) == "axis-0-lr"
    wild = Figure("axis-1", "axes", "vega", {}, axis.alt, about="../../学习率/x")
    assert "/" not in service.name_of(wild)
