"""The fixed words of a report, in both languages."""

from __future__ import annotations

from playnote.text import Text

# A status is always said in a word; colour only repeats it.
STATUS: dict[str, Text] = {
    "fail": Text(en="VIOLATED", zh="违反"),
    "warn": Text(en="CAREFUL", zh="留意"),
    "unknown": Text(en="CANNOT TELL", zh="说不清"),
    "pass": Text(en="FINE", zh="没问题"),
    "not-applicable": Text(en="NOT YET", zh="不适用"),
}
LOUD = ("fail", "warn", "unknown")
ORDER = (*LOUD, "pass", "not-applicable")

ANSWER: dict[str, Text] = {
    "yes": Text(en="PROBABLY YES", zh="多半有"),
    "no": Text(en="PROBABLY NOT", zh="多半没有"),
    "unknown": Text(en="CANNOT TELL", zh="说不清"),
}

WORDS: dict[str, Text] = {
    "title": Text(en="Playnote report", zh="Playnote 报告"),
    "skip": Text(en="Skip to the answer", zh="直接看结论"),
    "round": Text(en="Round {n}", zh="第 {n} 轮"),
    "answer": Text(en="Answer", zh="结论"),
    "probability": Text(en="probability", zh="概率"),
    "comparison": Text(en="Comparison", zh="对比"),
    "fair": Text(en="Is the comparison fair?", zh="这次对比公平吗？"),
    "fair_yes": Text(
        en="Nothing that was checked speaks against it.",
        zh="查过的地方都没有问题。",
    ),
    "fair_doubt": Text(
        en="With reservations: {fail} violated, {warn} to look at, {unknown} that cannot be told.",
        zh="有保留：违反 {fail} 条，留意 {warn} 条，说不清 {unknown} 条。",
    ),
    "fair_none": Text(en="Nothing could be checked yet.", zh="现在还没有能检查的。"),
    "holds": Text(en="Rules that hold: {n}", zh="满足的规则：{n} 条"),
    "later": Text(en="Rules that do not apply yet: {n}", zh="暂不适用的规则：{n} 条"),
    "numbers": Text(en="Numbers and thresholds", zh="数字与阈值"),
    "needs": Text(en="Needs:", zh="还缺："),
    "do": Text(en="Do:", zh="做法："),
    "waived": Text(en="Set aside by", zh="已豁免："),
    "runs": Text(en="{n} runs", zh="{n} 次训练"),
    "no_numbers": Text(en="Judged from the record; no estimate is involved.", zh="按记录判断，不涉及估计。"),
    "value": Text(en="Value", zh="取值"),
    "best": Text(en="Best trial", zh="最优试验"),
    "expected": Text(en="Expected best", zh="同预算期望最优"),
    "gain": Text(en="Gain over {base}", zh="相对 {base} 的提升"),
    "trials": Text(en="Trials", zh="试验数"),
    "feasible": Text(en="feasible / tried", zh="可行 / 试过"),
    "p_best": Text(en="P(best)", zh="最优的概率"),
    "chosen": Text(en="answer", zh="结论取它"),
    "base": Text(en="baseline", zh="baseline"),
    "interval": Text(en="{level} % interval", zh="{level} % 区间"),
    "lower": Text(en="{metric}: lower is better.", zh="{metric}：越小越好。"),
    "higher": Text(en="{metric}: higher is better.", zh="{metric}：越大越好。"),
    "matters": Text(en="Differences matter from {effect}.", zh="差 {effect} 以上才算数。"),
    "matters_not": Text(
        en="No smallest difference that matters is declared (`min_effect`).",
        zh="没有声明差多少才算数（`min_effect`）。",
    ),
    "equal": Text(
        en="Expected best: mean of the best of {m} trials each, so that no value wins by having had more tries. "
        "Gains compare {g} trials a value; positive is better.",
        zh="同预算期望最优：各取 {m} 个试验，平均能得到的最优，谁也不能靠多试占便宜。"
        "提升按各 {g} 个试验比较，正数为好。",
    ),
    "noise": Text(en="Seed SD {sd} ({freedom} degrees of freedom).", zh="种子标准差 {sd}（自由度 {freedom}）。"),
    "noise_not": Text(
        en="Seed noise is not known: no configuration was repeated. The intervals are too narrow by its share.",
        zh="种子噪声未知：没有重复过同一配置。所以区间偏窄。",
    ),
    "explored": Text(en="This round compares no values.", zh="这一轮不比较取值。"),
    "pictures": Text(en="Pictures", zh="图"),
    "isolation": Text(en="Isolation plot", zh="隔离图"),
    "axes": Text(en="Axis plots", zh="超参轴图"),
    "curves": Text(en="Training curves", zh="训练曲线"),
    "variance": Text(en="Variance", zh="方差"),
    "missing": Text(
        en="Not drawn, for want of a result of their own: {n}.", zh="没有自己的结果、没画出的试验：{n} 个。"
    ),
    "edge": Text(
        en="Triangles at the edge: scores beyond the picture. Dashed lines: ends of the range searched.",
        zh="边缘的三角：分数超出画面。虚线：搜索范围的两端。",
    ),
    "each": Text(
        en="Thin ticks are single trials; those far off are pressed to the edge.",
        zh="细短线是单个试验，离得太远的压在边缘。",
    ),
    "no_curve": Text(en="No curve on record: {names}.", zh="没有曲线：{names}。"),
    "thin": Text(
        en="The best trials of each value, its worst (dotted) and the baseline (dashed). At most 2,000 points a line: "
        "of each stretch the lowest and the highest reading are kept, so no spike is lost; the fall at the start may "
        "lie outside. Drag across to zoom in, double click to zoom out.",
        zh="各取值最优的试验、最差的一个（点线）和 baseline（虚线）。每条线最多 2,000 点：每一小段保留最低和最高的读数，"
        "尖峰不会丢；开头的下降可能在画面外。横向拖动放大，双击还原。",
    ),
    "cloud": Text(
        en="Grey: all {n} trials with a curve, at most {most} points each, thinned the same way.",
        zh="灰线：全部 {n} 个有曲线的试验，每条最多 {most} 点，稀疏方式相同。",
    ),
    "sample": Text(
        en="Sampling is for one score; two models on the same examples differ by less.",
        zh="抽样方差说的是单个分数；两个模型在同一批样本上比，差值晃得更小。",
    ),
    "spread": Text(en="How sure: the three spreads a gain has to beat", zh="有多大把握：提升要盖过的三种方差"),
    "mark_how": Text(
        en="Drag over a region to mark its trials: the same ones stand out in every axis plot, among the curves and in "
        "the table. Ctrl + wheel zooms, Shift + drag moves, a double click takes it back.",
        zh="框选一块区域，里面的试验就被选中：在每张超参轴图、曲线和表格里同时突出。Ctrl + 滚轮缩放，Shift + 拖动平移，双击还原。",
    ),
    "mark_best": Text(en="Best tenth", zh="最优的一成"),
    "mark_worst": Text(en="Worst tenth", zh="最差的一成"),
    "mark_diverged": Text(en="Diverged", zh="发散的"),
    "mark_none": Text(en="Clear", zh="清除"),
    "marked": Text(en="{n} trials marked", zh="选中 {n} 个试验"),
    "marked_none": Text(en="No trial marked", zh="没有选中试验"),
    "mark": Text(en="Mark trials", zh="选中试验"),
    "ladder": Text(en="Where the error comes from", zh="错误来自哪里"),
    "ladder_none": Text(
        en="The ladder human - train - train-dev - dev - test cannot be drawn: two rungs with their errors and their "
        "numbers of examples are needed.",
        zh="人 - Train - Train-dev - Dev - Test 这架梯子画不出来：至少要有两级的错误率和样本数。",
    ),
    "ladder_score": Text(
        en="{metric} is not a share of wrong examples, so its gaps have no count behind them.",
        zh="{metric} 不是错误样本的比例，差距背后没有计数。",
    ),
    "gap": Text(en="Gap", zh="差距"),
    "gap_size": Text(en="Size", zh="大小"),
    "gap_real": Text(en="P(matters)", zh="算数的概率"),
    "gap_largest": Text(en="P(largest)", zh="最大的概率"),
    "gap_needs": Text(en="Needs", zh="还缺"),
    "importance": Text(en="Importance", zh="重要性"),
    "importance_pale": Text(
        en="Pale bars do not reach beyond chance: nothing is shown either way. A point is one setting of what was "
        "searched; its trials under all compared values count together.",
        zh="浅色条没有超出运气，说不上重要，也说不上不重要。一个点是搜索到的一组取值，它在各对比取值下的试验合起来算一个。",
    ),
    "importance_none": Text(
        en="Too few points to rank the hyperparameters (n = {n}, from {need}).",
        zh="点太少，排不出超参的重要性（n = {n}，至少 {need} 个）。",
    ),
    "importance_few": Text(
        en="Only {n} points: the order is not settled before {need}.",
        zh="只有 {n} 个点：到 {need} 个之前，这个次序还不算数。",
    ),
    "importance_adaptive": Text(
        en="The sampler looked at results, so importance cannot be told from its points.",
        zh="取点看过结果，不能据此判断重要性。",
    ),
    "learned": Text(en="What we learned", zh="学到了什么"),
    "learned_none": Text(en="Nothing yet that is sure enough to keep.", zh="还没有够确定、值得记住的。"),
    "learned_before": Text(en="Known before this round", zh="这一轮之前已知"),
    "colon": Text(en=":", zh="："),
    "decision": Text(en="Decision on record", zh="记录的决定"),
    "decision_none": Text(en="The round is not closed: no decision is on record.", zh="这一轮还没结束，没有记录决定。"),
    "unknown_sd": Text(en="Not known: {name}.", zh="未知：{name}。"),
    "no_picture": Text(en="Nothing to draw yet.", zh="还没有可画的。"),
    "script": Text(
        en="The pictures need JavaScript; every number is in the tables.", zh="图需要 JavaScript；数字都在表里。"
    ),
    "fixed": Text(en="What was fixed", zh="固定了什么"),
    "fixed_why": Text(
        en="The answer holds only under these values; nobody varied them.",
        zh="结论只在这些取值下成立，谁也没动过它们。",
    ),
    "fixed_none": Text(en="No hyperparameter was fixed.", zh="没有固定的超参。"),
    "searched": Text(en="Searched", zh="搜索范围"),
    "all_trials": Text(en="All {n} trials", zh="全部 {n} 个试验"),
    "trial": Text(en="Trial", zh="试验"),
    "outcome": Text(en="Outcome", zh="结局"),
    "score": Text(en="Score", zh="分数"),
    "seed": Text(en="Seed", zh="种子"),
    "provenance": Text(en="Provenance", zh="来历"),
    "next": Text(en="Next step", zh="下一步"),
    "why": Text(en="Why:", zh="原因："),
    "rule": Text(en="rule", zh="规则"),
    "estimate": Text(en="estimate", zh="估计"),
    "threshold": Text(en="Threshold", zh="阈值"),
    "setting": Text(en="Value", zh="数值"),
    "source": Text(en="Source", zh="出处"),
    "question_of": Text(en="About", zh="对象"),
    "language": Text(en="Language", zh="语言"),
}

