"""Score formulas: arithmetic over logged metrics, parsed by hand and never handed to `eval`.

    dev/f1 - 0.1 * latency_ms          max(dev/a, dev/b)          `top-5 error` / 2

A name holds letters, digits, `_`, `.`, `@`, `:` and slashes *without spaces around them*: `dev/f1` is one
metric, `dev / f1` divides two. Any other name stands between backquotes. Operators are + - * / ** with
Python's precedence; functions are min, max, abs, log, exp and sqrt; nothing else is understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NoReturn

from playnote.errors import Detail, FormulaError
from playnote.text import Text, same

# A node is a number, ("metric", name), or (operation, argument, ...).
Node = float | tuple[Any, ...]
Operations = Mapping[str, Callable[..., Any]]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w@])"
    r"|(?P<name>[^\W\d][\w.@:]*(?:/[\w.@:]+)*)"
    r"|`(?P<quoted>[^`]+)`"
    r"|(?P<sign>\*\*|[-+*/(),]))"
)
_LONGEST, _DEEPEST = 2000, 60  # characters and nested parentheses: far beyond any score, far below the stack
FUNCTIONS: Mapping[str, tuple[int, int]] = {  # least and most arguments
    "min": (1, 99),
    "max": (1, 99),
    "abs": (1, 1),
    "log": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula.

    text   as it was written
    terms  the metrics it reads, each once, in order
    """

    text: str
    terms: tuple[str, ...]
    node: Node = field(repr=False)

    def evaluate(self, values: Mapping[str, float]) -> float | None:
        """The score; None where a term is missing, NaN where the arithmetic has no real answer (log of -1, 1 / 0)."""
        if any(name not in values for name in self.terms):
            return None
        try:
            return float(self.apply(values, _SCALAR))
        except (ValueError, ZeroDivisionError, TypeError):
            return math.nan
        except OverflowError:
            return math.inf

    def apply(self, values: Mapping[str, Any], operations: Operations) -> Any:
        """The same arithmetic over other values (arrays), with `operations` for + - * / ** neg and the functions."""
        return _apply(self.node, values, operations)


def parse(text: str, path: str = "formula") -> Formula:
    """Read a formula. Raises FormulaError, whose one detail names the place as `path:column`."""
    reader = _Reader(text, path)
    node = reader.read()
    return Formula(text, tuple(dict.fromkeys(reader.names)), node)


def _apply(node: Node, values: Mapping[str, Any], operations: Operations) -> Any:
    if isinstance(node, float):
        return node
    if node[0] == "metric":
        return values[node[1]]
    return operations[node[0]](*(_apply(part, values, operations) for part in node[1:]))


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)


def _smallest(*numbers: float) -> float:
    return math.nan if any(n != n for n in numbers) else min(numbers)


def _largest(*numbers: float) -> float:
    return math.nan if any(n != n for n in numbers) else max(numbers)


_SCALAR: Operations = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": _power,
    "neg": lambda a: -a,
    "min": _smallest,
    "max": _largest,
    "abs": abs,
    "log": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
}


