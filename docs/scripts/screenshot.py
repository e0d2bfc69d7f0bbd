"""Takes the README's picture: the report of a real round, in a real browser, opened from its file.

    make demo && .venv/bin/python docs/scripts/screenshot.py [PROJECT]

PROJECT is the folder of a project whose first round has ended (default: demo). Writes docs/images/report.png and
report.zh.png. Needs Debian's Chromium.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parents[1] / "images"
WIDTH, HEIGHT = 1100, 1000
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def main(project: str) -> None:
    """One picture a language."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        for language, name in (("en", "report.png"), ("zh", "report.zh.png")):
            report = Path(folder) / f"{language}.html"
            start = "from playnote.interfaces.cli.app import main; main()"
            words = [
                sys.executable,
                "-c",
                start,
                "report",
                "--project",
                project,
                "--out",
                str(report),
                "--lang",
                language,
            ]
            subprocess.run(words, check=True)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale=language)
            page.goto(report.as_uri())
            page.wait_for_timeout(1500)
            page.screenshot(path=str(IMAGES / name))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demo")
