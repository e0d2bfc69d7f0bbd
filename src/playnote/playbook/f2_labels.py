"""Appendix F.2 and body F.4, labels: Dev and Test first, Train only where errors come in clusters."""

from __future__ import annotations

from playnote.playbook.examples import answers, event, project, state
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.settings import Settings
from playnote.records.state import ProjectState
from playnote.text import Text, same

_EVAL = ("dev", "test")
_AUDIT = Text(en="an audit of {split} labels by a person", zh="请人复核 {split} 的标签")
_BAD = {"split": "dev", "n": 100, "wrong": 20, "random": True, "error_share": 0.4, "flips": True}
_GOOD = {"split": "dev", "n": 200, "wrong": 1, "random": True, "error_share": 0.02, "flips": False}


@rule(
    "F2-eval-noise",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:F.4", "app:F.2"),
    phase="diagnosis",
    text=Text(en="The share of wrong labels in Dev and Test is known.", zh="Dev/Test 里错标占多少，要心里有数。"),
    by="labels",
    examples=(
        silent(lambda: (measured(labels=_GOOD), project())),
        silent(lambda: (measured(labels=[_BAD, {"split": "dev", "relabelled": True}]), project())),
        fires("warn", lambda: (measured(labels={**_GOOD, "random": False}), project())),
        fires("fail", lambda: (measured(labels=_BAD), project())),
        fires("unknown", lambda: (measured(), project())),
    ),
)
def eval_noise(measured: Measured, project: Project) -> Judgement:
    """Fail where wrong labels may turn the order of candidates; warn where only errors, or few examples, were audited."""
    audits = [each for split in _EVAL for each in _since_relabelled(measured, split)]
    if not audits:
        anew = any(each.flag("relabelled") for each in _audits(measured, *_EVAL))
        return passes(Text(en="Labelled anew.", zh="已重新标注。")) if anew else _unknown("dev")
    bad = [each for each in audits if _noisy(each, project.settings)]
    if bad:
        return fails(
            Text(en="Wrong labels may decide: {what}.", zh="错标可能左右结论：{what}。").fill(what=_said(bad[0])),
            actions=(Action(Text(en="Clean Dev and Test the same way.", zh="用同一流程清洗 Dev 和 Test。")),),
        )
    few = [
        each
        for each in audits
        if each.flag("random") is not True or (each.number_of("n") or 0) < project.settings["rule_label_audit"]
    ]
    if few:
        return warns(
            Text(
                en="Audited: {what}; a random sample of {n} of all examples says more.",
                zh="已复核：{what}；最好从全部样本里随机抽 {n} 个。",
            ).fill(what=_said(few[0]), n=int(project.settings["rule_label_audit"])),
            actions=(measure("labels"),),
        )
    return passes(Text(en="Audited: {what}.", zh="已复核：{what}。").fill(what=_said(audits[-1])))


@rule(
    "F2-clean-eval-first",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:F.4", "app:F.2"),
    phase="diagnosis",
    text=Text(
        en="Where wrong labels are many, or reach the ranking, Dev and Test are cleaned before anything is adopted.",
        zh="错标占比不小或影响排名，就先清洗 Dev/Test，再谈上线。",
    ),
    examples=(
        silent(lambda: (measured(labels=_GOOD), state()), "not-applicable"),
        silent(
            lambda: (
                measured(labels=[_BAD, {**_GOOD, "relabelled": True}, {"split": "test", "relabelled": True}]),
                state(),
            )
        ),
        fires("fail", lambda: (measured(labels=[_BAD, {**_GOOD, "relabelled": True}]), state())),
        fires("fail", lambda: (measured(labels=_BAD), state(journal=(event("adoption", 9, verdict="adopted"),)))),
        fires("warn", lambda: (measured(labels=_BAD), state())),
    ),
)
def clean_eval_first(measured: Measured, state: ProjectState) -> Judgement:
    """Fail on an adoption after the finding and before cleaning, or where only one of Dev and Test was cleaned."""
    audits = _audits(measured, *_EVAL)
    found = [each for each in audits if _noisy(each, state.project.settings)]
    if not found:
        return does_not_apply(Text(en="No finding about labels is open.", zh="没有标签方面的问题。"))
    cleaned = {each.word("split"): each.number for each in audits if each.flag("relabelled")}
    first = found[0].number
    done = max(cleaned.values()) if set(cleaned) >= set(_EVAL) else None
    rash = [
        each.number
        for each in state.events("adoption")
        if each.data.get("verdict") == "adopted" and each.number > first and (done is None or each.number < done)
    ]
    if rash and done is not None:
        return warns(
            Text(en="Cleaned after the adoption at journal {n}.", zh="日志 {n} 上线之后才清洗。").fill(n=rash[-1]),
            actions=(Action(Text(en="Compare again on the cleaned labels.", zh="用清洗后的标签重新比较。")),),
        )
    if rash:
        return fails(
            Text(en="Adopted (journal {n}) on labels known to be wrong.", zh="明知错标还上线（日志 {n}）。").fill(
                n=rash[0]
            ),
            actions=(_CLEAN,),
        )
    if len(cleaned) == 1:
        return fails(
            Text(en="Only {which} was cleaned.", zh="只清洗了 {which}。").fill(which=same(next(iter(cleaned)))),
            actions=(_CLEAN,),
        )
    if not cleaned:
        return warns(Text(en="Dev and Test wait for cleaning.", zh="Dev 和 Test 还没清洗。"), actions=(_CLEAN,))
    return passes(Text(en="Dev and Test were cleaned alike.", zh="Dev 和 Test 已同样清洗。"))