class _Reader:
    """Recursive descent over the tokens; one instance a formula."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path, self.depth = text, path, 0
        self.names: list[str] = []
        self.tokens: list[tuple[str, str, int]] = []
        self.at = 0

    def read(self) -> Node:
        if len(self.text) > _LONGEST:
            self._fault(_LONGEST, f"{len(self.text)} characters", _TOO_LONG)
        self._cut()
        node = self._sum()
        if self._peek() != "end":
            self._fault_here(_TWO_VALUES)
        return node

    def _cut(self) -> None:
        place, text = 0, self.text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                self._refuse_calls()
                column = place + len(text[place:]) - len(text[place:].lstrip())
                self._fault(column, text[column : column + 12], _NOT_ARITHMETIC)
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind], match.start(kind)))
            place = match.end()
        self.tokens.append(("end", "end", len(text)))

    def _refuse_calls(self) -> None:
        # Said first, because it explains best what is wrong with "open('x')".
        for (kind, word, column), (_, following, _) in pairwise(self.tokens):
            if kind == "name" and word not in FUNCTIONS and following == "(":
                self._fault(column, word, _NO_CALL)

    def _sum(self) -> Node:
        node = self._product()
        while (sign := self._peek()) in ("+", "-"):
            self.at += 1
            node = (sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._signed()
        while (sign := self._peek()) in ("*", "/"):
            self.at += 1
            node = (sign, node, self._signed())
        return node

    def _signed(self) -> Node:
        negative, at = False, self.at
        while self._peek() in ("+", "-"):
            negative ^= self._peek() == "-"
            self.at += 1
        if self.at - at > _DEEPEST:
            self._fault_here(_TOO_DEEP)
        node = self._raised()
        return ("neg", node) if negative else node

    def _raised(self) -> Node:
        node = self._value()
        if self._peek() != "**":
            return node
        self.at += 1
        self._enter()
        node = ("**", node, self._signed())
        self.depth -= 1
        return node

    def _value(self) -> Node:
        kind, word, _ = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            return float(word)
        if kind == "name" and self.tokens[self.at + 1][:2] == ("sign", "("):
            return self._call(word)
        if kind in ("name", "quoted"):
            self.at += 1
            self.names.append(word)
            return ("metric", word)
        if word == "(" and kind == "sign":
            return self._arguments(1, 1)[0]
        self._fault_here(_NO_VALUE)

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            self._fault_here(_NO_CALL)
        self.at += 1
        return (name, *self._arguments(*FUNCTIONS[name]))

    def _arguments(self, least: int, most: int) -> list[Node]:
        self._enter()
        self.at += 1
        parts = [self._sum()]
        while self._peek() == "," and len(parts) < most:
            self.at += 1
            parts.append(self._sum())
        if self._peek() != ")" or len(parts) < least:
            self._fault_here(_NOT_CLOSED)
        self.at += 1
        self.depth -= 1
        return parts

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fault_here(_TOO_DEEP)

    def _peek(self) -> str:
        kind, word, _ = self.tokens[self.at]
        return word if kind in ("sign", "end") else kind

    def _fault_here(self, words: tuple[Text, Text]) -> NoReturn:
        kind, word, column = self.tokens[self.at]
        self._fault(column, "the end of the formula" if kind == "end" else word, words)

    def _fault(self, column: int, found: str, words: tuple[Text, Text]) -> NoReturn:
        problem, fix = words
        problem = problem.fill(found=same(repr(found)), text=same(repr(self.text)), column=column + 1)
        detail = Detail(path=f"{self.path}:{column + 1}", found=found, allowed=_ALLOWED, fix=fix)
        raise FormulaError(problem, fix=fix, details=(detail,))


_ALLOWED = Text(
    en="Metric names, numbers, + - * / ** ( ) and min, max, abs, log, exp, sqrt.",
    zh="指标名、数字、+ - * / ** ( )，以及 min、max、abs、log、exp、sqrt。",
)
_NO_CALL = (
    Text(
        en="The formula {text} calls {found} at column {column}, which is not a function it may use.",
        zh="公式 {text} 在第 {column} 列调用了 {found}，公式里不能用这个函数。",
    ),
    Text(
        en="Log the result in the training code as a metric and name that metric here.",
        zh="请在训练代码里算好并作为指标记录，这里只写指标名。",
    ),
)
_NOT_ARITHMETIC = (
    Text(
        en="The formula {text} holds {found} at column {column}, which is not arithmetic over metrics.",
        zh="公式 {text} 的第 {column} 列出现了 {found}，它不是指标之间的算术。",
    ),
    Text(
        en="Keep to names, numbers and + - * / **; put a name with other characters between backquotes.",
        zh="只用指标名、数字和 + - * / **；名字里有其他字符时，用反引号括起来。",
    ),
)
_NO_VALUE = (
    Text(
        en="The formula {text} needs a metric or a number at column {column}, and {found} stands there.",
        zh="公式 {text} 的第 {column} 列应是指标名或数字，实际是 {found}。",
    ),
    Text(en="Write a metric name or a number there.", zh="请在那里写一个指标名或数字。"),
)
_TWO_VALUES = (
    Text(
        en="The formula {text} has {found} at column {column}, after it was complete.",
        zh="公式 {text} 到第 {column} 列已经完整，后面却还有 {found}。",
    ),
    Text(
        en="Put an operator between the two values, or backquotes around a name with spaces or hyphens.",
        zh="请在两个值之间写上运算符；名字里有空格或连字符时，用反引号括起来。",
    ),
)
_NOT_CLOSED = (
    Text(
        en="The formula {text} has an open parenthesis or a wrong number of arguments at column {column}: {found}.",
        zh="公式 {text} 在第 {column} 列括号没有闭合，或参数个数不对：{found}。",
    ),
    Text(
        en="Close the parenthesis; abs, log, exp and sqrt take one argument.",
        zh="请补上右括号；abs、log、exp、sqrt 只接受一个参数。",
    ),
)
_TOO_DEEP = (
    Text(
        en="The formula {text} is nested too deeply at column {column}: {found}.",
        zh="公式 {text} 在第 {column} 列嵌套过深：{found}。",
    ),
    Text(en="Log a part of it as a metric of its own.", zh="请把其中一部分单独记录成一个指标。"),
)
_TOO_LONG = (
    Text(en="The formula is too long: {found}.", zh="公式太长：{found}。"),
    Text(en="Log a part of it as a metric of its own.", zh="请把其中一部分单独记录成一个指标。"),
)
