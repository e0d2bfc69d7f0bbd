"""The words of a comparison of two rounds or two baselines."""

from __future__ import annotations

from playnote.text import Text

WORDS: dict[str, Text] = {
    "title": Text(en="Playnote comparison", zh="Playnote 对比"),
    "heading": Text(en="{a} and {b}", zh="{a} 与 {b}"),
    "round": Text(en="round {n}", zh="第 {n} 轮"),
    "baseline": Text(en="baseline {n}", zh="第 {n} 版 baseline"),
    "of": Text(en="round", zh="轮次"),
    "found": Text(en="What each found", zh="各自得到了什么"),
    "fixed": Text(en="What differs between them", zh="两边有什么不同"),
    "fixed_how": Text(
        en="A difference in the scores may come from any line marked here.",
        zh="分数的差别，可能来自这里标出的任何一行。",
    ),
    "differs": Text(en="differs", zh="不同"),
    "what": Text(en="What", zh="项目"),
    "question": Text(en="Question", zh="问题"),
    "values": Text(en="Values compared", zh="对比的取值"),
    "answer": Text(en="Answer", zh="结论"),
    "trials": Text(en="Trials", zh="试验数"),
    "tally": Text(
        en="{ok} with a result, {diverged} diverged, of {planned}",
        zh="{planned} 个里有结果 {ok} 个，发散 {diverged} 个",
    ),
    "best": Text(en="Best trial", zh="最优试验"),
    "expected": Text(en="Expected best of {m} trials each", zh="各取 {m} 个试验的期望最优"),
    "points": Text(en="Points chosen by", zh="取点方式"),
    "decision": Text(en="Decision on record", zh="记录的决定"),
    "open": Text(en="not closed", zh="没有结束"),
    "searched": Text(en="searched: {range}", zh="搜索：{range}"),
    "compared": Text(en="compared: {values}", zh="对比：{values}"),
    "effort": Text(en="Expected best after so many trials", zh="试验数与期望最优"),
    "effort_how": Text(
        en="The best that so many trials of each round give on average: more tries are no merit here.",
        zh="每一轮取这么多试验，平均能得到的最优；多试几次不占便宜。",
    ),
    "axis_alt": Text(
        en="Scores of {n} trials of both rounds along {name}.", zh="两轮共 {n} 个试验的分数沿 {name} 的分布。"
    ),
    "ahead": Text(
        en="At {m} trials each, round {second} expects a better {metric} than round {first} by {gain}. This compares two "
        "searches, not two configurations: fresh seeds of both best trials would settle which is better.",
        zh="各取 {m} 个试验，第 {second} 轮的期望 {metric} 比第 {first} 轮好 {gain}。这比的是两次搜索，不是两个配置："
        "哪个更好，要给两边的最优试验换新种子重跑才能定。",
    ),
    "behind": Text(
        en="At {m} trials each, round {second} expects no better {metric} than round {first} (behind by {gain}). This "
        "compares two searches, not two configurations: fresh seeds of both best trials would settle which is better.",
        zh="各取 {m} 个试验，第 {second} 轮的期望 {metric} 不比第 {first} 轮好（差 {gain}）。这比的是两次搜索，不是两个配置："
        "哪个更好，要给两边的最优试验换新种子重跑才能定。",
    ),
    "no_result": Text(
        en="One of the rounds has no result yet, so there is nothing to compare.", zh="有一轮还没有结果，没法比。"
    ),
    "other_objective": Text(
        en="The objective changed between them (version {a} and version {b}): scores are shown under the present one.",
        zh="两轮之间改过目标（第 {a} 版与第 {b} 版）：分数按现在的目标显示。",
    ),
    "other_steps": Text(
        en="Their trials were not trained equally long, so their scores do not compare.",
        zh="两轮的试验训练长度不同，分数不能直接比。",
    ),
    "adaptive": Text(
        en="At least one of them chose its points by results: the expected best then says little about its effort.",
        zh="至少有一轮是看着结果取点的：它的期望最优说明不了用了多少力气。",
    ),
    "runs": Text(en="Runs", zh="训练次数"),
    "scores": Text(en="Scores", zh="分数"),
    "mean": Text(en="Mean", zh="平均"),
    "gain": Text(en="Gain [{level} %]; positive is better", zh="提升 [{level} %]，正数为好"),
    "seeds_alt": Text(
        en="The score of every run of both baselines, and the mean of each.",
        zh="两版 baseline 每次训练的分数，以及各自的平均。",
    ),
    "pictures": Text(en="Pictures", zh="图"),
}