@rule(
    "F2-train-random-ok",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:F.4",),
    phase="diagnosis",
    text=Text(en="A few random wrong labels in Train are no alarm.", zh="Train 里少量随机错标通常不用慌。"),
    by="labels",
    examples=(
        silent(lambda: (measured(labels={"split": "train", "n": 200, "wrong": 4, "concentrated": False}), project())),
        silent(lambda: (measured(), project()), "not-applicable"),
        fires("unknown", lambda: (measured(labels={"split": "train", "n": 20, "wrong": 1}), project())),
        fires("warn", lambda: (measured(labels={"split": "train", "n": 200, "concentrated": True}), project())),
    ),
)
def train_random_ok(measured: Measured, project: Project) -> Judgement:
    """Pass where the audit found the errors scattered; too small an audit cannot tell."""
    audits = _since_relabelled(measured, "train")
    if not audits:
        return does_not_apply(Text(en="Train has not been audited.", zh="没有复核过 Train。"))
    last = audits[-1]
    if last.flag("concentrated"):
        return warns(Text(en="Not random: {what}.", zh="不是随机的：{what}。").fill(what=_said(last)))
    if last.flag("concentrated") is None or (last.number_of("n") or 0) < project.settings["rule_label_audit"]:
        return cannot_tell(
            Text(en="The audit is too small to tell: {what}.", zh="复核太少，说不清：{what}。").fill(what=_said(last)),
            missing=(_AUDIT.fill(split="train"),),
            actions=(measure("labels"),),
        )
    return passes(Text(en="Scattered: {what}.", zh="零散分布：{what}。").fill(what=_said(last)))


@rule(
    "F2-train-systematic",
    Level.CHECK,
    Scope.PROJECT,
    sections=("body:F.4", "app:F.2"),
    phase="diagnosis",
    text=Text(
        en="Wrong labels that come in clusters in Train, in classes or scenes that matter, are relabelled.",
        zh="Train 里成片的系统性错标，若集中在关键场景或类别，就专项重标。",
    ),
    by="labels",
    asks=Text(en="Which classes or scenes matter most?", zh="哪些类别或场景最关键？"),
    examples=(
        silent(lambda: (measured(labels={"split": "train", "n": 200, "concentrated": False}), answers())),
        fires("warn", lambda: (measured(labels={"split": "train", "concentrated": True}), answers())),
        fires(
            "fail", lambda: (measured(labels={"split": "train", "concentrated": True, "key_scene": True}), answers())
        ),
        fires("unknown", lambda: (measured(), answers())),
    ),
)
def train_systematic(measured: Measured, answers: Answers) -> Judgement:
    """Fail on a cluster in a key scene that was left alone; warn on one elsewhere."""
    audits = _audits(measured, "train")
    last = audits[-1] if audits else None
    if last is None or (last.flag("concentrated") is None and not last.flag("relabelled")):
        return _unknown("train")
    if not last.flag("concentrated") or last.flag("relabelled"):
        return passes(Text(en="No cluster is left: {what}.", zh="没有成片错标：{what}。").fill(what=_said(last)))
    key = answers.to("F2-train-systematic") or ""
    where = Text(en="Wrong labels come in clusters: {what}. {key}", zh="错标成片：{what}。{key}").fill(
        what=_said(last), key=same(key)
    )
    relabel = Action(Text(en="Relabel that slice of Train.", zh="专项重标这一片。"))
    return fails(where, actions=(relabel,)) if last.flag("key_scene") else warns(where, actions=(relabel,))


def _audits(measured: Measured, *splits: str) -> list[Measurement]:
    return [each for each in measured.all("labels") if each.word("split") in splits]


def _since_relabelled(measured: Measured, split: str) -> list[Measurement]:
    """Audits of a split that hold numbers, since it was last labelled anew."""
    rows = _audits(measured, split)
    anew = max(
        (at for at, each in enumerate(rows) if each.flag("relabelled") and each.number_of("n") is None), default=-1
    )
    return [
        each for each in rows[anew + 1 :] if each.number_of("n") is not None or each.flag("concentrated") is not None
    ]


def _noisy(audit: Measurement, settings: Settings) -> bool:
    share = audit.number_of("error_share")
    return bool(audit.flag("flips")) or (share is not None and share >= settings["rule_label_share"])


def _said(audit: Measurement) -> Text:
    def shown(name: str) -> str:
        value = audit.number_of(name)
        return "?" if value is None else f"{value:g}"

    return Text(en="{split}, {wrong} wrong of {n}", zh="{split}，{n} 个里错 {wrong} 个").fill(
        split=same(audit.word("split") or "?"), wrong=shown("wrong"), n=shown("n")
    )


def _unknown(split: str) -> Judgement:
    return cannot_tell(
        Text(en="The labels of {split} have not been audited.", zh="{split} 的标签还没复核过。").fill(split=split),
        missing=(not_measured("labels"),),
        actions=(measure("labels"),),
    )


_CLEAN = Action(
    Text(en="Relabel Dev and Test by one process, then rescore.", zh="用同一流程重标 Dev 和 Test，再重算分数。"),
    "playnote rescore",
)

RULES: tuple[Rule, ...] = (eval_noise, clean_eval_first, train_random_ok, train_systematic)
