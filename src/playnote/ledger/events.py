"""Every kind of journal event, what its data holds, and what in one sentence it says.

Kinds of trials and rounds are read back by `book.py`; the others are read by whoever asks
`ProjectState.events(kind)`. Data are plain JSON; records go in and out through `forms.py`.

Data, splits and labels, field by field (pairs of splits are written "dev&test"):

    splits-made      splits {name: {n, fingerprint, content, sources, labels}}; how {dev, test, train_dev, deployment,
                     by_time, carved}; seed; data (path); columns; manifest (file in .playnote/manifests); notes [{en, zh}]
    splits-audited   splits as above; overlap {label, within {split: n}, across {pair: n}, near {pair: n} or null,
                     groups {pair: n}, late (int or null), examples {pair: [[id, id], ...]}}; shifts [{first, second,
                     label yes|no|unknown, auc, interval, p_content, p_labels, n, units, telling, missing}]; changed {split:
                     {added, removed, altered}} since the manifest before; unseen {split: ids without data}; data; columns
    milestone        name; because; trial (the one whose configuration is read, absent where typed in); reads ["test"]
    test-read        milestone; metric (the objective's, on test); trial; value; values {metric: value}; n (examples);
                     looks (steps at which test was logged; more than one is a curve); by "run" or "typed"; source (trial
                     whose configuration this is)
    errors-sampled   sample (number); split; trial or null; ids (in random order); wrong; n (size of the split); seed; file
    errors-tagged    sample; tags {id: [category, ...]}; by (who tagged); replaces an earlier tag of the same person
    errors-fixable   category; share in [0, 1]
    decision         with about "errors": choice (the category worked on first); because
    labels-sampled   sample (number); split; seed; models [name, name] or []; only [first, second] (counts of the split);
                     n; disagreements [id]; random [id]; suspects [id]; file
    labels-audited   sample; labels {id: label people gave}; unclear [id]; by
    labels-relabelled split; n (labels changed); how (the process, in words)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playnote.text import Text


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event.

    holds  the keys of its data, a question mark behind those that may be absent
    sync   whether it is forced to the platter at once: what a person declared or decided
    """

    name: str
    holds: tuple[str, ...]
    text: Text
    sync: bool = False

    def lacking(self, data: Mapping[str, object]) -> tuple[str, ...]:
        """The keys that an event of this kind must hold and this one does not."""
        return tuple(key for key in self.holds if not key.endswith("?") and key not in data)


def _kind(name: str, holds: str, en: str, zh: str, sync: bool = False) -> EventKind:
    return EventKind(name, tuple(holds.split()), Text(en=en, zh=zh), sync)


