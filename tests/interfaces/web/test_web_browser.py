"""The pages in a browser: silent, inside the window, labelled; a round watched to its end; errors sorted by keyboard."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `dashboard` is not installed")
import web_project

from playnote.interfaces.web.app import app_of
from playnote.interfaces.web.guard import Keys
from playnote.interfaces.web.pages import PAGES
from playnote.interfaces.web.server import listen, server_of
from playnote.service import rounds
from playnote.service.error_analysis import errors_sample, errors_show
from playnote.service.session import open_project
from playnote.testing.accessibility import AXE, faults_of

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
pytestmark = pytest.mark.browser
ADDRESSES = [each.path.replace("{round}", "1").replace("{rule}", "A-single-goal") for each in PAGES]
# Names, contrast (4.5 for text, by the WCAG formula) and landmarks; for where axe-core is not installed.
FAULTS = """() => {
  const faults = [];
  for (const one of ['header', 'main', 'footer', 'h1']) {
    if (document.querySelectorAll(one).length < 1) faults.push('no ' + one);
  }
  if (document.querySelectorAll('main').length !== 1 || document.querySelectorAll('h1').length !== 1) faults.push('main, h1');
  if (!document.documentElement.lang || !document.title) faults.push('lang, title');
  const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
  if (new Set(ids).size !== ids.length) faults.push('an id stands twice');
  for (const each of document.querySelectorAll('[aria-labelledby]')) {
    if (!document.getElementById(each.getAttribute('aria-labelledby'))) faults.push('aria-labelledby of nothing');
  }
  for (const each of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (!each.labels.length && !each.getAttribute('aria-label')) faults.push('no label: ' + each.name);
  }
  for (const each of document.querySelectorAll('a, button')) {
    if (!(each.textContent.trim() || each.getAttribute('aria-label'))) faults.push('no name: ' + each.outerHTML.slice(0, 80));
  }
  for (const each of document.querySelectorAll('img')) { if (!each.alt) faults.push('no alt'); }
  const brush = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const dots = colour => {
    brush.clearRect(0, 0, 1, 1); brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = node => {
    const over = [];
    for (let at = node; at; at = at.parentElement) {
      const colour = dots(getComputedStyle(at).backgroundColor);
      if (colour[3]) over.push(colour);
      if (colour[3] === 255) break;
    }
    return over.reverse().reduce((under, c) => under.map((v, at) => v + (c[at] - v) * c[3] / 255), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || node.closest('script, option, .skip') || !node.checkVisibility()) continue;
    const [a, b] = [light(dots(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faults.push('contrast: ' + walker.currentNode.data.trim().slice(0, 40));
  }
  return [...new Set(faults)];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as tool:
        opened = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield opened
        opened.close()


class Served:
    """A project's pages on a port, in a thread of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._keys, self._socket = folder, Keys(), listen(0)
        port = self._socket.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self._server = server_of(app_of(folder, self._keys, port))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()

    def enter(self, browser: Any, **options: Any) -> Any:
        """A page with the cookie, which keeps what it asked for and complained about."""
        page = browser.new_context(**options).new_page()
        page.asked, page.trouble = [], []
        page.on("request", lambda each: page.asked.append(each.url))
        page.on("pageerror", lambda each: page.trouble.append(str(each)))
        page.on("console", lambda each: page.trouble.append(each.text) if each.type in ("error", "warning") else None)
        page.goto(f"{self.base}/?token={self._keys.token}")
        page.wait_for_url(f"{self.base}/", timeout=60_000)
        return page

    def close(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    web_project.grown(folder, nasty=True, per_value=4)
    found = Served(folder)
    yield found
    found.close()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_page_is_silent_inside_the_window_labelled_and_asks_nobody_else(
    browser: Any, served: Served, locale: str
) -> None:
    page = served.enter(browser, locale=locale)
    for address in ADDRESSES:
        page.goto(served.base + address)
        assert page.get_attribute("html", "lang") == ("zh-CN" if locale == "zh-CN" else "en")
        for scheme, width in itertools.product(("light", "dark"), (390, 1280)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            assert page.evaluate(FAULTS) == [], (address, scheme, width)
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            if AXE.exists():
                assert faults_of(page) == [], (address, scheme, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        assert page.evaluate("window.hacked") is None, address
    assert page.trouble == []
    assert all(each.startswith((served.base, "data:")) for each in page.asked)
    page.context.close()


def test_the_switch_turns_the_language_and_stays_on_the_page(browser: Any, served: Served) -> None:
    page = served.enter(browser, locale="en-US")
    page.goto(f"{served.base}/metric")
    page.click(".switch-language button")
    page.wait_for_selector("html[lang=zh-CN]")
    assert page.url == f"{served.base}/metric"
    assert page.inner_text("h1") == "分数还能代表人想要的吗？"


def test_a_person_confirms_what_an_agent_proposed(browser: Any, served: Served) -> None:
    page = served.enter(browser, locale="en-US")
    page.goto(f"{served.base}/answers")
    page.click(".proposal >> nth=0 >> button[value=yes]")
    page.wait_for_load_state()
    event = open_project(served.folder).state().events("answer")[-1]
    assert (event.actor, event.data["proposed_by"]) == ("person", "agent:reader")


def test_twenty_errors_are_sorted_by_keyboard_and_the_tally_is_right(browser: Any, served: Served) -> None:
    session = open_project(served.folder)
    errors_sample(session, n=25)
    page = served.enter(browser, locale="en-US")
    page.goto(f"{served.base}/errors")
    page.wait_for_selector("html[data-ready=yes]")
    for at in range(20):
        if at < 2:
            page.keyboard.press("n")
            page.keyboard.type(("blurry", "dark")[at])
        else:  # known by then: 1 blurry, 2 dark; every fourth is both
            for key in "12" if at % 4 == 0 else "1" if at % 2 else "2":
                page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.wait_for_selector("html[data-ready=yes]")
    assert page.trouble == []
    found = errors_show(session)
    assert found["tagged"] == 20
    # 0 blurry, 1 dark; of 2..19: odd nine blurry, 4 8 12 16 both, 2 6 10 14 18 dark
    assert {each["name"]: each["count"] for each in found["categories"]} == {"blurry": 14, "dark": 10}
    assert "20" in page.inner_text("#tagged")


def test_a_round_is_watched_to_its_end(browser: Any, tmp_path: Path) -> None:
    session = web_project.bare(tmp_path)
    web_project.drain(rounds.baseline_run(session))
    rounds.round_new(session, "Does width help?", {"width": [1, 2]}, 4)
    (tmp_path / "slow").touch()
    served = Served(tmp_path)
    try:
        page = served.enter(browser, locale="en-US")
        page.goto(f"{served.base}/round/1")
        page.wait_for_selector("html[data-ready=yes]")
        assert page.inner_text("#left").startswith("8 of 8")
        code = "from playnote.interfaces.cli.app import main; main()"
        command = [sys.executable, "-c", code, "round", "run", "--project", str(tmp_path), "--on", "inline"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as runner:
            page.wait_for_selector("#curves[data-drawn=yes]", timeout=60_000)
            some = int(page.get_attribute("#curves", "data-points"))
            page.wait_for_selector("html[data-live=over]", timeout=120_000)
            assert runner.wait(60) == 0, runner.stderr.read().decode()
        page.wait_for_selector("#curves[data-points='160']", timeout=20_000)
        assert some < 160
        assert page.inner_text("#left") == "all 8 trials ended"
        assert page.is_visible("#fresh")
        assert page.trouble == []
    finally:
        served.close()


def test_fifty_running_curves_are_followed_point_by_point(browser: Any, tmp_path: Path) -> None:
    place = Path(__file__).parents[3] / "benchmarks" / "web" / "live.py"
    spec = importlib.util.spec_from_file_location("live_benchmark", place)
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    made = bench.Round50(tmp_path, 50, 10)
    served = Served(tmp_path)
    try:
        page = served.enter(browser, locale="en-US")
        page.goto(f"{served.base}/round/1")
        before = 60 * bench.BEFORE
        page.wait_for_selector(f"#curves[data-points='{before}']", timeout=20_000)
        for at in range(1, 4):
            made.turn({})
            page.wait_for_selector(f"#curves[data-points='{before + 50 * at}']", timeout=20_000)
        assert page.get_attribute("html", "data-live") is None
        assert page.inner_text("#left") == "50 of 60 trials left"
        assert page.trouble == []
    finally:
        served.close()
        made.close()
