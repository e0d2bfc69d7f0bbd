"""Appendix D.2 and body D.2, the optimizer: an established one, few knobs first."""

from __future__ import annotations

from playnote.playbook.examples import answers, planned_round, project, state
from playnote.playbook.examples_seen import measured
from playnote.playbook.facts import Answers
from playnote.playbook.facts.measurements import Measured
from playnote.playbook.facts.recipe import RATES, Recipe, plain
from playnote.playbook.measured import measure, not_measured
from playnote.playbook.rule import Level, Rule, Scope, fires, rule, silent
from playnote.playbook.said import ask, is_no, is_yes, not_said
from playnote.playbook.verdict import Judgement, cannot_tell, does_not_apply, fails, passes, warns
from playnote.records.project import Project
from playnote.records.round import Round
from playnote.records.state import ProjectState
from playnote.text import Text, same

_GENERAL = frozenset({"sgd", "momentum", "sgdm", "nesterov", "adam", "nadam", "adamw", "adafactor"})
_PUBLISHED = frozenset(
    [
        "adagrad",
        "adadelta",
        "adamax",
        "radam",
        "rmsprop",
        "lamb",
        "lars",
        "lion",
        "shampoo",
        "soap",
        "muon",
        "sophia",
        "adabelief",
        "ademamix",
        "lookahead",
        "novograd",
        "lbfgs",
        "prodigy",
        "yogi",
    ]
)
_VISION = frozenset({"sgd", "momentum", "sgdm", "nesterov", "adamw"})
_LANGUAGE = frozenset({"adamw", "adafactor"})
_DOMAINS = {
    "vision": _VISION, "image": _VISION, "video": _VISION, "图像": _VISION, "视觉": _VISION,
    "language": _LANGUAGE, "text": _LANGUAGE, "nlp": _LANGUAGE, "transformer": _LANGUAGE, "文本": _LANGUAGE, "语言": _LANGUAGE,
}  # fmt: skip
_NO_OPTIMIZER = Text(en="The optimizer is not declared.", zh="没有声明优化器。")
_OPTIMIZER = (
    Text(
        en="an `optimizer` among the hyperparameters (one choice will do), or in `task`",
        zh="[hyperparameters] 里的 `optimizer`（一个选项也行），或 `task` 里写上",
    ),
)
_ADAM_DEFAULTS = {"beta1": (0.9,), "beta2": (0.999,), "epsilon": (1e-8, 1e-7)}


@rule(
    "D2-mature-optimizer",
    Level.MUST,
    Scope.PROJECT,
    sections=("body:D.2", "app:D.2"),
    phase="baseline",
    text=Text(
        en="The first optimizer is an established one: SGD with momentum, Adam and its kin, Adafactor.",
        zh="起步的优化器要成熟常见：带动量的 SGD、Adam 一族、Adafactor。",
    ),
    examples=(
        silent(lambda: (Recipe(optimizer="adamw"),)),
        fires("warn", lambda: (Recipe(optimizer="lion"),)),
        fires("warn", lambda: (Recipe(optimizer="ours", said={"optimizer_from": "a paper of 2024"}),)),
        fires("fail", lambda: (Recipe(optimizer="my_sgd_v2"),)),
        fires("unknown", lambda: (Recipe(),)),
    ),
)
def mature_optimizer(recipe: Recipe) -> Judgement:
    """By name; a published one outside the short list warns, one that nobody knows and no reference names fails."""
    name = recipe.optimizer
    if name is None:
        return cannot_tell(_NO_OPTIMIZER, missing=_OPTIMIZER)
    if _known(name) in _GENERAL:
        return passes(Text(en="{name} is established.", zh="{name} 是成熟的优化器。").fill(name=name))
    if _known(name) in _PUBLISHED or is_yes(recipe.said.get("optimizer_from")):
        return warns(
            Text(en="{name} is published, but not a usual start.", zh="{name} 有出处，但不是常用的起点。").fill(
                name=name
            )
        )
    return fails(Text(en="{name} is not a known optimizer.", zh="没听说过 {name} 这个优化器。").fill(name=name))


