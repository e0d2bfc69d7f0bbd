"""Appendix H.1 and body 10.1, the input pipeline: does training wait for its data, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.playbook.examples import answers, project
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.running import DataWait, Ranks
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.settings import Settings
from playnote.text import Text, same

_QUICK, _SLOW, _IDLE = DataWait(0.02, 900, 60.0), DataWait(0.2, 900, 60.0), DataWait(0.5, 900, 60.0)
_TIMED = Text(en="`trial.steps(loader)` around the training loader", zh="用 `trial.steps(loader)` 包住训练的 loader")
_NO_BOTTLENECK = Text(en="Training does not wait for its data.", zh="训练没有在等数据。")
_RATES: Mapping[str, object] = {"rate": 95.0, "cached_rate": 100.0}


@rule(
    "H1-throughput-gap",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:10.1", "app:H.1"),
    phase="infrastructure",
    text=Text(
        en="How far training falls short of the speed it reaches with cached data is known, and small.",
        zh="训练吞吐离（用缓存数据时的）可达峰值差多少：要测过，且差距不大。",
    ),
    by="input",
    examples=(
        silent(lambda: (measured(input=_RATES), project())),
        fires("warn", lambda: (measured(input={**_RATES, "rate": 80.0}), project())),
        fires("fail", lambda: (measured(input={**_RATES, "rate": 50.0}), project())),
        fires("unknown", lambda: (measured(), project())),
        fires("warn", lambda: (measured(input={"rate": 95.0, "gap": 0.2}), project())),
        fires("unknown", lambda: (measured(input={"rate": 95.0, "gap": 0.02}), project())),
    ),
)
def throughput_gap(measured: Measured, project: Project) -> Judgement:
    """Examples per second with real against cached data."""
    last = measured.last("input")
    rate, peak = (last.number_of(name) if last is not None else None for name in ("rate", "cached_rate"))
    if rate is None or not peak:
        return _unmeasured() if last is None else _by_waiting(last.number_of("gap"), project.settings)
    gap = 1.0 - rate / peak
    said = Text(
        en="{gap:.0%} slower than with cached data ({rate:.3g} of {peak:.3g} a second).",
        zh="比用缓存数据慢 {gap:.0%}（每秒 {rate:.3g} / {peak:.3g}）。",
    ).fill(gap=max(0.0, gap), rate=rate, peak=peak)
    return _slower(gap, said, project.settings)


@rule(
    "H1-data-wait",
    Level.CHECK,
    Scope.PROJECT,
    sections=("app:H.1",),
    phase="infrastructure",
    text=Text(en="The share of time spent waiting for data is watched.", zh="监控数据读取（等待）时间占比。"),
    examples=(
        silent(lambda: (_QUICK, project())),
        fires("warn", lambda: (_SLOW, project())),
        fires("fail", lambda: (_IDLE, project())),
        fires("unknown", lambda: (DataWait(), project())),
    ),
)
def data_wait(wait: DataWait, project: Project) -> Judgement:
    """Share of waiting over every timed pass through the loader."""
    if wait.share is None:
        return cannot_tell(
            Text(en="Waiting for data has not been timed.", zh="还没记过等数据的时间。"), missing=(_TIMED,)
        )
    said = Text(
        en="{share:.0%} of {s:.3g} s in {n} steps were spent waiting.", zh="{n} 步、{s:.3g} 秒里 {share:.0%} 在等数据。"
    ).fill(share=wait.share, s=wait.seconds, n=wait.steps)
    return _slower(wait.share, said, project.settings)


@rule(
    "H1-local-data",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:10.1", "app:H.1"),
    phase="infrastructure",
    text=Text(en="Data are local or cached, not read over the network.", zh="数据本地化或做缓存，别跨网络读。"),
    yes_or_no=True,
    asks=Text(en="Are the training data local or cached?", zh="训练数据在本地或有缓存吗？"),
    examples=(
        silent(lambda: (_QUICK, answers(), measured(), project()), "not-applicable"),
        silent(lambda: (_SLOW, answers(H1_local_data="yes, local disk"), measured(), project())),
        silent(lambda: (_SLOW, answers(), measured(input={"remote": False}), project())),
        fires("warn", lambda: (_SLOW, answers(H1_local_data="no, object store"), measured(), project())),
        fires("warn", lambda: (_SLOW, answers(), measured(input={"remote": True}), project())),
        fires("unknown", lambda: (_SLOW, answers(), measured(), project())),
        fires("unknown", lambda: (DataWait(), answers(), measured(), project())),
    ),
)
def local_data(wait: DataWait, answers: Answers, measured: Measured, project: Project) -> Judgement:
    """Asked only where training waits, or where nothing was timed; where the data lie may have been measured."""
    last = measured.last("input")
    remote = last.flag("remote") if last is not None else None
    if remote is None or not _waits(wait, project.settings):
        return _asked(wait, answers.to("H1-local-data"), "H1-local-data", _LOCAL, project.settings)
    if remote:
        return warns(Text(en="Read over the network.", zh="跨网络读取。"), actions=(Action(_LOCAL),))
    return passes(Text(en="Local or cached.", zh="在本地或有缓存。"))


@rule(
    "H1-offline-preprocess",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:10.1", "app:H.1"),
    phase="infrastructure",
    text=Text(en="Heavy preprocessing is done offline.", zh="重的预处理尽量离线做。"),
    yes_or_no=True,
    asks=Text(en="Is heavy, deterministic preprocessing done before training?", zh="确定性的重预处理都离线做好了吗？"),
    examples=(
        silent(lambda: (_QUICK, answers(), measured(), project()), "not-applicable"),
        silent(lambda: (_SLOW, answers(), measured(input={"offline_share": 0.05}), project())),
        fires("warn", lambda: (_SLOW, answers(), measured(input={"offline_share": 0.7}), project())),
        fires("warn", lambda: (_SLOW, answers(H1_offline_preprocess="no"), measured(), project())),
        fires("unknown", lambda: (_SLOW, answers(), measured(), project())),
    ),
)
def offline_preprocess(wait: DataWait, answers: Answers, measured: Measured, project: Project) -> Judgement:
    """Warn where a stage that could run beforehand takes most of the pipeline's time."""
    last = measured.last("input")
    share = last.number_of("offline_share") if last is not None else None
    if share is None or not _waits(wait, project.settings):
        return _asked(wait, answers.to("H1-offline-preprocess"), "H1-offline-preprocess", _OFFLINE, project.settings)
    said = Text(
        en="{share:.0%} of the pipeline's time could be spent beforehand.", zh="管道里 {share:.0%} 的时间本可离线做。"
    ).fill(share=share)
    return warns(said, actions=(Action(_OFFLINE),)) if share > project.settings["rule_offline_share"] else passes(said)


