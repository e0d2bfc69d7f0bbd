"""Figures inside a page, kept equal to their source: `<!--rate:recall still improving-->0.59<!--/-->`.

rate:recall NAME | rate:alarm NAME     a verdict's row of the error rates
rate:null KIND | rate:naive KIND       false adoptions on exact nulls, ours and the naive rule's
edges:METHOD                           share of diverged trials of benchmarks/search/results/edges.md
"""

from __future__ import annotations

import re

from rates import ROOT, null_rows, tables, verdict_rows

MARK = re.compile(r"<!--(?P<kind>\w+):(?P<name>[^>]*)-->(?P<shown>[^<]*)<!--/-->")
EDGES = ROOT / "benchmarks" / "search" / "results" / "edges.md"


def figure(kind: str, name: str) -> str:
    """The figure a mark names, as its source has it, without its interval."""
    if kind == "edges":
        return _edges(name)
    which, _, row = name.partition(" ")
    if which in {"null", "naive"}:
        return null_rows()[row]["adopted" if which == "null" else "naive"]
    return verdict_rows()[row]["recall" if which == "recall" else "false alarm"].split(" ")[0]


def filled(text: str) -> str:
    """The page with every figure taken from its source anew."""
    return MARK.sub(lambda m: f"<!--{m['kind']}:{m['name']}-->{figure(m['kind'], m['name'])}<!--/-->", text)


def _edges(method: str) -> str:
    if not EDGES.exists():
        return "not run"
    first = EDGES.read_text(encoding="utf-8")
    rows = next(iter(tables("## all\n" + first.partition("\n")[2]).values()))
    return rows[method]["diverged"].split(" ")[0] if method in rows else "not run"
