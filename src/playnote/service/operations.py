"""Everything a user can ask for: one row an operation, whichever face it is asked through.

Command line, pages and the agent door are loops over `OPERATIONS` plus presentation;
a test compares them with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playnote.service import (
    adopt,
    data,
    error_analysis,
    guidance,
    keep,
    label_audit,
    measure,
    metric_audit,
    plan_study,
    proposals,
    report,
    rounds,
    start,
    vault,
)
from playnote.service.bring_in import bring_in
from playnote.service.checkpoints import checkpoints
from playnote.service.compare import compare, compare_files
from playnote.service.export import export
from playnote.service.judge import judge, judge_lines
from playnote.service.knowledge import knowledge
from playnote.service.ranking import ranking
from playnote.service.report import run_round, write_report
from playnote.service.rerun import rerun
from playnote.service.rescore import rescore
from playnote.service.review import review
from playnote.service.session import open_project
from playnote.service.tag import tag


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a user can ask for.

    cli      its verb on the command line
    changes  whether it changes the record or a file
    agent    whether an agent may call it: "yes", "proposes" (a person confirms) or "no"
    tool     how it is asked for at the agent door: a tool, or the address of a resource; "" for what has no face there
    """

    name: str
    cli: str
    do: Callable[..., Any]
    changes: bool
    agent: str = "yes"
    tool: str = ""


OPERATIONS: tuple[Operation, ...] = (
    Operation("compare", "compare", compare_files, changes=False, tool="compare"),
    Operation("judge", "judge", judge_lines, changes=False),
    Operation("review", "review", review, changes=False, tool="review"),
    Operation("init", "init", start.init_project, changes=True, agent="no"),
    Operation("init_example", "init --example", start.init_example, changes=True, agent="no"),
    Operation("check", "check", guidance.check, changes=False, tool="verdicts"),
    Operation("next_step", "next", guidance.next_of, changes=False, tool="next_step"),
    Operation("make_splits", "data make", data.data_make, changes=True, agent="no"),
    Operation("audit_splits", "data audit", data.data_audit, changes=True),
    Operation("baseline", "baseline", rounds.baseline_run, changes=True, tool="measure"),
    *(
        Operation(f"measure_{name.replace('-', '_')}", f"measure {name}", measure.measure, changes=True, tool="measure")
        for name in measure.MEASURES
    ),
    Operation("plan_study", "study-plan", plan_study.plan_study, changes=False),
    Operation("open_round", "round new", rounds.round_new, changes=True, tool="open_round"),
    Operation("confirm_round", "round new --confirm", rounds.round_confirm, changes=True, agent="no"),
    Operation("run_round", "round run", rounds.round_run, changes=True, tool="run_round"),
    Operation("show_round", "round show", rounds.round_show, changes=False, tool="verdicts"),
    Operation("close_round", "round close", rounds.round_close, changes=True, agent="no"),
    Operation("widen", "widen", rounds.round_widen, changes=True, tool="widen"),
    Operation("adopt", "adopt", adopt.adopt, changes=True, tool="adopt"),
    Operation("sample_errors", "errors sample", error_analysis.errors_sample, changes=True),
    Operation("tag_errors", "errors tag", error_analysis.errors_tag, changes=True, agent="no"),
    Operation("import_errors", "errors import", error_analysis.errors_import, changes=True, agent="no"),
    Operation("fixable_errors", "errors fixable", error_analysis.errors_fixable, changes=True, agent="no"),
    Operation("focus_errors", "errors focus", error_analysis.errors_focus, changes=True, agent="no"),
    Operation("show_errors", "errors show", error_analysis.errors_show, changes=False, tool="playnote://errors"),
    Operation("sample_labels", "labels sample", label_audit.labels_sample, changes=True),
    Operation("import_labels", "labels import", label_audit.labels_import, changes=True, agent="no"),
    Operation("mark_label", "labels mark", label_audit.labels_mark, changes=True, agent="no"),
    Operation("relabelled", "labels relabelled", label_audit.labels_relabelled, changes=True, agent="no"),
    Operation("show_labels", "labels show", label_audit.labels_show, changes=False, tool="playnote://labels"),
    Operation("milestone", "milestone", vault.milestone, changes=True, agent="no"),
    Operation("milestone_typed", "milestone --value", vault.milestone_typed, changes=True, agent="no"),
    Operation("milestones", "milestone --json", vault.milestones, changes=False),
    Operation("report", "report", report.report, changes=True, tool="playnote://report"),
    Operation("rank", "rank", ranking, changes=False, tool="playnote://ranking"),
    Operation("knowledge", "knowledge", knowledge, changes=False, tool="playnote://knowledge"),
    Operation("rescore", "rescore", rescore, changes=True, agent="no"),
    Operation("metric", "metric", metric_audit.metric_audit, changes=False, tool="playnote://metric"),
    Operation("judge_pair", "metric --judge", metric_audit.metric_judge, changes=True, agent="no"),
    Operation("rule", "rule", guidance.rules_about, changes=False, tool="playnote://rule"),
    Operation("answer", "answer", guidance.answer, changes=True, agent="proposes", tool="propose_answer"),
    Operation("waive", "waive", guidance.waive, changes=True, agent="proposes", tool="propose_waiver"),
    Operation("proposals", "confirm --json", proposals.proposals, changes=False, tool="status"),
    Operation("confirm", "confirm", proposals.confirm, changes=True, agent="no"),
    Operation("import", "import", bring_in, changes=True),
    Operation("export", "export", export, changes=True),
    Operation("tag", "export --tag", tag, changes=True, agent="no"),
    Operation("rerun", "rerun", rerun, changes=True, tool="measure"),
    Operation("checkpoints", "checkpoints", checkpoints, changes=False),
    Operation("rebuild", "rebuild", keep.rebuild, changes=True),
    Operation("doctor", "doctor", keep.doctor, changes=False, tool="playnote://doctor"),
    Operation("settings", "doctor --settings", keep.settings_table, changes=False, tool="playnote://thresholds"),
)
# Verbs that are no operation but open another face, which asks for all of the above.
FACES = ("mcp", "serve")

__all__ = ["FACES", "OPERATIONS", "Operation", "compare", "judge", "open_project", "run_round", "write_report"]
