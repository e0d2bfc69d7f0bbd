"""The card of a trial: `trial.json` in the trial's folder, written by the runner, read by the training process."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from playnote.errors import LedgerError
from playnote.text import Text, same

CARD = "trial.json"


class TrialCard(NamedTuple):
    """What a training process needs to know of its trial.

    watch      metrics whose NaN or infinity ends the trial: the objective's terms and `[workflow] watch`,
               by the names they are logged under
    sealed     prefixes of metrics that may only be logged in a milestone ("test")
    milestone  the declared milestone this trial reads the sealed splits for, None outside one
    objective  the formula and its direction, by which the best checkpoints are chosen
    keep       how many of the best checkpoints stay, beside the last
    """

    id: str
    attempt: int = 1
    configuration: Mapping[str, float | int | str | bool] = MappingProxyType({})
    seed: int = 0
    watch: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ("test",)
    milestone: str | None = None
    objective: str | None = None
    direction: str = "minimize"
    keep: int = 3


def attempt_log(folder: Path, attempt: int) -> Path:
    """Where one attempt of a trial logs."""
    return folder / f"attempt-{attempt}.jsonl"


def write_card(folder: Path, card: TrialCard) -> None:
    """Put the card into the trial's folder, whole or not at all. Raises LedgerError where it cannot be written."""
    draft = folder / f".{CARD}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        plain = {**card._asdict(), "configuration": dict(card.configuration)}
        draft.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(folder / CARD)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise LedgerError(
            Text(en="The trial's card {path} cannot be written: {why}.", zh="无法写入试验文件 {path}：{why}。").fill(
                path=same(str(folder / CARD)), why=same(error.strerror or str(error))
            ),
            fix=Text(en="Make the folder writable, or free some space.", zh="请让该文件夹可写，或腾出磁盘空间。"),
        ) from error


def read_card(folder: Path) -> TrialCard:
    """The card in a trial's folder. Raises LedgerError where there is none or it cannot be read."""
    try:
        found = json.loads((folder / CARD).read_text(encoding="utf-8"))
        values = {key: value for key, value in found.items() if key in TrialCard._fields}
        lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        return TrialCard(**{**values, **lists})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise LedgerError(
            Text(en="No trial is described in {path}: {why}.", zh="{path} 里没有可读的试验：{why}。").fill(
                path=same(str(folder / CARD)), why=same(str(error))
            ),
            fix=Text(
                en="Unset PLAYNOTE_TRIAL to run the script alone; the runner sets it to the trial's folder.",
                zh="单独运行脚本时请取消环境变量 PLAYNOTE_TRIAL；它由运行器设为试验的文件夹。",
            ),
        ) from error
