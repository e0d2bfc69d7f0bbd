"""Operations that an agent may call in principle and that have no face at the door, each with the reason."""

from __future__ import annotations

from playnote.text import Text

_FILES = Text(
    en="it reads or writes files that a person names; this door stays inside the project",
    zh="它读写由人指定的文件；这个入口只在项目内",
)
_PEOPLE = Text(en="it begins a person's work, which the person asks for", zh="它开启的是人的工作，由人来发起")
ABSENT: dict[str, Text] = {
    "judge": Text(
        en="the exchange format is for files of cases, not for a project", zh="交换格式面向案例文件，不属于项目"
    ),
    "plan_study": Text(
        en="it needs no project; here open_round with dry=true plans and prices",
        zh="它不需要项目；这里用 open_round（dry=true）做计划和估价",
    ),
    "audit_splits": Text(
        en="it opens the data of every split, the test split too", zh="它要打开每个划分的数据，包括测试集"
    ),
    "milestones": Text(en="it shows readings of the test split", zh="它会显示测试集的读数"),
    "sample_errors": _PEOPLE,
    "sample_labels": _PEOPLE,
    "import": _FILES,
    "export": _FILES,
    "checkpoints": Text(
        en="it names files of weights, which the person who takes them opens", zh="它列出权重文件，由取用的人来打开"
    ),
    "rebuild": Text(en="upkeep of the record; nothing in the loop needs it", zh="维护记录用；循环里用不到"),
}
# Tools and addresses that no other face has as an operation of its own.
DOOR_ALONE = ("evidence", "chart", "ask_person", "playnote://rules", "playnote://section", "playnote://door")
