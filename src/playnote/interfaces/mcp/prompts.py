"""The one prompt: the loop of nine steps, as the playbook's appendix for agents asks for it."""

from __future__ import annotations

from playnote.service.agent_step import STEPS
from playnote.text import Language, Text

NAME = "nine_steps"
SAYS = Text(en="Improve this project by the playbook's nine steps.", zh="按手册的九步改进这个项目。")
GOAL = Text(en="what to improve, in one sentence", zh="想改进什么，一句话")
_LOOP = Text(
    en="""Improve this project with Playnote, one step at a time{goal}

The nine checks, in order; never go past one that fails:
{steps}

Loop:
1. next_step. Do what `do` says, with its state_id, and nothing that stands in not_allowed_now.
2. Work that runs as a job: poll status (wait_s up to 50) until its state is not "running".
3. verdicts of the round. Look behind a number with evidence before you act on it. Unknown is not a pass: it names what is
   missing.
4. One question a round. Name it before its values; put only what the question is about into `scientific`.
5. A declaration, a waiver, the end of a round, the test split: propose or ask_person, then tell the person the command
   (`playnote confirm N`) and stop. Do not do it yourself in a shell, and do not edit playnote.toml without being asked.
6. A refusal names a rule and do_instead. Do that. Repeating the call gives the same refusal.
7. Report what was learned with estimate, interval and n, failures included; say what is still unknown.""",
    zh="""用 Playnote 一步一步改进这个项目{goal}

九步自检，按顺序；哪一步没过就停在哪一步：
{steps}

循环：
1. next_step。照 `do` 做，带上它的 state_id；not_allowed_now 里的不做。
2. 后台任务：用 status（wait_s 最多 50）等到状态不再是 "running"。
3. 看这一轮的 verdicts。按一个数行动之前，先用 evidence 看它背后的依据。“不清楚”不等于通过：它写明了缺什么。
4. 一轮只问一个问题。先写问题再定取值；scientific 里只放要比较的。
5. 要声明的、要豁免的、结束一轮、读测试集：先提议或 ask_person，把命令（`playnote confirm N`）告诉人，然后停下。
   不要自己在终端里做，没让你改就别改 playnote.toml。
6. 被拒绝时会给出规则和 do_instead：照做。重复调用得到的还是拒绝。
7. 报告学到了什么：估计、区间、n，失败的也要说；还不清楚的要说不清楚。""",
)


def loop(language: Language, goal: str = "") -> str:
    """The prompt in one language; `goal` is what the person said."""
    steps = "\n".join(f"{at}. {step.pick(language)}" for at, step in enumerate(STEPS, start=1))
    said = goal.strip()[:300]
    colon = Text(en=": {goal}", zh="：{goal}").fill(goal=said) if said else Text(en=".", zh="。")
    return _LOOP.fill(steps=steps, goal=colon).pick(language)
