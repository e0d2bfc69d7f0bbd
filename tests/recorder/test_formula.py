"""Score formulas: Python's own arithmetic where it is arithmetic, and a clear refusal of everything else."""

from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.errors import FormulaError
from playnote.recorder.formula import FUNCTIONS, parse

VALUES = {"a": 2.0, "b": -0.5, "c": 3.25}


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(" ".join)
    called = st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(
        lambda p: f"{p[0]}({p[1]}{', 1' if p[0] in ('min', 'max') else ''})"
    )
    return binary | called | inner.map(lambda t: f"({t})") | inner.map(lambda t: f"-{t}")


arithmetic = st.recursive(st.sampled_from(["a", "b", "c", "2", "0.5", "1e-3", "0"]), _grow, max_leaves=8)


def _by_python(text: str) -> float:
    """The same text by Python itself: an independent implementation (only ever given generated arithmetic)."""
    names = {"min": min, "max": max, "abs": abs, "log": math.log, "exp": math.exp, "sqrt": math.sqrt}
    floats = ast.unparse(_Floats().visit(ast.parse(text, mode="eval")))
    try:
        value = eval(floats, {"__builtins__": {}}, {**names, **VALUES})
    except (ValueError, ZeroDivisionError, TypeError):
        return math.nan
    except OverflowError:
        return math.inf
    return math.nan if isinstance(value, complex) else value


class _Floats(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]


@given(arithmetic)
def test_arithmetic_means_what_it_means_in_python(text: str) -> None:
    expected, found = _by_python(text), parse(text).evaluate(VALUES)
    assert found is not None
    if math.isnan(expected):
        assert math.isnan(found)
    elif math.isfinite(expected) and not math.isnan(found):
        assert found == pytest.approx(expected, rel=1e-12)


@given(st.text(max_size=30) | st.text(alphabet="ab/ .@()+-*,`1e", max_size=30))
def test_any_text_is_a_formula_or_a_formula_error_with_its_place(text: str) -> None:
    try:
        formula = parse(text, "objective.optimize")
        refused = None
    except FormulaError as error:
        refused = error
    if refused is None:
        assert formula.evaluate({}) is None or not formula.terms
    else:
        (detail,) = refused.details
        assert detail.path.startswith("objective.optimize:")
        assert refused.fix.en
        assert refused.fix.zh


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("dev/f1 - 0.1 * latency_ms", ("dev/f1", "latency_ms")),
        ("dev/f1", ("dev/f1",)),
        ("dev / f1", ("dev", "f1")),
        ("recall@0.5 + val.loss", ("recall@0.5", "val.loss")),
        ("`dev/top-5 error` / 2", ("dev/top-5 error",)),
        ("b + a + b", ("b", "a")),
        ("误差/验证 * 2", ("误差/验证",)),
        ("log", ("log",)),
        ("3/2", ()),
    ],
)
def test_terms_are_the_metrics_in_order_and_each_once(text: str, terms: tuple[str, ...]) -> None:
    assert parse(text).terms == terms


@pytest.mark.parametrize("text", ["open('x')", "__import__('os').system('ls')", "a.b()", "eval(a)", "dev/f1(2)"])
def test_a_formula_that_tries_to_call_something_is_told_so(text: str) -> None:
    with pytest.raises(FormulaError, match="calls"):
        parse(text)


REFUSED = (
    "a b|a if b else c|[a]|a;b|lambda: a|a == b|2a|1e|(a|a)|a,|log(a, b)|sqrt()|a or b|f'{a}'|a := 1|top-5 acc|a +"
)


@pytest.mark.parametrize("text", ["", " ", *REFUSED.split("|")])
def test_what_is_not_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize("text", ["(" * 5000 + "a", "-" * 1900 + "a", "2" + "**2" * 600, "a" * 5000])
def test_depth_and_length_are_bounded(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_a_missing_term_gives_no_score_and_nan_never_hides_in_min_or_max() -> None:
    assert parse("a + missing").evaluate(VALUES) is None
    assert math.isnan(parse("min(a, 1)").evaluate({"a": math.nan}) or 0.0)
    assert math.isnan(parse("max(1, a)").evaluate({"a": math.nan}) or 0.0)


def test_arithmetic_without_a_real_answer_is_nan() -> None:
    for text in ("1 / (a - a)", "log(b)", "sqrt(b)", "b ** 0.5", "log(0)"):
        assert math.isnan(parse(text).evaluate(VALUES) or 0.0), text
