"""Values as they are typed on the command line, given the type the space declares."""

from __future__ import annotations

from playnote.errors import Detail, InputError
from playnote.space.hyperparameter import Categorical, Value
from playnote.space.space import Space
from playnote.text import Text, same


def scientific_values(given: list[str], space: Space) -> dict[str, list[Value]]:
    """`NAME=V1,V2` for each; a choice where the space declares one, a number where it reads as one.

    Raises InputError with every argument that is not of that form.
    """
    faults = [
        Detail(f"--scientific {each}", each, same("NAME=V1,V2"), Text(en="Write it so.", zh="请这样写。"))
        for each in given
        if "=" not in each or not each.split("=", 1)[1].strip()
    ]
    if faults:
        raise InputError(
            Text(en="{n} value list(s) cannot be read.", zh="有 {n} 个取值列表读不懂。").fill(n=len(faults)),
            fix=Text(en="For instance: --scientific dropout=0,0.2,0.4", zh="例如：--scientific dropout=0,0.2,0.4"),
            details=faults,
        )
    split = [each.split("=", 1) for each in given]
    return {
        name.strip(): [_value(word.strip(), name.strip(), space) for word in words.split(",")] for name, words in split
    }


def _value(word: str, name: str, space: Space) -> Value:
    declared = space[name] if name in space.names else None
    if isinstance(declared, Categorical):
        for choice in declared.choices:
            if str(choice) == word or _number(word) == choice:
                return choice
    return _number(word)


def _number(word: str) -> Value:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(word.lower(), word)
