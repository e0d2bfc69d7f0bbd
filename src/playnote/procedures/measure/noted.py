"""optimizer, architecture, evaluation, hosts: what the training code itself can look at, noted in one short trial.

`playnote.training` looks at the live optimizer, model, evaluation or processes; the training code puts what it found into
`trial.facts` under the procedure's name, and one short trial of the baseline carries it into the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playnote.errors import InputError
from playnote.playbook.measured import PROCEDURES
from playnote.procedures.measure.bench import Bench
from playnote.procedures.measure.contract import Ask, Found, Point, Seen, Steps, look
from playnote.text import Text, same

# How the training code looks at each, in one line of its own.
LOOKS: Mapping[str, str] = {
    "optimizer": "check_optimizer(lambda p: torch.optim.AdamW(p, lr=lr)).as_facts()",
    "architecture": "look_at(model, example_batch).as_facts()",
    "evaluation": "depends_on_batch(lambda size: evaluate(model, size)).as_facts()",
    "hosts": "dict(compare_hosts(gather(facts_of_this_process), examples).numbers)",
}


def noted(name: str) -> Callable[[Bench], Steps]:
    """The procedure of this name."""

    def procedure(bench: Bench) -> Steps:
        steps = int(bench.option("steps", bench.settings["measure.glance"]))
        point = Point(configuration=bench.baseline, seed=bench.seed(0), steps=min(steps, bench.total))
        (seen,) = yield from look(Ask(points=(point,), exact=False))
        return _found(name, seen)

    return procedure


def _found(name: str, seen: Seen) -> Found:
    facts = seen.facts.get(name)
    if not isinstance(facts, Mapping) or not facts:
        if seen.told:
            raise not_noted(name, seen.trial)
        return Found(label="unknown", message=_FAILED)
    known = {key: facts[key] for key in facts if key in PROCEDURES[name].reads}
    return Found(
        label="yes" if known else "unknown",
        message=_NOTED.fill(
            what=PROCEDURES[name].text, said=same(", ".join(f"{k} = {_cell(v)}" for k, v in known.items()))
        ),
        results=((name, dict(facts)),),
    )


def _cell(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value) or "-"


def not_noted(name: str, trial: str) -> InputError:
    """The training code noted nothing; with the line to write."""
    return InputError(
        Text(
            en="Trial {id} noted nothing under {name!r}: only the training code can look.",
            zh="试验 {id} 没有记下 {name!r}：这件事只有训练代码自己能看。",
        ).fill(id=trial, name=name),
        fix=Text(
            en="In the training code, import from playnote.training.{module} and write: trial.facts[{name!r}] = {look}",
            zh="在训练代码里从 playnote.training.{module} 导入，并写：trial.facts[{name!r}] = {look}",
        ).fill(module=name, name=name, look=same(LOOKS[name])),
    )


_NOTED = Text(en="Noted ({what}): {said}.", zh="已记录（{what}）：{said}。")
_FAILED = Text(
    en="The trial failed for another reason; run the same command again.", zh="试验因别的原因失败；请再运行同一命令。"
)
