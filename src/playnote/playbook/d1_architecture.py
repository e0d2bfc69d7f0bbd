"""Appendix D.1 and body D.1, the architecture: a proven start, a family, a size."""

from __future__ import annotations

import math
import re

import numpy as np

from playnote.playbook.examples import answers, project, runs
from playnote.playbook.facts import Answers, BaselineRuns
from playnote.playbook.facts.recipe import Recipe
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import as_said, ask, is_no, is_yes, not_said
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_OWN = re.compile(r"\b(custom|from scratch|own design|self[- ]made)\b|自己设计|从零|自研", re.IGNORECASE)
_FAR = re.compile(r"\b(not close|far from|outdated|not recent)\b|不接近|太旧|过时", re.IGNORECASE)
_LARGE = re.compile(r"\b(large|huge|giant|xl|xxl)\b|超大|大号|大模型|^大", re.IGNORECASE)


@rule(
    "D1-start-proven",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:D.1", "app:D.1"),
    phase="baseline",
    text=Text(
        en="Start from a model that is known to work on the nearest task, not from a drawing of your own.",
        zh="从最接近的任务上已经成熟的模型起步，不要自己从头设计结构。",
    ),
    asks=Text(en="Which published model does the architecture come from?", zh="架构来自哪个已发表的模型？"),
    examples=(
        silent(lambda: (Recipe(said={"architecture_from": "ResNet-18 (He et al. 2016)"}), answers())),
        fires("fail", lambda: (Recipe(said={"architecture_from": "own design"}), answers())),
        fires("unknown", lambda: (Recipe(), answers())),
    ),
)
def start_proven(recipe: Recipe, answers: Answers) -> Judgement:
    """Declared in `task.architecture_from` or answered; a design of one's own fails at the start."""
    said = answers.to("D1-start-proven") or recipe.said.get("architecture_from")
    if said and _OWN.search(said):
        return fails(Text(en="Designed from nothing: {said}", zh="从零设计：{said}").fill(said=same(said)))
    return as_said(said, "D1-start-proven", Text(en="where the architecture comes from", zh="架构的来源"))


@rule(
    "D1-find-references",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:D.1", "app:D.1"),
    phase="baseline",
    text=Text(
        en="One or two recent papers or open repositories on a task like this are at hand.",
        zh="手上有一两篇任务相近、够新的论文或开源仓库。",
    ),
    asks=Text(
        en="Which recent papers or repositories are closest to this task? (title and year)",
        zh="最接近这个任务的近期论文或仓库是哪几个？（标题和年份）",
    ),
    examples=(
        silent(lambda: (Recipe(said={"references": "LeNet-5, 1998; a repository of 2023"}), answers())),
        fires("warn", lambda: (Recipe(), answers(D1_find_references="one survey, not close to our task"))),
        fires("fail", lambda: (Recipe(), answers(D1_find_references="none"))),
        fires("unknown", lambda: (Recipe(), answers())),
    ),
)
def find_references(recipe: Recipe, answers: Answers) -> Judgement:
    """Declared in `task.references` or answered; one that is said to be far off only warns."""
    said = answers.to("D1-find-references") or recipe.said.get("references")
    if said and not is_no(said) and _FAR.search(said):
        return warns(Text(en="Only distant ones: {said}", zh="只有不太接近的：{said}").fill(said=same(said)))
    return as_said(said, "D1-find-references", Text(en="the references", zh="参考工作"))


@rule(
    "D1-stable-backbone",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:D.1",),
    phase="baseline",
    text=Text(
        en="Of the references' backbones, take the one that most people use and that breaks least.",
        zh="参考工作里，选用得最多、训得最稳的骨干。",
    ),
    asks=Text(en="Which backbone, and why this one? One line.", zh="用哪个骨干，为什么选它？一句话。"),
    examples=(
        silent(lambda: (Recipe(said={"backbone": "ResNet-18: in every repository we found"}), answers())),
        fires("fail", lambda: (Recipe(), answers(D1_stable_backbone="no, the newest one"))),
        fires("unknown", lambda: (Recipe(), answers())),
    ),
)
def stable_backbone(recipe: Recipe, answers: Answers) -> Judgement:
    """Declared in `task.backbone` or answered, with its reason."""
    said = answers.to("D1-stable-backbone") or recipe.said.get("backbone")
    return as_said(said, "D1-stable-backbone", Text(en="the backbone and the reason for it", zh="骨干和选它的理由"))


