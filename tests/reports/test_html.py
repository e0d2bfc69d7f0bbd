"""The report as text: what it says, what it never lets out, and that nothing in it can run but our own scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from made_up_round import rich_state

from playnote.errors import InputError, NotFoundError
from playnote.records.state import ProjectState
from playnote.reports.packing import unpacked
from playnote.service.report import write_report
from playnote.service.rounds import chosen_round, show_of


class Page(HTMLParser):
    """Tags with their attributes, and what stands inside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, dict[str, str | None], str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        if tag in ("script", "style") and data.strip():
            self.inside.append((tag, attributes, data))
        else:
            self.words += data

    def attribute(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]


def text_of(state: ProjectState, folder: Path) -> str:
    return write_report(state, 1, folder / "report.html").read_text(encoding="utf-8")


@cache
def rich() -> ProjectState:
    return rich_state()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return text_of(rich(), tmp_path_factory.mktemp("report"))


def policy_of(page: Page) -> str:
    return next(str(a["content"]) for t, a in page.tags if t == "meta" and "http-equiv" in a)


def test_every_script_and_style_is_named_by_its_hash_and_nothing_else_may_run(text: str) -> None:
    page = Page(text)
    policy = policy_of(page)
    hashes = re.findall(r"'sha256-([^']+)'", policy)
    running = [data for _, attributes, data in page.inside if attributes.get("type") != "application/json"]
    found = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in running]
    assert sorted(found) == sorted(hashes)
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_nothing_is_loaded_and_no_markup_carries_style_or_handlers(text: str) -> None:
    page = Page(text)
    assert not page.attribute("src")
    assert not page.attribute("style")
    assert all(each.startswith("#") for each in page.attribute("href"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_question_and_answer_stand_first_in_both_languages(text: str) -> None:
    state = rich()
    answer = show_of(state, chosen_round(state, 1))["answer"]["text"]
    main = text[text.index("<main>") :]
    assert main.index(state.rounds[0].question) < main.index("<table")
    for sentence in answer.values():
        assert main.index(sentence.replace("'", "&#39;")) < main.index("<table")


def test_every_verdict_is_said_in_a_word(text: str) -> None:
    for word in ("FINE", "CAREFUL", "CANNOT TELL", "没问题", "留意", "说不清"):
        assert word in Page(text).words


def test_the_three_kinds_of_plot_and_the_spreads_are_there_in_both_languages(text: str) -> None:
    held = json.loads(next(data for _, a, data in Page(text).inside if a.get("type") == "application/json"))
    drawings = unpacked(held)
    assert {"isolation", "axis-0", "axis-1", "curves-0", "variance"} <= set(drawings)
    assert all(set(each) == {"en", "zh"} for each in drawings.values())
    for name, each in drawings.items():
        if not name.startswith("curves"):
            assert each["en"]["$schema"].endswith("/v6.json")
        else:
            assert max(len(line["x"]) for line in each["en"]["lines"]) <= 2000


def test_fixed_values_provenance_and_next_step_are_told(text: str) -> None:
    state = rich()
    words = Page(text).words
    for told in ("batch_size", "128", "3f3f3f3f3f3f", show_of(state, state.rounds[0])["next"]["command"], "41"):
        assert told in words


def test_neither_host_nor_environment_nor_diff_leaves(text: str) -> None:
    for secret in ("host-that-stays-home", "NAME_THAT_STAYS_HOME", "d1ffd1ffd1ffd1ff"):
        assert secret not in text


NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} & \u2028 '\""


def test_words_of_the_user_never_become_markup_or_code(tmp_path: Path) -> None:
    state = rich()
    project = replace(
        state.project,
        name=NASTY,
        objective=replace(state.project.objective, formula="`" + NASTY.replace("`", "") + "`"),
    )
    changed: dict[str, Any] = {"question": NASTY, "fixed": {NASTY: NASTY}}
    plain = Page(text_of(state, tmp_path))
    page = Page(text_of(replace(state, project=project, rounds=(replace(state.rounds[0], **changed),)), tmp_path))
    assert sum(tag == "script" for tag, _ in page.tags) == sum(tag == "script" for tag, _ in plain.tags)
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert NASTY in page.words
    assert "49" not in page.words[: page.words.index(NASTY) + len(NASTY)]


def test_the_same_state_gives_the_same_bytes(text: str, tmp_path: Path) -> None:
    assert text_of(rich_state(), tmp_path) == text


def test_a_round_with_nothing_run_has_a_report_that_says_so(tmp_path: Path) -> None:
    state = rich_state(trials=(), readings={})
    words = Page(text_of(state, tmp_path)).words
    assert "no trial has ended" in words
    assert "一个试验都没跑完" in words


def test_an_exploring_round_has_a_report(tmp_path: Path) -> None:
    state = rich()
    alone = replace(state.rounds[0], scientific={}, studies=(replace(state.rounds[0].studies[0], scientific={}),))
    assert "compares no values" in Page(text_of(replace(state, rounds=(alone,)), tmp_path)).words


def test_a_round_that_is_not_on_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        write_report(rich(), 9, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError, match=r"report\.html"):
        write_report(rich(), 1, tmp_path / "report.html")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
