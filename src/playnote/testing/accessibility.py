"""What axe-core finds wrong on a page in a browser; the rules are installed by `make .venv-peers/axe/ready`.

Reference: Deque Systems, axe-core (the rules of WCAG 2.0, 2.1 and 2.2, levels A and AA, and best practices).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).parents[3] / ".venv-peers/axe/node_modules/axe-core/axe.min.js"
HOW = "axe-core is not installed: make .venv-peers/axe/ready"
GRAVE = ("serious", "critical")
_RUN = """async (graves) => {
  const found = await axe.run(document, {resultTypes: ['violations'], preload: false});
  return found.violations.filter(each => graves.includes(each.impact)).flatMap(each => each.nodes.map(node =>
    each.impact + ' ' + each.id + ': ' + node.target.join(' ') + ' ' + node.html.slice(0, 120)));
}"""


def faults_of(page: Any, graves: tuple[str, ...] = GRAVE) -> list[str]:
    """The findings of these impacts on a Playwright page: impact, rule, place and markup, one line each.

    Runs in the page as it stands, past its policy; needs `AXE` (tests skip with `HOW` where it is not there).
    """
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return [str(line) for line in page.evaluate(_RUN, list(graves))]