@rule(
    "D1-reproduce",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.1",),
    phase="baseline",
    text=Text(
        en="The reference's own baseline is reproduced first: the starting point is then known to be sound.",
        zh="先把参考工作的 baseline 复现出来当起点，这样起点是可靠的。",
    ),
    asks=Text(
        en="Which score does the reference report on this task? (a number in our metric, or: none)",
        zh="参考工作在这个任务上报告了多少分？（同一指标的数；没有就写：没有）",
    ),
    examples=(
        silent(lambda: (runs(0.101, 0.099, 0.1), Recipe(said={"reported": "0.1"}), answers(), project())),
        silent(lambda: (runs(0.1), Recipe(), answers(D1_reproduce="none reported"), project()), "not-applicable"),
        fires("warn", lambda: (runs(0.151, 0.149, 0.15), Recipe(said={"reported": "0.1"}), answers(), project())),
        fires("unknown", lambda: (runs(), Recipe(said={"reported": "0.1"}), answers(), project())),
        fires("unknown", lambda: (runs(0.1), Recipe(), answers(), project())),
    ),
)
def reproduce(baseline: BaselineRuns, recipe: Recipe, answers: Answers, project: Project) -> Judgement:
    """The baseline's mean against the reported score, in standard errors of seeds and dev sample."""
    said = answers.to("D1-reproduce") or recipe.said.get("reported")
    if is_no(said):
        return does_not_apply(Text(en="No comparable score is reported.", zh="参考工作没有可比的分数。"))
    number = re.search(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", said or "")
    if number is None:
        return not_said("D1-reproduce", Text(en="the reported score", zh="参考工作报告的分数"))
    if not baseline.scores:
        return cannot_tell(
            Text(en="The baseline has no score yet.", zh="baseline 还没有分数。"),
            missing=(Text(en="a finished baseline run", zh="一次跑完的 baseline"),),
        )
    reported, mean = float(number.group()), float(np.mean(baseline.scores))
    short = project.objective.sign * (mean - reported)
    allowed = project.settings["rule_reproduced"] * _error(baseline, mean) + (project.objective.min_effect or 0.0)
    text = Text(
        en="Mean {mean} over {n} runs; the reference reports {reported} (within {allowed} counts as the same).",
        zh="{n} 次平均 {mean}；参考工作是 {reported}（差在 {allowed} 以内算一样）。",
    ).fill(mean=f"{mean:.4g}", n=len(baseline.scores), reported=f"{reported:.4g}", allowed=f"{allowed:.2g}")
    return warns(text) if short > allowed else passes(text)


def _error(baseline: BaselineRuns, mean: float) -> float:
    """Standard error of the mean score: seeds, and the dev sample where the score is a share."""
    n = len(baseline.scores)
    seeds = float(np.var(baseline.scores, ddof=1)) / n if n > 1 else 0.0
    share = mean * (1 - mean) / baseline.n_dev if baseline.n_dev and 0 <= mean <= 1 else 0.0
    return math.sqrt(seeds + share)


@rule(
    "D1-arch-family",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.1",),
    phase="baseline",
    text=Text(
        en="An architecture is a family: depth, width, activation and blocks are settings to come back to.",
        zh="架构是一族结构：深度、宽度、激活、块的形式都可以当超参，以后再调。",
    ),
    yes_or_no=True,
    asks=Text(
        en="Can depth, width and block form be changed from the configuration?", zh="深度、宽度、块结构能从配置里改吗？"
    ),
    examples=(
        silent(lambda: (Recipe(structure=("depth", "width")), answers())),
        silent(lambda: (Recipe(), answers(D1_arch_family="yes, by flags we do not vary yet"))),
        fires("warn", lambda: (Recipe(), answers(D1_arch_family="no, hard-coded"))),
        fires("unknown", lambda: (Recipe(), answers())),
    ),
)
def arch_family(recipe: Recipe, answers: Answers) -> Judgement:
    """Shown by declared hyperparameters of the architecture, fixed for now or not; else a person says so."""
    if recipe.structure:
        return passes(Text(en="Declared: {names}.", zh="已声明：{names}。").fill(names=", ".join(recipe.structure)))
    what = Text(en="whether the structure can be varied", zh="结构能不能改")
    return as_said(answers.to("D1-arch-family"), "D1-arch-family", what, no="warn")


@rule(
    "D1-choose-family",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:D.1",),
    phase="baseline",
    text=Text(
        en="The family of models is chosen: ResNet, ViT, Transformer, LSTM ...",
        zh="模型家族已选定：ResNet、ViT、Transformer、LSTM……",
    ),
    asks=Text(en="Which family of models?", zh="用哪个模型家族？"),
    examples=(
        silent(lambda: (Recipe(said={"family": "ResNet"}), answers())),
        fires("unknown", lambda: (Recipe(), answers())),
    ),
)
def choose_family(recipe: Recipe, answers: Answers) -> Judgement:
    """Declared in `task.family` or answered."""
    said = answers.to("D1-choose-family") or recipe.said.get("family")
    return as_said(said, "D1-choose-family", Text(en="the family of models", zh="模型家族"))


@rule(
    "D1-choose-size",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:D.1", "body:D.4"),
    phase="baseline",
    text=Text(en="A size is chosen, the smaller one first.", zh="规模已选定，先用小号或基础号。"),
    asks=Text(
        en="Which size: small, base or large? If large, why already now?",
        zh="用多大的：小号、基础号还是大号？大号的话，为什么现在就要？",
    ),
    examples=(
        silent(lambda: (Recipe(said={"size": "small"}), answers())),
        fires("warn", lambda: (Recipe(said={"size": "large", "size_reason": "smaller ones cannot fit"}), answers())),
        fires("fail", lambda: (Recipe(said={"size": "large"}), answers())),
        fires("unknown", lambda: (Recipe(), answers())),
    ),
)
def choose_size(recipe: Recipe, answers: Answers) -> Judgement:
    """Declared in `task.size` or answered; a large start needs a reason (`task.size_reason`, or a longer answer)."""
    answered, declared = answers.to("D1-choose-size"), recipe.said.get("size")
    said = answered or declared
    if said is None or not said.strip():
        return not_said("D1-choose-size", Text(en="the size of the model", zh="模型规模"))
    if not _LARGE.search(said):
        return passes(Text(en="Size: {said}", zh="规模：{said}").fill(said=same(said)))
    reason = is_yes(recipe.said.get("size_reason")) or re.search(r"\b(because|since|for)\b|因为|由于", said) is not None
    text = Text(en="A large start: {said}", zh="一开始就用大号：{said}").fill(said=same(said))
    return warns(text) if reason else fails(text, actions=(ask("D1-choose-size"),))


RULES: tuple[Rule, ...] = (
    start_proven,
    find_references,
    stable_backbone,
    reproduce,
    arch_family,
    choose_family,
    choose_size,
)
