"""The sentences of an adoption answer: which facts are missing, and what would decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playnote.records.finding import Settle
from playnote.records.settings import Settings
from playnote.text import Text

if TYPE_CHECKING:
    from playnote.diagnosis.adoption import AdoptionFacts


def missing_facts(facts: AdoptionFacts, settings: Settings) -> tuple[Text, ...]:
    """Why the answer must be unknown whatever the numbers are; empty where it need not be."""
    missing: list[Text] = []
    if min(facts.n) == 0:
        missing.append(NO_RUN)
    elif min(facts.n) == 1:
        missing.append(ONE_RUN)
    elif facts.identical:
        missing.append(IDENTICAL)
    elif not facts.enough:
        missing.append(FEW_RUNS.fill(n=min(facts.n), needed=int(settings["adoption.runs"])))
    elif facts.p_value is None:
        missing.append(NO_NOISE)
    if facts.examples_missing:
        missing.append(NO_EXAMPLES)
    return tuple(missing)


def settling(facts: AdoptionFacts, settings: Settings) -> tuple[Settle, ...]:
    """What would decide, with its price in runs of both arms together."""
    found: list[Settle] = []
    fewest = int(settings["adoption.runs"])
    if facts.identical:
        return (Settle(CHECK_SEED, 0),)
    if not facts.enough:
        short = sum(max(fewest - n, 0) for n in facts.n)
        found.append(Settle(REACH.fill(needed=fewest), short))
    elif facts.more_runs is not None:
        found.append(Settle(MORE.fill(more=facts.more_runs), 2 * facts.more_runs))
    if facts.examples_missing:
        found.append(Settle(LOG_EXAMPLES, None))
    return tuple(found)


NO_RUN = Text(
    en="One arm has no finished fresh run.",
    zh="有一边没有跑完的新训练。",
)
ONE_RUN = Text(
    en="One run an arm cannot tell a better configuration from a lucky seed.",
    zh="每边只跑一次，分不清是配置更好还是种子走运。",
)
IDENTICAL = Text(
    en="Every run of an arm gave the same number: the seed did not change, or the metric is too coarse.",
    zh="同一边每次训练的数字一模一样：要么种子没换，要么指标太粗。",
)
FEW_RUNS = Text(
    en="{n} finished runs an arm; {needed} are needed where no earlier repeats tell the seed noise.",
    zh="每边跑完的只有 {n} 次；没有以往的重复训练来估计种子波动时，至少要 {needed} 次。",
)
NO_NOISE = Text(
    en="The numbers are too far apart to measure any noise.",
    zh="这些数相差太悬殊，量不出波动。",
)
NO_EXAMPLES = Text(
    en="A claim about new data needs each run's per-example correctness on the dev set.",
    zh="要对新数据下结论，需要每次训练在 Dev 集上逐样本的对错记录。",
)
CHECK_SEED = Text(
    en="Check that each run gets a seed of its own.",
    zh="检查每次训练是否真的用了不同的种子。",
)
REACH = Text(
    en="Run each arm until {needed} fresh seeds have finished.",
    zh="两边都补到 {needed} 个新种子跑完为止。",
)
MORE = Text(
    en="Run {more} more fresh seeds of each arm.",
    zh="两边各再跑 {more} 个新种子。",
)
LOG_EXAMPLES = Text(
    en="Log per-example predictions of every run (`trial.predictions`).",
    zh="记录每次训练逐样本的预测（`trial.predictions`）。",
)
