"""The report in a browser: opened from a file, with nothing loaded and nothing complained about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up_round import rich_state

from playnote.service.report import write_report
from playnote.testing.accessibility import AXE, HOW, faults_of
from playnote.testing.large_round import large_state

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
pytestmark = pytest.mark.browser
PICTURES = ("variance", "axis-0", "axis-1", "isolation", "curves-0", "curves-1", "importance")


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


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round of 240 trials with eight hyperparameters and 300 points a curve."""
    return write_report(large_state(240, 300), 1, tmp_path_factory.mktemp("large") / "report.html").as_uri()


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

    def place(self, figure: str) -> dict[str, float]:
        """Where the picture stands in the window, scrolled into it."""
        canvas = self.page.locator(f"#{figure} canvas").first
        canvas.scroll_into_view_if_needed()
        return dict(canvas.bounding_box())

    def drag(self, figure: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press, move and let go; places are shares of the picture's width and height."""
        box = self.place(figure)
        (x, y), (u, v) = ((box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in (start, end))
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + u) / 2, (y + v) / 2)
        self.page.mouse.move(u, v)
        self.page.mouse.up()

    def dots(self, figure: str) -> str:
        """The picture as it is drawn now."""
        script = "id => document.querySelector('#' + id + ' canvas').toDataURL()"
        return str(self.page.evaluate(script, figure))

    def changes(self, figure: str, before: str) -> None:
        """Waits until the picture is drawn otherwise."""
        script = "([id, before]) => document.querySelector('#' + id + ' canvas').toDataURL() !== before"
        self.page.wait_for_function(script, arg=[figure, before])

    def marked(self) -> set[str]:
        """The trials that are marked in the table."""
        script = "[...document.querySelectorAll('tr.marked')].map(each => each.dataset.trial)"
        return set(self.page.evaluate(script))

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
        assert set(PICTURES) == set(drawn)
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


def test_a_region_marked_in_one_axis_plot_stands_out_in_the_others_and_among_the_curves(
    browser: Any, large: str
) -> None:
    watched = Watched(browser, large)
    others = {name: watched.dots(name) for name in ("axis-1", "axis-6", "isolation", "curves-0")}
    watched.drag("axis-0", (0.3, 0.3), (0.75, 0.85))
    watched.page.wait_for_function("Number(document.documentElement.dataset.marked) > 0")
    for name in ("axis-1", "axis-6", "curves-0"):
        watched.changes(name, others[name])
    marked = watched.marked()
    assert 0 < len(marked) < 240
    assert watched.page.inner_text(".marking [role=status]").strip() == f"{len(marked)} trials marked"
    curves = int(watched.page.get_attribute("#curves-0 .uplot", "data-marked") or 0)
    assert curves == len(marked), "every marked trial that has a curve: none of the region diverged"
    watched.drag("axis-2", (0.3, 0.3), (0.5, 0.9))
    watched.page.wait_for_function("n => Number(document.documentElement.dataset.marked) !== n", arg=len(marked))
    assert watched.marked() != marked, "the second region takes the place of the first"
    watched.page.click("[data-mark=none]")
    watched.page.wait_for_function("document.documentElement.dataset.marked === '0'")
    assert watched.marked() == set()
    watched.changes("axis-1", "")
    assert (watched.asked, watched.trouble) == ([large], [])


def test_the_region_holds_exactly_the_trials_inside_it(browser: Any, large: str) -> None:
    """The whole picture is every trial with a place in it; the best tenth by button is the best tenth by score."""
    state = large_state(240, 300)
    watched = Watched(browser, large)
    watched.drag("axis-0", (0.13, 0.26), (0.985, 0.88))
    shown = {trial.id for trial in state.of_round(1)}
    watched.page.wait_for_function("n => Number(document.documentElement.dataset.marked) === n", arg=len(shown))
    assert watched.marked() == shown
    watched.page.click("[data-mark=best]")
    scored = sorted((r.score, name) for name, r in state.readings.items() if r.score is not None and name in shown)
    assert watched.marked() == {name for _, name in scored[: round(len(scored) / 10)]}
    watched.page.click("[data-mark=diverged]")
    assert watched.marked() == {trial.id for trial in state.of_round(1) if trial.outcome == "nan"}


def test_hovering_names_a_trial_and_reads_the_curves(browser: Any, large: str) -> None:
    watched = Watched(browser, large)
    watched.page.wait_for_selector("#axis-0 canvas")
    box = watched.place("axis-0")
    found = ""
    for across in range(20, 90):
        watched.page.mouse.move(box["x"] + across / 100 * box["width"], box["y"] + 0.74 * box["height"])
        tip = watched.page.locator("#vg-tooltip-element.visible")
        if tip.count():
            found = tip.inner_text()
            break
    assert "dev/error" in found
    assert "t0" in found
    box = watched.place("curves-0")
    watched.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    legend = watched.page.locator("#curves-0 .u-legend .u-value").all_inner_texts()
    assert legend[0].isdigit()
    assert all(text not in ("–", "--", "") for text in legend[:2])


def test_zoom_by_wheel_and_by_dragging_a_curve_and_back(browser: Any, large: str) -> None:
    watched = Watched(browser, large)
    box = watched.place("axis-0")
    watched.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    before = watched.dots("axis-0")
    watched.page.keyboard.down("Control")
    watched.page.mouse.wheel(0, -240)
    watched.page.keyboard.up("Control")
    watched.changes("axis-0", before)
    zoomed = watched.dots("axis-0")
    watched.page.mouse.dblclick(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    watched.changes("axis-0", zoomed)
    before = watched.dots("curves-0")
    watched.drag("curves-0", (0.5, 0.4), (0.8, 0.4))
    watched.changes("curves-0", before)
    assert (watched.asked, watched.trouble) == ([large], [])
