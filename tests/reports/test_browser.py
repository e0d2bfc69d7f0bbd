"""The report in a browser: opened from a file, with nothing loaded and nothing complained about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up_round import rich_state

from playnote.service.report import write_report
from playnote.testing.accessibility import AXE, HOW, faults_of

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as tool:
        opened = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(rich_state(), 1, tmp_path_factory.mktemp("report") / "report.html").as_uri()


class Watched:
    """A page, and everything it asked for or complained about."""

    def __init__(self, browser: Any, address: str, width: int = 1200, **options: Any) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        self.asked: list[str] = []
        self.trouble: list[str] = []
        self.page.on("request", lambda each: self.asked.append(each.url))
        self.page.on("pageerror", lambda each: self.trouble.append(str(each)))
        self.page.on(
            "console", lambda each: self.trouble.append(each.text) if each.type in ("error", "warning") else None
        )
        self.page.goto(address)
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready=yes]", timeout=60_000)

    def speak(self, language: str) -> None:
        self.page.click(f"[data-set={language}]")
        self.ready()

    def drawn(self) -> dict[str, bool]:
        """Whether each picture has a canvas on which something was drawn."""
        script = """() => Object.fromEntries([...document.querySelectorAll('.drawing')].map(place => {
          const canvas = place.querySelector('canvas');
          if (!canvas || place.dataset.drawn !== 'yes' || !canvas.width) return [place.id, false];
          const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          return [place.id, dots.some(each => each !== 0)];
        }))"""
        return dict(self.page.evaluate(script))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_opens_offline_draws_every_picture_and_stays_silent_in_both_languages(
    browser: Any, address: str, width: int, scheme: str
) -> None:
    watched = Watched(browser, address, width, color_scheme=scheme)
    for language, sentence in (("en", "Is the comparison fair?"), ("zh", "这次对比公平吗？")):
        watched.speak(language)
        drawn = watched.drawn()
        assert {"isolation", "axis-0", "axis-1", "curves-0", "curves-1", "variance"} == set(drawn)
        assert all(drawn.values()), drawn
        assert watched.page.inner_text("#h-fair") == sentence
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.asked == [address]
    assert watched.trouble == []


def test_dark_and_light_differ_and_a_change_is_followed(browser: Any, address: str) -> None:
    watched = Watched(browser, address, color_scheme="light")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = watched.page.evaluate(colour)
    watched.page.emulate_media(color_scheme="dark")
    watched.ready()
    assert watched.page.evaluate(colour) != before
    assert all(watched.drawn().values())


def test_a_browser_that_asks_for_chinese_gets_chinese(browser: Any, address: str) -> None:
    watched = Watched(browser, address, locale="zh-CN")
    assert watched.page.inner_text("#h-fair") == "这次对比公平吗？"
    assert watched.page.get_attribute("html", "lang") == "zh-CN"


def test_every_picture_says_what_it_shows_and_the_page_has_its_landmarks(browser: Any, address: str) -> None:
    page = Watched(browser, address).page
    assert all(page.evaluate("[...document.querySelectorAll('.drawing')].map(each => each.getAttribute('aria-label'))"))
    for landmark in ("header", "main", "footer", "h1"):
        assert page.locator(landmark).count() == 1


def test_a_table_wider_than_the_phone_scrolls_by_keyboard(browser: Any, address: str) -> None:
    assert Watched(browser, address, 390).page.locator("section .scroll[tabindex='0']").count() >= 1


def test_it_prints_without_its_buttons_and_with_every_picture(browser: Any, address: str) -> None:
    watched = Watched(browser, address, color_scheme="dark")
    assert len(watched.page.pdf(format="A4")) > 20_000
    watched.page.emulate_media(media="print")
    assert not watched.page.is_visible(".switch")
    assert all(watched.drawn().values())


@pytest.mark.skipif(not AXE.exists(), reason=HOW)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_axe_finds_nothing_serious_in_either_language(browser: Any, address: str, width: int, scheme: str) -> None:
    watched = Watched(browser, address, width, color_scheme=scheme)
    for language in ("en", "zh"):
        watched.speak(language)
        watched.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        assert faults_of(watched.page) == []
