"""Example projects that `init --example` writes: whole, small, and trained within minutes on two cores.

Each folder here that holds an `example.toml` is one. That file says in both languages what the example is, and what its
first round asks; everything beside it is copied.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playnote.errors import InputError, NotFoundError
from playnote.text import Text, same

_ABOUT = "example.toml"
_FIRST = "digits"  # the one to begin with; the others follow by name


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRound:
    """The round that an example begins with: what is asked, the values compared, and the trials of each.

    nuisance  what is tuned along with it; None takes the usual ones
    """

    question: str
    scientific: Mapping[str, Sequence[float | int | str | bool]]
    trials_per_value: int
    nuisance: tuple[str, ...] | None = None


def _found() -> dict[str, dict[str, Any]]:
    places = sorted(Path(__file__).parent.glob(f"*/{_ABOUT}"), key=lambda place: (place.parent.name != _FIRST, place))
    return {place.parent.name: tomllib.loads(place.read_text(encoding="utf-8")) for place in places}


_ABOUTS = _found()
TEMPLATES: dict[str, Text] = {name: Text(en=about["en"], zh=about["zh"]) for name, about in _ABOUTS.items()}
FIRST_ROUNDS: dict[str, FirstRound] = {
    name: FirstRound(
        question=about["round"]["question"],
        scientific={key: tuple(values) for key, values in about["round"]["scientific"].items()},
        trials_per_value=about["round"]["trials_per_value"],
        nuisance=tuple(about["round"]["nuisance"]) if "nuisance" in about["round"] else None,
    )
    for name, about in _ABOUTS.items()
    if "round" in about
}


def copy_template(name: str, path: Path | str) -> Path:
    """Copy an example into the folder `path`, which is made where it is missing; the folder.

    Raises NotFoundError for an unknown name, InputError where a file of the example is there already or the
    folder cannot be written. Then nothing was copied over.
    """
    if name not in TEMPLATES:
        raise NotFoundError(
            Text(en="There is no example {name}.", zh="没有叫 {name} 的示例。").fill(name=same(repr(name))),
            fix=Text(en="Choose one of {names}.", zh="可选：{names}。").fill(names=same(", ".join(TEMPLATES))),
        )
    source, target = Path(__file__).parent / name, Path(path)
    files = [file for file in sorted(source.rglob("*")) if _belongs(file, source)]
    for file in files:
        _refuse_existing(target / file.relative_to(source))
    try:
        for file in files:
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    except OSError as error:
        raise InputError(
            Text(en="{path} cannot be written: {why}.", zh="无法写入 {path}：{why}。").fill(
                path=same(str(target)), why=same(error.strerror or str(error))
            ),
            fix=Text(en="Choose a folder that you may write to.", zh="请换一个有写权限的文件夹。"),
        ) from error
    return target


def _belongs(file: Path, source: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and file != source / _ABOUT


def _refuse_existing(place: Path) -> None:
    if place.exists():
        raise InputError(
            Text(en="{path} is there already.", zh="{path} 已经存在。").fill(path=same(str(place))),
            fix=Text(en="Choose a new or an empty folder.", zh="请选一个新文件夹，或空文件夹。"),
        )