OUTCOME: dict[str, Text] = {
    "ok": Text(en="ok", zh="正常"),
    "nan": Text(en="diverged (NaN)", zh="发散（NaN）"),
    "exploded": Text(en="diverged (exploded)", zh="发散（爆炸）"),
    "oom": Text(en="out of memory", zh="内存不足"),
    "pruned": Text(en="pruned", zh="提前剪掉"),
    "failed": Text(en="failed", zh="失败"),
    "failed:infra": Text(en="failed: machine", zh="失败：机器"),
    "failed:preempted": Text(en="failed: preempted", zh="失败：被抢占"),
    "failed:code": Text(en="failed: code", zh="失败：代码"),
}
NOT_ENDED = Text(en="not ended", zh="没跑完")

GAPS: dict[str, Text] = {
    "high_bias": Text(en="avoidable bias", zh="可避免偏差"),
    "high_variance": Text(en="variance", zh="方差"),
    "data_mismatch": Text(en="data mismatch", zh="数据不匹配"),
    "dev_overfit": Text(en="overfitted to dev", zh="对 Dev 过拟合"),
}

PROVENANCE: dict[str, Text] = {
    "project": Text(en="Project", zh="项目"),
    "objective": Text(en="Objective", zh="目标"),
    "journal": Text(en="Journal", zh="日志"),
    "sampler": Text(en="Points chosen by", zh="取点方式"),
    "seed": Text(en="Seed of the points", zh="取点种子"),
    "code": Text(en="Code", zh="代码"),
    "python": Text(en="Python", zh="Python"),
    "data": Text(en="Data", zh="数据"),
    "made": Text(en="Made by", zh="生成"),
}
OBJECTIVE: dict[str, Text] = {
    "minimize": Text(
        en="minimize {metric} ({read}, version {version})", zh="{metric} 越小越好（{read}，第 {version} 版）"
    ),
    "maximize": Text(
        en="maximize {metric} ({read}, version {version})", zh="{metric} 越大越好（{read}，第 {version} 版）"
    ),
}
READ: dict[str, Text] = {
    "best": Text(en="best reading", zh="取最优的一次读数"),
    "last": Text(en="last reading", zh="取最后一次读数"),
    "window": Text(en="mean of the last readings", zh="取最后几次读数的平均"),
}
SAMPLER: dict[str, Text] = {
    "quasi-random": Text(en="quasi-random", zh="准随机"),
    "random": Text(en="random", zh="随机"),
    "grid": Text(en="grid", zh="网格"),
    "bayes": Text(en="search by results (Bayesian)", zh="看结果搜索（贝叶斯）"),
    "imported": Text(en="another tool", zh="别的工具"),
}
DIRTY = Text(en="{commit}, with changes not committed", zh="{commit}，另有未提交的修改")
CLEAN = Text(en="{commit}, no uncommitted changes", zh="{commit}，没有未提交的修改")
COMMIT = Text(en="commit {commit}, whether changed is not known", zh="提交 {commit}，有没有改动不知道")
NO_COMMIT = Text(en="no commit on record", zh="没有记录提交")
JOURNAL = Text(en="up to entry {n}, {time}", zh="截至第 {n} 条，{time}")
NO_JOURNAL = Text(en="none ({origin})", zh="没有（{origin}）")
FINGERPRINT = Text(en="{name}: n = {n}, fingerprint {mark}", zh="{name}：n = {n}，指纹 {mark}")
UNKNOWN = Text(en="not declared", zh="未声明")
