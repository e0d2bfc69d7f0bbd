"""What was read, in words that every face of a review shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playnote.text import Text, same

if TYPE_CHECKING:
    from playnote.service.review import Review

COUNTS = {
    "ok": Text(en="{n} complete", zh="跑完 {n}"),
    "pruned": Text(en="{n} pruned", zh="剪枝 {n}"),
    "failed": Text(en="{n} failed", zh="失败 {n}"),
    "nan": Text(en="{n} diverged", zh="发散 {n}"),
    "running": Text(en="{n} not ended", zh="没跑完 {n}"),
}
WAYS = {"minimize": Text(en="Minimise", zh="越小越好"), "maximize": Text(en="Maximise", zh="越大越好")}
SAID = {"source": Text(en="the source", zh="来源里的记录"), "you": Text(en="you", zh="你说的")}
UNNAMED = Text(en="unnamed", zh="没有名字")
NOT_RECORDED = Text(en="not recorded, taken as adaptive", zh="没有记录，按自适应处理")
_WAY = Text(en="{way} (from {said})", zh="{way}（依据：{said}）")
_ROWS = {
    "source": Text(en="Source", zh="来源"),
    "study": Text(en="Study", zh="study 名"),
    "trials": Text(en="Trials", zh="试验"),
    "metric": Text(en="Metric", zh="指标"),
    "way": Text(en="Direction", zh="方向"),
    "sampler": Text(en="Sampler", zh="采样器"),
}


def counted(found: Review) -> Text:
    """Trials by how they ended; what does not occur is not named."""
    counts = found.counts
    failed = sum(n for outcome, n in counts.items() if outcome.startswith(("failed", "oom")))
    nan = sum(counts.get(name, 0) for name in ("nan", "exploded"))
    shown = {"ok": counts.get("ok", 0), "pruned": counts.get("pruned", 0), "failed": failed, "nan": nan}
    shown["running"] = counts.get("running", 0)
    parts = [COUNTS[name].fill(n=n) for name, n in shown.items() if n or name == "ok"]
    return Text(en=", ".join(each.en for each in parts), zh="，".join(each.zh for each in parts))


def read_rows(found: Review) -> tuple[tuple[Text, Text], ...]:
    """Source, study, counts, metric, direction and sampler, row by row."""
    got = found.imported
    way = WAYS[got.state.project.objective.direction]
    said: dict[str, Text] = {
        "source": same(found.source),
        "study": same(got.study),
        "trials": counted(found),
        "metric": same(got.metric) if got.metric else UNNAMED,
        "way": _WAY.fill(way=way, said=SAID.get(got.said, SAID["source"])),
        "sampler": same(got.sampler) if got.sampler else NOT_RECORDED,
    }
    return tuple((_ROWS[name], content) for name, content in said.items())