@rule(
    "H1-sync-barrier",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:10.1",),
    phase="infrastructure",
    text=Text(
        en="No hidden synchronization in the loop, such as gathering metrics across devices at every step.",
        zh="循环里没有隐式同步屏障（如每步跨设备聚合）。",
    ),
    by="input",
    examples=(
        silent(lambda: (measured(input={"sync_cost": 0.0}), project())),
        fires("warn", lambda: (measured(input={"sync_cost": 0.2}), project())),
        fires("unknown", lambda: (measured(), project())),
    ),
)
def sync_barrier(measured: Measured, project: Project) -> Judgement:
    """Step time with metrics gathered at every step against every N steps."""
    last = measured.last("input")
    cost = last.number_of("sync_cost") if last is not None else None
    if cost is None:
        return _unmeasured()
    said = Text(en="Gathering at every step costs {cost:.0%}.", zh="每步同步多花 {cost:.0%} 的时间。").fill(cost=cost)
    if cost > project.settings["rule_sync_cost"]:
        return warns(said, actions=(Action(Text(en="Gather metrics less often.", zh="少同步几次指标。")),))
    return passes(said)


@rule(
    "H1-prefetch",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:10.1", "app:H.1"),
    phase="infrastructure",
    text=Text(en="Data are prefetched, and loaded or mapped in parallel.", zh="用 prefetch 和并行加载 / map。"),
    yes_or_no=True,
    asks=Text(en="Does the loader prefetch and work in parallel?", zh="loader 用了预取和并行吗？"),
    examples=(
        silent(lambda: (_SLOW, answers(), measured(input={"in_memory": True}), project()), "not-applicable"),
        silent(lambda: (_SLOW, answers(H1_prefetch="yes, 4 workers"), measured(), project())),
        silent(lambda: (_SLOW, answers(H1_prefetch="no"), measured(input={"workers_gain": 0.0}), project())),
        fires("warn", lambda: (_SLOW, answers(H1_prefetch="no"), measured(), project())),
        fires("unknown", lambda: (DataWait(), answers(), measured(), project())),
    ),
)
def prefetch(wait: DataWait, answers: Answers, measured: Measured, project: Project) -> Judgement:
    """Warn where it is off and training waits; off is fine where switching it on gains nothing."""
    last = measured.last("input")
    if last is not None and last.flag("in_memory"):
        return does_not_apply(Text(en="The data lie in memory.", zh="数据都在内存里。"))
    gain = last.number_of("workers_gain") if last is not None else None
    if gain is not None and gain <= project.settings["rule_sync_cost"]:
        return passes(Text(en="More workers gain {gain:.0%}.", zh="加 worker 只快 {gain:.0%}。").fill(gain=gain))
    return _asked(wait, answers.to("H1-prefetch"), "H1-prefetch", _PREFETCH, project.settings)