_ROWS = (
    _kind("ledger-created", "format version", "The ledger was created.", "建立了记录库。"),
    _kind(
        "journal-repaired", "kept bytes", "A torn last line was cut and kept aside.", "截去了没写完的最后一行，并另存。"
    ),
    _kind("objective", "objective", "A version of the objective was declared.", "声明了一版目标。", True),
    _kind("space", "space version?", "The search space was declared or changed.", "声明或修改了搜索空间。", True),
    _kind(
        "round-opened", "round", "A round was opened with its planned trials.", "开始了一轮，并存下计划的试验。", True
    ),
    _kind("trial-planned", "trials", "Trials were planned.", "计划了试验。"),
    _kind("trial-imported", "trials source?", "Trials made elsewhere were recorded.", "导入了别处做的试验。"),
    _kind(
        "run-started",
        "trials workers on commit? dirty? diff? environment? python? host?",
        "Planned trials began to be run.",
        "开始运行计划的试验。",
    ),
    _kind("attempt-started", "trial attempt worker?", "An attempt of a trial began.", "试验的一次尝试开始了。"),
    _kind(
        "attempt-ended",
        "trial attempt outcome seconds? retry? error? facts?",
        "An attempt of a trial ended.",
        "试验的一次尝试结束了。",
    ),
    _kind(
        "search-stopped",
        "round gain noise",
        "A search by results stopped: what is left to gain is below the noise of one run.",
        "按结果的搜索停了：还能提升的已小于一次训练的噪声。",
    ),
    _kind("round-closed", "round decision", "A round was closed with a decision.", "结束了一轮，并作出决定。", True),
    _kind(
        "answer",
        "rule answer proposal? proposed_by?",
        "A question of a rule was answered.",
        "回答了一条规则的问题。",
        True,
    ),
    _kind("answer-proposed", "rule answer", "An answer was proposed.", "提出了一个回答，等人确认。", True),
    _kind(
        "waiver",
        "rule because target? proposal? proposed_by?",
        "A rule was waived, with a reason.",
        "豁免了一条规则，并写明理由。",
        True,
    ),
    _kind("waiver-proposed", "rule because target?", "A waiver was proposed.", "提出了一项豁免，等人确认。", True),
    _kind("question-asked", "question rule?", "An agent asked a person.", "智能体向人提了一个问题。", True),
    _kind(
        "proposal-settled",
        "proposal how say?",
        "A person settled a proposal: confirmed, rejected or answered.",
        "人处理了一项提议：确认、驳回或回答。",
        True,
    ),
    _kind("gate", "operation verdicts", "An operation passed its gate.", "一项操作通过了门禁。"),
    _kind("decision", "about choice because?", "A decision was taken.", "作出了一项决定。", True),
    _kind(
        "adoption",
        "configuration verdict",
        "A configuration was judged for adoption.",
        "对一个配置作出上线判定。",
        True,
    ),
    _kind("baseline", "configuration because?", "The baseline was set.", "设定了基线。", True),
    _kind("milestone", "name reads? because? trial?", "A milestone was declared.", "声明了一个里程碑。", True),
    _kind(
        "test-read",
        "milestone metric trial? value? values? n? looks? by? source?",
        "The test split was read.",
        "读了一次测试集。",
        True,
    ),
    _kind(
        "splits-made",
        "splits how seed data columns manifest notes?",
        "The data were cut into splits.",
        "把数据切成了各个划分。",
        True,
    ),
    _kind(
        "splits-audited",
        "splits overlap shifts changed? unseen? data? columns? manifest? seed?",
        "The splits were audited.",
        "审计了各个划分。",
        True,
    ),
    _kind(
        "errors-sampled",
        "sample split ids wrong n seed trial? file?",
        "Wrong dev examples were drawn at random.",
        "随机抽取了 Dev 错例。",
    ),
    _kind("errors-tagged", "sample tags by?", "People sorted wrong examples.", "人工给错例打了标签。", True),
    _kind(
        "errors-fixable",
        "category share",
        "It was said how much of a category can be fixed.",
        "说明了一类错误能改掉多少。",
    ),
    _kind(
        "labels-sampled",
        "sample split seed n models only disagreements random suspects? file?",
        "Examples were drawn for a label audit.",
        "抽取了要核对标签的样本。",
    ),
    _kind("labels-audited", "sample labels unclear? by?", "People checked labels.", "人工核对了标签。", True),
    _kind("labels-relabelled", "split n how", "A split was labelled anew.", "重新标注了一个划分。", True),
    # name: the procedure ("warmup"); result: its numbers, flat, by name; verdict: yes, no or unknown; trials: what it ran;
    # run: which run of which procedure ("measure/lr/2"), closed by this event; message: its sentence in both languages;
    # shown: what a report shows beside it (notes, rows, proposed edits, runs to draw), with the last event of a run.
    # Which numbers the rules read of each procedure stands in playbook/measured.py.
    _kind(
        "measurement",
        "name result verdict? trials? run? message? shown?",
        "A procedure gave a measured answer.",
        "一项流程给出了实测结论。",
        True,
    ),
    _kind(
        "rescored", "from to because", "History was scored again under another objective.", "按新目标重算了历史分数。"
    ),
    _kind(
        "metric-judged",
        "better worse preferred saw_score?",
        "A person preferred one of two trials; by the score the first is the better.",
        "人在两个试验里选了一个；按分数，前一个更好。",
        True,
    ),
    _kind("note", "text", "A note.", "备注。"),
)
KINDS: dict[str, EventKind] = {row.name: row for row in _ROWS}