@rule(
    "D2-by-domain",
    Level.MUST,
    Scope.PROJECT,
    sections=("app:D.2",),
    phase="baseline",
    text=Text(
        en="Pictures: SGD with momentum, Nesterov or AdamW. Language and Transformers: AdamW, Adafactor if need be.",
        zh="图像用带动量的 SGD、Nesterov 或 AdamW；语言和 Transformer 用 AdamW，必要时 Adafactor。",
    ),
    examples=(
        silent(lambda: (Recipe(optimizer="sgd", said={"modality": "image"}),)),
        silent(lambda: (Recipe(optimizer="adam", said={"modality": "tabular"}),), "not-applicable"),
        fires("warn", lambda: (Recipe(optimizer="sgd", said={"domain": "language"}),)),
        fires("unknown", lambda: (Recipe(optimizer="sgd"),)),
        fires("unknown", lambda: (Recipe(said={"modality": "image"}),)),
    ),
)
def by_domain(recipe: Recipe) -> Judgement:
    """`task.domain` or `task.modality` against the optimizer; other domains are left to the general list."""
    domain = " ".join(recipe.said.get(key, "") for key in ("domain", "modality", "family")).strip().lower()
    if not domain:
        missing = (Text(en="`modality` in `task`", zh="`task` 里的 `modality`"),)
        return cannot_tell(Text(en="The domain is not declared.", zh="没有声明领域。"), missing=missing)
    lists = [names for word, names in _DOMAINS.items() if word in domain]
    if not lists:
        return does_not_apply(
            Text(en="No usual optimizer for {what}.", zh="{what} 没有惯用的优化器。").fill(what=domain)
        )
    if recipe.optimizer is None:
        return cannot_tell(_NO_OPTIMIZER, missing=_OPTIMIZER)
    said = {"name": recipe.optimizer, "what": same(domain), "usual": ", ".join(sorted(frozenset().union(*lists)))}
    if any(_known(recipe.optimizer) in names for names in lists):
        return passes(Text(en="{name} is usual for {what}.", zh="{what} 常用 {name}。").fill(**said))
    return warns(
        Text(en="{name} for {what}; usual: {usual}.", zh="{what} 用了 {name}；常用的是 {usual}。").fill(**said)
    )


@rule(
    "D2-all-hparams-matter",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:D.2",),
    phase="study-design",
    text=Text(
        en="An optimizer has several settings, and each of them deserves tuning before the last search.",
        zh="优化器的超参不止一个，最后压榨性能之前，每个都该认真调过。",
    ),
    examples=(
        silent(lambda: (Recipe(optimizer_names=("lr",)), state()), "not-applicable"),
        silent(lambda: (Recipe(optimizer_names=("lr",)), state(rounds=(planned_round(), _last())))),
        fires("warn", lambda: (Recipe(optimizer_names=("lr", "beta1")), state(rounds=(planned_round(), _last())))),
    ),
)
def all_hparams_matter(recipe: Recipe, state: ProjectState) -> Judgement:
    """Judged once a round searches by results: which of the optimizer's settings was never tuned before?"""
    if not any(each.sampler == "bayes" for each in state.rounds):
        return does_not_apply(Text(en="The last search has not begun.", zh="还没到最后压榨的阶段。"))
    tuned = {name for each in state.rounds for name, role in each.roles.items() if role != "fixed"}
    never = [name for name in recipe.optimizer_names if name not in tuned]
    if never:
        return warns(Text(en="Never tuned: {names}.", zh="从没调过：{names}。").fill(names=", ".join(never)))
    return passes(
        Text(en="All were tuned: {names}.", zh="都调过：{names}。").fill(names=", ".join(recipe.optimizer_names) or "-")
    )


@rule(
    "D2-few-hparams-first",
    Level.SHOULD,
    Scope.ROUND,
    sections=("body:D.2",),
    phase="baseline",
    text=Text(
        en="At first only the learning rate moves; momentum, the betas and epsilon stay where they are.",
        zh="初期只盯学习率：动量、β1、β2、ε 先固定。",
    ),
    examples=(
        silent(lambda: (planned_round(), Recipe(optimizer_names=("lr",)), project())),
        silent(lambda: (planned_round(number=2), Recipe(optimizer_names=("lr",)), project()), "not-applicable"),
        fires("warn", lambda: (_many_knobs(), Recipe(optimizer_names=("lr", "beta1")), project())),
    ),
)
def few_hparams_first(round: Round, recipe: Recipe, project: Project) -> Judgement:
    """First round only: warn where more than the learning rate is searched with fewer trials a study than the setting."""
    if round.number != 1:
        return does_not_apply(Text(en="Past the first round.", zh="已经过了第一轮。"))
    others = [name for name in round.space.names if name in recipe.optimizer_names and plain(name) not in RATES]
    fewest = round.fewest
    if others and fewest < project.settings["rule_adam_beta1"]:
        return warns(
            Text(
                en="{names} searched besides the learning rate with {n} trials a value.",
                zh="每个取值只有 {n} 个试验，除了学习率还在搜 {names}。",
            ).fill(names=", ".join(others), n=fewest)
        )
    return passes(Text(en="Few settings of the optimizer are searched.", zh="搜的优化器超参不多。"))


