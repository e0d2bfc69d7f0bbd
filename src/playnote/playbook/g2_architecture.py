"""Appendix G.2 and body 9.4: what in the model's blocks keeps training stable."""

from __future__ import annotations

from collections.abc import Mapping

from playnote.playbook.examples import answers, project
from playnote.playbook.examples_seen import measured, shaky, steady
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured, Measurement
from playnote.playbook.facts.stability import Stability
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, is_yes
from playnote.playbook.verdict import Action, Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.text import Text, same

_DEEP: Mapping[str, object] = {
    "blocks": 24,
    "residual": True,
    "normalized": True,
    "initialized": True,
    "placement": "pre",
    "zero_init": True,
}
_PARTS = (
    ("residual", Text(en="residual connections", zh="残差连接")),
    ("normalized", Text(en="normalization", zh="归一化")),
    ("initialized", Text(en="a sound initialization", zh="合理的初始化")),
)


@rule(
    "G2-arch-basics",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("body:9.4", "app:G.2"),
    phase="stability",
    text=Text(
        en="Residual connections, standard normalization (BN or LN) and a sound initialization are there.",
        zh="有残差连接、标准归一化（BN/LN）和合理的初始化。",
    ),
    by="architecture",
    asks=Text(
        en="Does the model have residuals, normalization and a standard initialization (or is it too shallow to need them)?",
        zh="模型有残差、归一化和标准初始化吗（或浅到用不着）？",
    ),
    examples=(
        silent(lambda: (measured(architecture=_DEEP), steady(), project(), answers())),
        silent(lambda: (measured(), steady(), project(), answers(G2_arch_basics="yes, a ResNet"))),
        silent(lambda: (measured(architecture={"blocks": 3, "residual": False}), steady(), project(), answers())),
        fires("warn", lambda: (measured(architecture={**_DEEP, "residual": False}), steady(), project(), answers())),
        fires("fail", lambda: (measured(architecture={**_DEEP, "residual": False}), shaky(), project(), answers())),
        fires("unknown", lambda: (measured(), steady(), project(), answers())),
    ),
)
def arch_basics(measured: Measured, stability: Stability, project: Project, answers: Answers) -> Judgement:
    """Fail where a part is missing and training is unstable; warn where a deep model lacks one."""
    last, answer = measured.last("architecture"), answers.to("G2-arch-basics")
    if last is None and answer is None:
        return cannot_tell(
            Text(en="The model has not been inspected.", zh="还没检查过模型结构。"),
            missing=(not_measured("architecture"),),
            actions=(measure("architecture"), ask("G2-arch-basics")),
        )
    absent = [text for name, text in _PARTS if last is not None and last.flag(name) is False]
    if last is None and is_yes(answer):
        return passes(Text(en="Declared: {said}", zh="已声明：{said}").fill(said=same(answer or "")))
    if not absent and not (last is None and is_no(answer)):
        return passes(Text(en="All three are there.", zh="三样都有。"))
    first = absent[0] if absent else _PARTS[0][1]
    said = Text(en="Missing: {what}.", zh="缺少：{what}。").fill(what=first)
    if stability.open:
        return fails(said, *stability.shaking, actions=(Action(Text(en="Add it.", zh="补上。")),))
    deep = last is None or (last.number_of("blocks") or 0) > project.settings["rule_deep_blocks"]
    return warns(said) if deep else passes(Text(en="{said} Shallow enough.", zh="{said}模型浅，可以。").fill(said=said))


