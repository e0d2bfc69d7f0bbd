"""`playnote`: one verb for each operation. Everything heavy is imported by the verb that needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from playnote import __version__
from playnote.interfaces.cli.frame import Lang
from playnote.interfaces.cli.output import Face, fail, language_of
from playnote.interfaces.cli.usage import UsageError, usage_error
from playnote.interfaces.cli.verbs import (
    checkpoints,
    data,
    errors,
    guide,
    judging,
    labels,
    mcp,
    measure,
    measure_choices,
    memory,
    milestone,
    plan,
    records,
    report,
    rerun,
    review,
    rounds,
    serve,
    start,
    upkeep,
)
from playnote.interfaces.cli.words import asked, said
from playnote.text import Text

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=said(en="The deep-learning tuning playbook as running software.", zh="能跑起来的深度学习调参手册。"),
)
round_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=said(en="One question: plan it, run it, show it, close it.", zh="一轮一个问题：计划、跑、看、结束。"),
)
data_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=said(en="Make and audit splits.", zh="切划分、审计划分。"),
)
measure_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=said(en="Procedures that settle one thing by a few planned trials.", zh="用几个计划好的试验，测定一件事。"),
)
errors_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=said(en="Wrong dev examples: draw, sort, tally.", zh="Dev 错例：抽样、归类、统计。"),
)
labels_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=said(en="Have labels checked by people.", zh="请人核对标签。"),
)

# In the order of `playnote --help`: from an empty folder to a decision, then what needs no project.
VERBS: tuple[tuple[typer.Typer, str, Callable[..., Any], Text], ...] = (
    (
        app,
        "init",
        start.init,
        Text(en="Begin a project: three questions, or a ready example.", zh="新建项目：回答三个问题，或用现成的例子。"),
    ),
    (
        app,
        "check",
        guide.check,
        Text(
            en="The rules that are due now; exit 3 only where something is violated.",
            zh="现在该看的规则；只有真违反了才以 3 退出。",
        ),
    ),
    (
        app,
        "next",
        guide.next_,
        Text(en="The one next step: why, the command, what it costs.", zh="下一步做什么：为什么、用什么命令、花多少。"),
    ),
    (app, "rule", guide.rule, Text(en="A rule's page.", zh="看一条规则。")),
    (app, "answer", guide.answer, Text(en="Answer a rule's question.", zh="回答规则提的问题。")),
    (
        app,
        "waive",
        guide.waive,
        Text(
            en="Set a rule aside, with a reason that shows in every report.",
            zh="豁免一条规则；理由会出现在每份报告里。",
        ),
    ),
    (
        data_app,
        "make",
        data.make,
        Text(
            en="Cut the data into Train, Dev and Test, and Train-Dev where it is needed.",
            zh="把数据切成 Train、Dev、Test，需要时再留 Train-Dev。",
        ),
    ),
    (
        data_app,
        "audit",
        data.audit,
        Text(
            en="Copies across the splits; Dev against Test and deployment; what changed.",
            zh="划分之间的重复、Dev 与 Test 和部署是否同分布、哪里变了。",
        ),
    ),
    (
        app,
        "study-plan",
        plan.study_plan,
        Text(
            en="From a question to a plan: roles, values, cost, what it could show and what not.",
            zh="从问题到计划：角色、取值、花费，能看出什么、看不出什么。",
        ),
    ),
    (app, "baseline", rounds.baseline, Text(en="Run and judge the baseline.", zh="跑 baseline 并判断它合不合格。")),
    *((measure_app, *row) for row in measure.ROWS),
    *((measure_app, *row) for row in measure_choices.ROWS),
    (
        round_app,
        "new",
        rounds.round_new,
        Text(
            en="Plan a round: what it costs and what it can show, before anything is spent.",
            zh="计划一轮：还没花钱，先看要花多少、能看出什么。",
        ),
    ),
    (
        round_app,
        "run",
        rounds.round_run,
        Text(
            en="Run the open round to its end; what has finished is not run again.", zh="把这一轮跑完；跑完的不再重跑。"
        ),
    ),
    (
        round_app,
        "show",
        rounds.round_show,
        Text(en="The question, its answer, and whether the comparison is fair.", zh="问题、答案，比得公不公平。"),
    ),
    (round_app, "close", rounds.round_close, Text(en="End a round with its decision.", zh="写下决定，结束这一轮。")),
    (
        app,
        "widen",
        rounds.widen,
        Text(
            en="Extend a range of the open round; only the new part is run.",
            zh="扩大这一轮的某个范围；只跑新增的部分。",
        ),
    ),
    (
        app,
        "adopt",
        rounds.adopt,
        Text(
            en="Fresh seeds of a candidate and of the baseline, and the decision.",
            zh="候选和 baseline 都用新种子跑，再决定上不上线。",
        ),
    ),
    (
        app,
        "rank",
        memory.rank,
        Text(en="Filter by the constraints, then order; ties are ties.", zh="先按约束筛，再排序；并列就说并列。"),
    ),
    (app, "knowledge", memory.knowledge, Text(en="What is known about this task.", zh="关于这个任务已经知道什么。")),
    (
        app,
        "rescore",
        memory.rescore,
        Text(en="History under a changed objective: what changes.", zh="改了目标后重算历史：哪些结论变了。"),
    ),
    (
        app,
        "metric",
        memory.metric,
        Text(en="Does the score still say what people want?", zh="分数还能代表人想要的吗？"),
    ),
    (errors_app, "sample", errors.sample, Text(en="Draw wrong dev examples at random.", zh="随机抽 Dev 错例。")),
    (
        errors_app,
        "tag",
        errors.tag,
        Text(
            en="Say what kind of error an example is; several kinds are allowed.", zh="给一个错例打标签，可以打多个。"
        ),
    ),
    (errors_app, "import", errors.import_, Text(en="Take in the tags of a table.", zh="导入填好标签的表。")),
    (
        errors_app,
        "fixable",
        errors.fixable,
        Text(en="Say which share of a category can be fixed.", zh="说明一类错误能改掉多少。"),
    ),
    (errors_app, "focus", errors.focus, Text(en="Say which category is worked on first.", zh="说明先做哪一类。")),
    (
        errors_app,
        "show",
        errors.show,
        Text(en="Shares, ceilings and priorities of the kinds of error.", zh="各类错误的占比、上限和优先级。"),
    ),
    (
        labels_app,
        "sample",
        labels.sample,
        Text(en="Draw examples whose labels are to be checked.", zh="抽取要核对标签的样本。"),
    ),
    (labels_app, "import", labels.import_, Text(en="Take in the checked labels of a table.", zh="导入核对好的标签。")),
    (labels_app, "mark", labels.mark, Text(en="Say what one label should be.", zh="写下一个样本的正确标签。")),
    (
        labels_app,
        "relabelled",
        labels.relabelled,
        Text(en="Record that a split was labelled anew.", zh="记录一个划分已重新标注。"),
    ),
    (
        labels_app,
        "show",
        labels.show,
        Text(
            en="Share of wrong labels; whether they decide, whether they cluster.",
            zh="错标占比；会不会左右排名，有没有成片。",
        ),
    ),
    (
        app,
        "milestone",
        milestone.milestone,
        Text(en="Read the test split once, at a declared milestone.", zh="声明一个里程碑，读一次测试集。"),
    ),
    (
        app,
        "compare",
        judging.compare,
        Text(
            en="Two lists of numbers: is the difference real, and if undecided, what would decide.",
            zh="两列数：差别是不是真的；定不了的话，怎样才能定。",
        ),
    ),
    (
        app,
        "judge",
        judging.judge,
        Text(en="The exchange format: cases in, verdicts out.", zh="交换格式：输入案例，输出结论。"),
    ),
    (
        app,
        "review",
        review.review,
        Text(
            en="Trials made elsewhere: what they show, and what they cannot.",
            zh="别处跑的试验：能看出什么，看不出什么。",
        ),
    ),
    (app, "report", report.report, Text(en="One HTML file that opens offline.", zh="写一个能离线打开的 HTML 报告。")),
    (
        app,
        "import",
        records.import_,
        Text(
            en="Trials made elsewhere into this project's record: they inform, and count for no round.",
            zh="把别处做的试验导入本项目：只作参考，不算进任何一轮。",
        ),
    ),
    (
        app,
        "export",
        records.export,
        Text(
            en="Trials out: to a file that reads back equal, or as tags on the runs they came from.",
            zh="导出试验：写成能原样读回的文件，或者打成原训练上的标签。",
        ),
    ),
    (
        app,
        "serve",
        serve.serve,
        Text(
            en="The live pages, on this machine alone; one line with the address and its token.",
            zh="实时网页，只在本机打开；打印一行带令牌的地址。",
        ),
    ),
    (
        app,
        "mcp",
        mcp.mcp,
        Text(en="The agent door: MCP on standard input and output.", zh="智能体入口：在标准输入输出上说 MCP。"),
    ),
    (
        app,
        "confirm",
        mcp.confirm,
        Text(
            en="What an agent proposed: see it, confirm it, reject it, reply.",
            zh="智能体的提议：查看、确认、驳回、回复。",
        ),
    ),
    (
        app,
        "rerun",
        rerun.rerun,
        Text(
            en="Repeat a trial from what is recorded, and say whether it comes out the same.",
            zh="按记录重跑一个试验，看结果是否一致。",
        ),
    ),
    (
        app,
        "checkpoints",
        checkpoints.checkpoints,
        Text(
            en="What a trial kept: the best by the objective, the last, how to load it.",
            zh="试验留下的检查点：按目标最好的、最后的、怎么加载。",
        ),
    ),
    (
        app,
        "rebuild",
        upkeep.rebuild,
        Text(en="Make the cache anew from the journal and the trials' logs.", zh="用日志和试验记录重建缓存。"),
    ),
    (
        app,
        "doctor",
        upkeep.doctor,
        Text(en="The environment, the extras, the health of the record.", zh="检查环境、可选组件、记录是否完好。"),
    ),
)
for _group, _name, _verb, _line in VERBS:
    _group.command(_name, help=_line.pick(language_of(asked())))(_verb)
app.add_typer(round_app, name="round")
app.add_typer(measure_app, name="measure")
app.add_typer(data_app, name="data")
app.add_typer(errors_app, name="errors")
app.add_typer(labels_app, name="labels")


def _version(asked_for: bool) -> None:
    """Print the version and end."""
    if asked_for:
        sys.stdout.write(f"playnote {__version__}\n")
        raise typer.Exit


@app.callback()
def _whole(
    lang: Lang = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help=said(en="The version.", zh="版本。")),
    ] = False,
) -> None:
    """`--lang` before a verb only turns the help; after it, it turns the answer too."""


def main() -> None:
    """The console script; usage errors end as every input error does: problem, fix, exit code 2."""
    words = sys.argv[1:]
    try:
        code = app(args=words, standalone_mode=False)
    except typer.Abort:
        code = 130
    except UsageError as error:
        code = fail(usage_error(error), Face("--json" in words, language_of(asked())))
    sys.exit(code if isinstance(code, int) else 0)