@rule(
    "D2-initial-lr",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:D.2",),
    phase="baseline",
    text=Text(
        en="The first learning rate is set, and somebody knows where it comes from.",
        zh="学习率的初值定了，也说得出来历。",
    ),
    asks=Text(
        en="Where does the baseline's learning rate come from: a reference, a sweep, a guess?",
        zh="baseline 的学习率从哪来：参考工作、扫描、还是猜的？",
    ),
    by="lr",
    examples=(
        silent(lambda: (_with_rate(lr_from="the reference"), measured(), answers())),
        silent(lambda: (_with_rate(), measured(lr={"best": 0.1}), answers())),
        fires("warn", lambda: (_with_rate(), measured(), answers(D2_initial_lr="a guess"))),
        fires("unknown", lambda: (_with_rate(), measured(), answers())),
        fires("unknown", lambda: (Recipe(), measured(), answers())),
    ),
)
def initial_lr(recipe: Recipe, measured: Measured, answers: Answers) -> Judgement:
    """A value with a source: declared (`task.lr_from`), answered, or a sweep that was run."""
    if recipe.rate is None or recipe.rate[1] is None:
        missing = (Text(en="the learning rate in [baseline]", zh="[baseline] 里的学习率"),)
        return cannot_tell(Text(en="The baseline has no learning rate.", zh="baseline 里没有学习率。"), missing=missing)
    name, value = recipe.rate
    source = answers.to("D2-initial-lr") or recipe.said.get("lr_from")
    if source and ("guess" in source.lower() or "猜" in source or is_no(source)):
        return warns(
            Text(en="{name} = {value} is a guess.", zh="{name} = {value} 是猜的。").fill(name=name, value=value),
            actions=(measure("lr"),),
        )
    if source or measured.last("lr") is not None:
        return passes(
            Text(en="{name} = {value}, from {source}.", zh="{name} = {value}，来自{source}。").fill(
                name=name, value=value, source=same(source) if source else Text(en="a sweep", zh="扫描")
            )
        )
    return cannot_tell(
        Text(en="Where {name} = {value} comes from is not said.", zh="没说 {name} = {value} 从哪来。").fill(
            name=name, value=value
        ),
        missing=(not_measured("lr"), Text(en="or an answer", zh="或者一个回答")),
        actions=(ask("D2-initial-lr"), measure("lr")),
    )


