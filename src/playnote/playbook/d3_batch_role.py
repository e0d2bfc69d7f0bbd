"""Appendix D.3 and body D.3, what the batch size is for: speed, cost and stability, not the Dev score."""

from __future__ import annotations

from playnote.diagnosis.isolation import IsolationFinding
from playnote.playbook.examples import planned_round
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.recipe import BATCHES, RATES, among
from playnote.playbook.measured import measure
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.round import Round
from playnote.space.hyperparameter import Integer
from playnote.space.space import Space
from playnote.text import Text


@rule(
    "D3-not-a-metric-knob",
    Level.MUST,
    Scope.ROUND,
    sections=("body:D.3", "body:13", "app:D.3"),
    phase="study-design",
    text=Text(
        en="The batch size decides speed, cost and stability; it is not searched to raise the Dev score.",
        zh="batch size 管的是速度、成本和稳定，不能当成刷 Dev 指标的旋钮来搜。",
    ),
    examples=(
        silent(lambda: (planned_round(),)),
        silent(lambda: (_batch_round(),)),
        fires("fail", lambda: (planned_round(space=Space((Integer(name="batch_size", low=16, high=512),))),)),
        fires("fail", lambda: (_batch_round(space=Space(())),)),
    ),
)
def not_a_metric_knob(round: Round) -> Judgement:
    """Fail where it is searched as a nuisance, or compared without tuning the learning rate for each size."""
    if searched := among(round.space.names, BATCHES):
        return fails(
            Text(en="{name} is searched by the Dev score.", zh="{name} 在按 Dev 分数搜索。").fill(name=searched[0]),
            actions=(Action(Text(en="Fix it for this round.", zh="这一轮把它固定住。")),),
        )
    compared = among(tuple(round.scientific), BATCHES)
    if compared and not among(round.space.names, RATES):
        return fails(
            Text(
                en="{name} is compared without tuning the learning rate for each size.",
                zh="比较 {name}，却没有为每个取值重调学习率。",
            ).fill(name=compared[0])
        )
    return passes(Text(en="The batch size is no knob of this round.", zh="这一轮没有拿 batch size 当旋钮。"))


@rule(
    "D3-equal-limit",
    Level.ADVICE,
    Scope.ROUND,
    sections=("body:D.3", "body:13"),
    phase="analysis",
    text=Text(
        en="Tuned anew for each batch size, the best scores should end close together.",
        zh="每个 batch size 都重新调好之后，最好效果应该差不多。",
    ),
    examples=(
        silent(lambda: (_compared("no"), _batch_round(), measured())),
        silent(lambda: (_compared("no"), planned_round(), measured()), "not-applicable"),
        fires("warn", lambda: (_compared("yes"), _batch_round(), measured())),
        fires("unknown", lambda: (_compared("unknown"), _batch_round(), measured())),
        silent(lambda: (_compared("unknown"), planned_round(), _tuned_anew("no-difference"))),
        fires("warn", lambda: (_compared("unknown"), planned_round(), _tuned_anew("difference"))),
        fires("unknown", lambda: (_compared("unknown"), planned_round(), _tuned_anew("unfair"))),
        fires("unknown", lambda: (_compared("no"), _batch_round(space=Space(())), measured())),
    ),
)
def equal_limit(finding: IsolationFinding, round: Round, measured: Measured) -> Judgement:
    """Where a round or a procedure compares batch sizes: a real difference hints at uneven tuning, steps or batch norm."""
    if not among(tuple(round.scientific), BATCHES):
        return _tuned_apart(measured)
    if not among(round.space.names, RATES):
        return cannot_tell(
            Text(en="The learning rate was not tuned for each size.", zh="没有为每个取值重调学习率。"),
            missing=(Text(en="a round with the learning rate as nuisance", zh="把学习率当冗余超参的一轮"),),
        )
    if finding.label == "yes":
        return warns(
            Text(
                en="{value} does better: look at tuning, number of steps and batch norm before believing it.",
                zh="{value} 明显更好：先看调得公不公平、步数够不够、batch norm 有没有影响，别急着信。",
            ).fill(value=finding.value),
            finding,
        )
    if finding.label == "unknown":
        return cannot_tell(Text(en="Whether sizes differ cannot be told.", zh="各取值有没有差别还说不清。"), finding)
    return passes(Text(en="The sizes end close together.", zh="各取值效果差不多。"), finding)


def _tuned_apart(measured: Measured) -> Judgement:
    """What `measure batch-size-compare` said, where no round compares sizes."""
    last = measured.last("batch-size-compare")
    if last is None:
        return does_not_apply(Text(en="One batch size only.", zh="只有一个 batch size。"))
    outcome = last.word("outcome")
    if outcome == "no-difference":
        return passes(Text(en="The sizes end close together.", zh="各取值效果差不多。"))
    if outcome == "difference":
        return warns(
            Text(
                en="Tuned anew, the sizes still end apart: look at tuning, number of steps and batch norm before believing it.",
                zh="各自重调之后仍有差别：先看调得公不公平、步数够不够、batch norm 有没有影响，别急着信。",
            )
        )
    return cannot_tell(
        Text(en="Whether sizes differ cannot be told.", zh="各取值有没有差别还说不清。"),
        missing=(Text(en="every size tuned equally well", zh="每个取值都调得一样到位"),),
        actions=(measure("batch-size-compare"),),
    )


def _tuned_anew(outcome: str) -> Measured:
    return measured(**{"batch-size-compare": {"outcome": outcome}})


def _batch_round(**changed: object) -> Round:
    return planned_round(
        **{"scientific": {"batch_size": (64, 128)}, "roles": {"lr": "nuisance", "batch_size": "scientific"}, **changed}
    )


def _compared(label: str) -> IsolationFinding:
    missing = (Text(en="more trials", zh="更多试验"),) if label == "unknown" else ()
    return IsolationFinding(label=label, p={"yes": 0.9, "no": 0.1}.get(label), n=16, value=128, missing=missing)  # type: ignore[arg-type]


RULES: tuple[Rule, ...] = (
    not_a_metric_knob,
    equal_limit,
)
