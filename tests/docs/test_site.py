"""The site builds with warnings as errors, loads nothing from elsewhere, and finds Chinese words."""

import functools
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.package


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("mkdocs", reason="`make docs` installs the builder")
    out = tmp_path_factory.mktemp("site")
    build = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(out)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    return out


def test_pages_load_nothing_from_elsewhere(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text, path
        assert 'src="//' not in text, path


def test_a_rules_id_leads_to_its_page_in_the_pages_language(site):
    for page, rule in (("coverage.html", "E3-boundary.html"), ("coverage.zh.html", "E3-boundary.zh.html")):
        text = (site / "reference" / page).read_text(encoding="utf-8")
        assert f'<a href="rules/{rule}">' in text
        assert (site / "reference" / "rules" / rule).exists()


def test_the_index_of_the_search_holds_words_of_both_languages(site):
    held = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = [entry["text"] for entry in held["docs"]]
    assert any(" 预热 " in text for text in texts)
    assert any("warmup" in text for text in texts)


@pytest.mark.browser
def test_words_of_both_languages_are_found_in_a_browser(site):
    tool = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("Chromium is not installed")
    serve = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server, tool.sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--headless", "--no-sandbox"])
        page, outside = browser.new_page(), []
        page.on("request", lambda asked: outside.append(asked.url) if "127.0.0.1" not in asked.url else None)
        for word in ("预热", "隔离图", "warmup"):
            page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q={word}")
            page.wait_for_selector("#mkdocs-search-results h3", timeout=20_000)
        browser.close()
        server.shutdown()
    assert not outside


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Nothing."""