@rule(
    "H1-drop-fields",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:10.1",),
    phase="infrastructure",
    text=Text(en="Fields that are not needed are dropped as early as can be.", zh="不必要的字段尽早丢弃。"),
    yes_or_no=True,
    asks=Text(en="Does the pipeline carry only what training uses?", zh="管道里只带训练用到的字段吗？"),
    examples=(
        silent(lambda: (measured(input={"unused_share": 0.0}), answers(), project())),
        silent(lambda: (measured(), answers(H1_drop_fields="yes"), project())),
        fires("warn", lambda: (measured(input={"unused_share": 0.6}), answers(), project())),
        fires("warn", lambda: (measured(), answers(H1_drop_fields="no"), project())),
        fires("unknown", lambda: (measured(), answers(), project())),
    ),
)
def drop_fields(measured: Measured, answers: Answers, project: Project) -> Judgement:
    """Unused bytes as a share of those read, measured or declared."""
    last, answer = measured.last("input"), answers.to("H1-drop-fields")
    share = last.number_of("unused_share") if last is not None else None
    if share is not None:
        said = Text(en="{share:.0%} of the bytes are not used.", zh="{share:.0%} 的字节没用到。").fill(share=share)
        return warns(said) if share > project.settings["rule_unused_share"] else passes(said)
    if answer is None:
        return cannot_tell(
            Text(en="What the pipeline carries is not known.", zh="不知道管道里带了什么。"),
            missing=(not_measured("input"),),
            actions=(ask("H1-drop-fields"), measure("input")),
        )
    said = Text(en="Answered: {said}", zh="回答是：{said}").fill(said=same(answer))
    return passes(said) if is_yes(answer) else warns(said)


