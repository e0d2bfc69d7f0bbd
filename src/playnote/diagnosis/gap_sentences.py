"""The sentences of the ladder human - train - train-dev - dev - test."""

from __future__ import annotations

from playnote.text import Text, same

_NAMES = {
    "human": Text(en="human level", zh="人类水平"),
    "train": same("Train"),
    "train_dev": same("Train-Dev"),
    "dev": same("Dev"),
    "test": same("Test"),
}


def name_of(split: str) -> Text:
    """A split as people call it."""
    return _NAMES.get(split, same(split))


def absent_split(split: str) -> Text:
    """No usable error count for a split."""
    return Text(en="No error count for {split}.", zh="没有 {split} 的错误数。").fill(split=name_of(split))


def not_declared() -> Text:
    """Whether dev and train share a distribution is not declared."""
    return Text(
        en="Not declared whether Dev comes from the distribution of Train, and there is no Train-Dev split.",
        zh="没有声明 Dev 与 Train 是否同分布，也没有 Train-Dev。",
    )


def same_source() -> Text:
    """Dev is declared to come from the distribution of train."""
    return Text(
        en="Dev is declared to come from the distribution of Train; only a Train-Dev split could check that.",
        zh="声明了 Dev 与 Train 同分布；要核实，得有 Train-Dev。",
    )


def train_mode(unrecorded: bool) -> Text:
    """The train error was not measured as the dev error was."""
    if unrecorded:
        return Text(
            en="Not recorded whether the Train error was measured in evaluation mode.",
            zh="没有记录 Train 误差是不是在 eval 模式下测的。",
        )
    return Text(
        en="The Train error was logged in training mode (dropout, augmentation): it reads too high.",
        zh="Train 误差是训练模式下记的（带 dropout、数据增强），读数偏高。",
    )


def more_examples(between: tuple[str, str], n: int) -> Text:
    """How many examples a split needs."""
    return Text(
        en="About {n} examples in each of {a} and {b} would show a gap that matters (80 % power).",
        zh="{a} 和 {b} 各有约 {n} 个样本，就有 80 % 的把握看出有意义的差距。",
    ).fill(n=f"{n:,}", a=name_of(between[0]), b=name_of(between[1]))