@rule(
    "D2-adam-defaults",
    Level.DECIDE,
    Scope.PROJECT,
    sections=("app:D.2",),
    phase="baseline",
    text=Text(
        en="Adam's betas and epsilon stay at the usual values until evidence speaks for others.",
        zh="Adam 的 β1、β2、ε 先用社区默认值，有证据再改。",
    ),
    asks=Text(
        en="Are Adam's beta1, beta2 and epsilon at the framework's defaults? If not, why?",
        zh="Adam 的 β1、β2、ε 用的是框架默认值吗？不是的话为什么？",
    ),
    examples=(
        silent(lambda: (Recipe(optimizer="adam", adam={"beta1": 0.9, "epsilon": 1e-7}), answers())),
        silent(lambda: (Recipe(optimizer="sgd"), answers()), "not-applicable"),
        silent(lambda: (Recipe(optimizer="adamw"), answers(D2_adam_defaults="yes"))),
        silent(
            lambda: (
                Recipe(optimizer="adamw", adam={"beta2": 0.95}, said={"adam_reason": "as in the reference"}),
                answers(),
            )
        ),
        fires("warn", lambda: (Recipe(optimizer="adamw", adam={"beta2": 0.5}), answers())),
        fires("unknown", lambda: (Recipe(optimizer="adamw"), answers())),
    ),
)
def adam_defaults(recipe: Recipe, answers: Answers) -> Judgement:
    """0.9, 0.999 and 1e-8 (PyTorch) or 1e-7 (Keras); other values need a reason (`task.adam_reason` or an answer)."""
    if recipe.optimizer is None:
        return cannot_tell(_NO_OPTIMIZER, missing=_OPTIMIZER)
    if not recipe.adaptive:
        return does_not_apply(Text(en="{name} is not Adam.", zh="{name} 不是 Adam。").fill(name=recipe.optimizer))
    said = answers.to("D2-adam-defaults") or recipe.said.get("adam_reason")
    other = [
        f"{part} = {value:g}"
        for part, value in recipe.adam.items()
        if not any(abs(value - usual) <= 1e-6 * usual for usual in _ADAM_DEFAULTS[part])
    ]
    if other and not is_yes(said):
        return warns(Text(en="{names}, without a reason.", zh="{names}，没有理由。").fill(names=", ".join(other)))
    if recipe.adam or is_yes(said):
        reason = same(said) if said else Text(en="the usual values", zh="默认值")
        return passes(Text(en="Betas and epsilon: {why}.", zh="β 和 ε：{why}。").fill(why=reason))
    if is_no(said):
        return warns(Text(en="Not the defaults: {said}", zh="不是默认值：{said}").fill(said=same(said or "")))
    return not_said("D2-adam-defaults", Text(en="Adam's betas and epsilon", zh="Adam 的 β 和 ε"))


@rule(
    "D2-update-rules",
    Level.ADVICE,
    Scope.PROJECT,
    sections=("body:13",),
    phase="baseline",
    text=Text(
        en="SGD, momentum (velocity sums raw gradients) and Adam (corrected root, then epsilon) mean one thing each.",
        zh="SGD、动量（速度累加原始梯度）、Adam（先校正开方再加 ε）各有标准更新式。",
    ),
    by="optimizer",
    examples=(
        silent(lambda: (measured(optimizer={"agrees": True, "convention": "standard"}),)),
        fires("warn", lambda: (measured(optimizer={"agrees": False, "convention": "epsilon-hat"}),)),
        fires("fail", lambda: (measured(optimizer={"agrees": False, "convention": ""}),)),
        fires("unknown", lambda: (measured(),)),
    ),
)
def update_rules(measured: Measured) -> Judgement:
    """The framework's step against the reference step on fixed gradients."""
    found = measured.last("optimizer")
    if found is None or found.flag("agrees") is None:
        return cannot_tell(
            Text(en="The optimizer's step was not compared with the reference.", zh="还没拿优化器的一步和标准式对过。"),
            missing=(not_measured("optimizer"),),
            actions=(measure("optimizer"),),
        )
    if found.flag("agrees"):
        return passes(Text(en="The framework's step is the reference step.", zh="框架的一步和标准式一致。"))
    if found.word("convention"):
        return warns(
            Text(
                en="The framework follows another convention ({name}): values do not carry over unchanged.",
                zh="框架用的是另一种写法（{name}）：数值不能照搬。",
            ).fill(name=found.word("convention"))
        )
    return fails(Text(en="The framework's step follows no known convention.", zh="框架的一步和哪种写法都对不上。"))


def _known(name: str) -> str:
    """The family of an optimizer's name: "torch.optim.AdamW" is adamw, "sgd_momentum" sgd."""
    word = plain(name).replace("-", "_")
    return word.split("_")[0] if word.startswith(("sgd_", "nesterov_", "momentum_")) else word


def _with_rate(**said: str) -> Recipe:
    return Recipe(rate=("lr", 0.1), said=said)


def _last() -> Round:
    return planned_round(number=2, sampler="bayes")


def _many_knobs() -> Round:
    from playnote.playbook.examples import LR
    from playnote.space.hyperparameter import Float
    from playnote.space.space import Space

    return planned_round(space=Space((LR, Float(name="beta1", low=0.8, high=0.99))))


RULES: tuple[Rule, ...] = (
    mature_optimizer,
    by_domain,
    all_hparams_matter,
    few_hparams_first,
    initial_lr,
    adam_defaults,
    update_rules,
)