@rule(
    "H1-data-service",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:10.1", "app:H.1"),
    phase="infrastructure",
    text=Text(
        en="Several machines, or waiting that persists: a data service, several producing processes, or shards.",
        zh="多机或仍在等数据时：用数据服务、多进程生成或分片。",
    ),
    yes_or_no=True,
    asks=Text(en="Is there a data service, several producers, or sharding?", zh="用了数据服务、多进程生成或分片吗？"),
    examples=(
        silent(lambda: (Ranks(1), _QUICK, answers(), measured(), project()), "not-applicable"),
        silent(lambda: (Ranks(8), _QUICK, answers(H1_data_service="shards"), measured(), project())),
        silent(lambda: (Ranks(8), _SLOW, answers(), measured(input={"producers": 8}), project())),
        fires("warn", lambda: (Ranks(8), _SLOW, answers(H1_data_service="no"), measured(), project())),
        fires("unknown", lambda: (Ranks(8), _QUICK, answers(), measured(), project())),
    ),
)
def data_service(ranks: Ranks, wait: DataWait, answers: Answers, measured: Measured, project: Project) -> Judgement:
    """Does not apply to one machine that does not wait."""
    if (ranks.world or 1) <= 1 and not _waits(wait, project.settings):
        return does_not_apply(Text(en="One machine, and no waiting on record.", zh="单机，也没有等数据的记录。"))
    last = measured.last("input")
    producers = last.number_of("producers") if last is not None else None
    if producers is not None and producers > 1:
        return passes(Text(en="{n:g} processes produce data.", zh="{n:g} 个进程在供数据。").fill(n=producers))
    answer = answers.to("H1-data-service")
    if answer is None:
        return cannot_tell(
            Text(
                en="Several processes, or waiting: how data reach them is not said.",
                zh="多进程或在等数据：没说数据怎么供给。",
            ),
            missing=(Text(en="an answer", zh="一句回答"),),
            actions=(ask("H1-data-service"),),
        )
    said = Text(en="Answered: {said}", zh="回答是：{said}").fill(said=same(answer))
    return warns(said) if is_no(answer) and _waits(wait, project.settings) else passes(said)


_LOCAL = Text(en="Copy the data to a local disk, or cache them.", zh="把数据拷到本地或做缓存。")
_OFFLINE = Text(en="Precompute the deterministic stages.", zh="把确定性的步骤离线算好。")
_PREFETCH = Text(en="Switch prefetching and parallel loading on.", zh="打开预取和并行加载。")


def _waits(wait: DataWait, settings: Settings) -> bool:
    return wait.share is not None and wait.share > settings["rule_slowdown_warn"]


def _slower(share: float, said: Text, settings: Settings) -> Judgement:
    if share > settings["rule_slowdown_fail"]:
        return fails(said, actions=(measure("input"),))
    return warns(said, actions=(measure("input"),)) if share > settings["rule_slowdown_warn"] else passes(said)


def _asked(wait: DataWait, answer: str | None, rule: str, do: Text, settings: Settings) -> Judgement:
    """Not asked where training does not wait; a no warns where it does."""
    if wait.share is not None and not _waits(wait, settings):
        return does_not_apply(_NO_BOTTLENECK)
    if answer is None:
        return cannot_tell(
            Text(en="Training waits, or was never timed, and nobody answered.", zh="在等数据或没计过时，也没人回答。"),
            missing=(Text(en="an answer, or {timed}", zh="一句回答，或者{timed}").fill(timed=_TIMED),),
            actions=(ask(rule),),
        )
    said = Text(en="Answered: {said}", zh="回答是：{said}").fill(said=same(answer))
    return warns(said, actions=(Action(do),)) if is_no(answer) and _waits(wait, settings) else passes(said)


def _by_waiting(gap: float | None, settings: Settings) -> Judgement:
    """Without a run with cached data: waiting is what is lost at least, so a little of it shows nothing."""
    if gap is not None and gap > settings["rule_slowdown_warn"]:
        said = Text(en="At least {gap:.0%} is lost to waiting for data.", zh="至少 {gap:.0%} 的时间花在等数据上。")
        return _slower(gap, said.fill(gap=gap), settings)
    return cannot_tell(
        Text(en="Timed, but not with cached data.", zh="计过时，但没用缓存数据。"),
        missing=(
            Text(en="a run on one cached batch (`cached_data`)", zh="用一个缓存的 batch 跑一次（`cached_data`）"),
        ),
    )


def _unmeasured() -> Judgement:
    return cannot_tell(
        Text(en="Training has not been timed with cached data.", zh="还没用缓存数据计过时。"),
        missing=(not_measured("input"),),
        actions=(measure("input"),),
    )


RULES: tuple[Rule, ...] = (
    throughput_gap,
    data_wait,
    local_data,
    offline_preprocess,
    sync_barrier,
    prefetch,
    drop_fields,
    data_service,
)
