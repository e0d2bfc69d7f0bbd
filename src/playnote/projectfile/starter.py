"""The first project file: three answers; everything else waits as commented entries until a verdict needs it."""

from __future__ import annotations

import re

from playnote.records.objective import Direction
from playnote.records.project import PLACEHOLDERS
from playnote.space.showing import shown
from playnote.text import Language, Text

_FUNCTION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def starter(*, name: str, run: str, optimize: str, direction: Direction, language: Language = "en") -> str:
    """The text of a first `playnote.toml`.

    run  "train:train" (a Python function) or a command line with {placeholders}
    """
    workflow = f"{'function' if _FUNCTION.fullmatch(run) else 'command'} = {shown(run)}"
    blocks = [
        [
            "[project]",
            f"name = {shown(name)}",
            _todo(_GOAL, language, 'goal = "Read handwritten digits on the sorting line"'),
            _todo(_TASK, language, 'task = { type = "classification", modality = "image", supervision = "labels" }'),
        ],
        ["[objective]", f"optimize = {shown(optimize)}", f"direction = {shown(direction)}", *_objective(language)],
        ["[workflow]", workflow, _todo(_STEPS, language, "max_train_steps = 2000", "evaluate_every = 100")],
        *([each] for each in _later(language, _named(run))),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _objective(language: Language) -> list[str]:
    return [
        _todo(_MIN_EFFECT, language, "min_effect = 0.002"),
        _todo(_CHANCE, language, 'chance = "majority-class"'),
        _todo(_HUMAN, language, "human = { error = 0.01, n = 200 }"),
        _todo(_CONSTRAINT, language, 'constraints = [{ metric = "latency_ms", at_most = 100 }]'),
    ]


def _named(run: str) -> tuple[str, ...]:
    """Hyperparameters that a command names in braces: the file could not be read without them."""
    found = dict.fromkeys(re.findall(r"(?<!{){(\w+)}(?!})", run))
    return () if _FUNCTION.fullmatch(run) else tuple(name for name in found if name not in PLACEHOLDERS)


def _space(language: Language, names: tuple[str, ...]) -> str:
    if names:
        mark = Text(en="# todo: ", zh="# 待填：").pick(language)
        lines = (f"{name} = {_RANGES.get(name, '{ low = 0.0, high = 1.0 }')}" for name in names)
        return "\n".join([f"{mark}{_RANGE.pick(language)}", "[hyperparameters]", *lines])
    return _todo(
        _SPACE,
        language,
        "[hyperparameters]",
        'lr = { low = 1e-4, high = 1.0, scale = "log", group = "optimizer" }',
        'weight_decay = { low = 1e-6, high = 1e-2, scale = "log", off = 0.0, group = "regularization" }',
    )


def _later(language: Language, names: tuple[str, ...]) -> list[str]:
    return [
        _todo(
            _SPLITS,
            language,
            "[splits]",
            'train = { source = "web", ids = "splits/train.txt" }',
            'dev = { source = "line", ids = "splits/dev.txt" }',
            'test = { source = "line", ids = "splits/test.txt" }',
            'deployment = "line"',
        ),
        _space(language, names),
        _todo(_BASELINE, language, "[baseline]", "lr = 0.1", "weight_decay = 0.0"),
        _todo(_BUDGET, language, "[budget]", "trials = 200", "hours = 2"),
    ]


def _todo(question: Text, language: Language, *lines: str) -> str:
    mark = Text(en="# todo: ", zh="# 待填：").pick(language)
    return "\n".join([f"{mark}{question.pick(language)}", *(f"# {line}" for line in lines)])


_GOAL = Text(en="the one business goal", zh="唯一的业务目标")
_TASK = Text(en="what kind of task it is", zh="任务类型")
_MIN_EFFECT = Text(
    en="smallest difference that matters, in the metric's own unit; needed before the first round",
    zh="多大的差别才算数，用指标自己的单位；第一轮之前必须填",
)
_CHANCE = Text(en="the score of doing nothing", zh="什么都不学能得几分")
_HUMAN = Text(en="a measured human level, with its size", zh="测过的人类水平和样本数")
_CONSTRAINT = Text(en="what must hold before the score counts", zh="先要满足的约束，满足了才比分数")
_STEPS = Text(en="how long one trial trains, and how often it is evaluated", zh="一个试验训练多久，隔多久评估一次")
_SPLITS = Text(en="the splits, where each comes from, one id a line", zh="数据划分：各自的来源，id 文件每行一个 id")
_SPACE = Text(en="what may vary, its range and scale", zh="哪些超参可以变，范围和刻度是什么")
_RANGE = Text(en="the ranges are usual ones: set your own", zh="范围只是常用值，请改成自己的")
_RANGES = {
    "lr": '{ low = 1e-4, high = 1.0, scale = "log", group = "optimizer" }',
    "learning_rate": '{ low = 1e-4, high = 1.0, scale = "log", group = "optimizer" }',
    "weight_decay": '{ low = 1e-6, high = 1e-2, scale = "log", off = 0.0, group = "regularization" }',
    "dropout": '{ low = 0.0, high = 0.6, natural_low = 0.0, group = "regularization" }',
    "wd": '{ low = 1e-6, high = 1e-2, scale = "log", off = 0.0, group = "regularization" }',
    "label_smoothing": '{ low = 0.0, high = 0.2, natural_low = 0.0, group = "regularization" }',
    "beta1": '{ low = 0.5, high = 0.99, scale = "log-complement", group = "optimizer" }',
    "momentum": '{ low = 0.5, high = 0.99, scale = "log-complement", group = "optimizer" }',
}
_BASELINE = Text(en="the values you use today", zh="现在用的取值")
_BUDGET = Text(en="what the project may spend in all", zh="整个项目最多花多少")