@rule(
    "G2-norm-placement",
    Level.SHOULD,
    Scope.PROJECT,
    sections=("body:9.4",),
    phase="stability",
    text=Text(
        en="In residual blocks, normalization stands on the branch: x + f(Norm(x)), or the playbook's earlier form "
        "x + Norm(f(x)); not Norm(x + f(x)).",
        zh="残差结构里归一化放在分支上：x + f(Norm(x))，或早期写法 x + Norm(f(x))；不用 Norm(x + f(x))。",
    ),
    by="architecture",
    asks=Text(
        en="Where does normalization stand in the residual blocks: pre, branch-post, outer, or none?",
        zh="残差块里归一化放在哪：pre、branch-post、outer，还是没有残差（none）？",
    ),
    examples=(
        silent(lambda: (measured(architecture=_DEEP), steady(), answers())),
        silent(lambda: (measured(), steady(), answers(G2_norm_placement="branch-post"))),
        silent(lambda: (measured(), steady(), answers(G2_norm_placement="none")), "not-applicable"),
        fires("warn", lambda: (measured(), steady(), answers(G2_norm_placement="outer"))),
        fires("fail", lambda: (measured(architecture={**_DEEP, "placement": "outer"}), shaky(), answers())),
        fires("unknown", lambda: (measured(), steady(), answers())),
    ),
)
def norm_placement(measured: Measured, stability: Stability, answers: Answers) -> Judgement:
    """Both placements on the branch pass; around the sum warns, and fails while training is unstable."""
    last = measured.last("architecture")
    place = _placement(last, answers.to("G2-norm-placement"))
    if place is None:
        return cannot_tell(
            Text(en="Where normalization stands is not known.", zh="不知道归一化放在哪。"),
            missing=(Text(en="pre, branch-post, outer or none", zh="pre、branch-post、outer 或 none"),),
            actions=(ask("G2-norm-placement"), measure("architecture")),
        )
    if place == "none":
        return does_not_apply(Text(en="No residual blocks.", zh="没有残差块。"))
    if place != "outer":
        return passes(Text(en="On the branch ({place}).", zh="在分支上（{place}）。").fill(place=place))
    said = Text(en="Around the sum: Norm(x + f(x)).", zh="包住了相加：Norm(x + f(x))。")
    move = Action(Text(en="Move it to the branch: x + f(Norm(x)).", zh="移到分支上：x + f(Norm(x))。"))
    return fails(said, *stability.shaking, actions=(move,)) if stability.open else warns(said, actions=(move,))


@rule(
    "G2-zero-init-residual",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:9.4",),
    phase="stability",
    text=Text(
        en="Consider starting the scale of the residual branch at 0 (as ReZero does), to calm a deep net.",
        zh="可考虑把残差分支前的 scale 初始化为 0（ReZero 风格），减轻深层不稳定。",
    ),
    by="architecture",
    examples=(
        silent(lambda: (measured(architecture=_DEEP), shaky(), project())),
        silent(lambda: (measured(), steady(), project()), "not-applicable"),
        silent(lambda: (measured(architecture={"blocks": 3}), shaky(), project()), "not-applicable"),
        fires("warn", lambda: (measured(architecture={**_DEEP, "zero_init": False}), shaky(), project())),
        fires("unknown", lambda: (measured(), shaky(), project())),
    ),
)
def zero_init_residual(measured: Measured, stability: Stability, project: Project) -> Judgement:
    """Only for deep models that are unstable."""
    if not stability.open:
        return does_not_apply(Text(en="Training is not clearly unstable.", zh="训练没有明显不稳定。"))
    last = measured.last("architecture")
    blocks = last.number_of("blocks") if last is not None else None
    if last is None or blocks is None:
        return cannot_tell(
            Text(en="The model has not been inspected.", zh="还没检查过模型结构。"),
            missing=(not_measured("architecture"),),
            actions=(measure("architecture"),),
        )
    if blocks <= project.settings["rule_deep_blocks"]:
        return does_not_apply(Text(en="The model is shallow.", zh="模型较浅。"))
    if last.flag("zero_init"):
        return passes(Text(en="The branches start at about 0.", zh="残差分支从接近 0 起。"))
    return warns(
        Text(en="Deep and unstable, and the branches do not start at 0.", zh="又深又不稳，残差分支却不是从 0 起。"),
        *stability.shaking,
        actions=(Action(Text(en="Start the branch's scale at 0.", zh="把分支的 scale 初始化为 0。")),),
    )


def _placement(last: Measurement | None, answer: str | None) -> str | None:
    """pre, branch-post, outer, none; None where neither says."""
    said = ((last.word("placement") if last is not None else "") or answer or "").lower().replace(" ", "")
    for place, words in (
        ("outer", ("outer", "norm(x+", "post-norm", "postnorm")),
        ("branch-post", ("branch", "x+norm(f")),
        ("pre", ("pre", "f(norm(")),
        ("none", ("none", "no", "没有", "无")),
    ):
        if said and any(said.startswith(word) or (len(word) > 4 and word in said) for word in words):
            return place
    return None


RULES: tuple[Rule, ...] = (arch_basics, norm_placement, zero_init_residual)
