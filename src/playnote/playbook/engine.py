"""Runs rules over a state: one call per target of a rule's scope, each fact computed once.

Rules that take `EarlierVerdicts` (gates, roll-ups, the agent's nine checks) run in a
second pass, over the verdicts of the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

from playnote.playbook.facts import PROVIDERS, Provider, Target
from playnote.playbook.rule import Rule, Scope
from playnote.playbook.verdict import Verdict
from playnote.records.state import ProjectState

T = TypeVar("T")


@dataclass(frozen=True)
class EarlierVerdicts:
    """Verdicts of the first pass, by rule id."""

    verdicts: tuple[Verdict, ...] = ()

    def of(self, *prefixes: str) -> tuple[Verdict, ...]:
        """Those whose rule id begins with one of the prefixes."""
        return tuple(v for v in self.verdicts if v.rule.startswith(prefixes))

    def worst(self, *prefixes: str) -> str:
        """fail, unknown, warn, pass or not-applicable: the first of these among them; a waived fail counts as warn."""
        statuses = {"warn" if v.waived and v.status == "fail" else v.status for v in self.of(*prefixes)}
        return next((s for s in ("fail", "unknown", "warn", "pass") if s in statuses), "not-applicable")


@dataclass
class Facts:
    """What has been computed for one state, so that nothing is computed twice."""

    state: ProjectState
    providers: Mapping[type, Provider] = field(default_factory=lambda: PROVIDERS)
    computed: dict[tuple[type, Target], object] = field(default_factory=dict)

    def give(self, kind: type[T], target: Target) -> T:
        """The value of a type for a target, shared by all targets that it does not tell apart."""
        provider = self.providers[kind]
        key = (kind, provider.narrowed(target))
        if key not in self.computed:
            self.computed[key] = provider.function(self, key[1])
        return cast(T, self.computed[key])


def judge_rules(
    rules: Iterable[Rule],
    state: ProjectState,
    facts: Facts | None = None,
    rounds: Collection[int] | None = None,
) -> tuple[Verdict, ...]:
    """Every verdict of these rules on the state, in the rules' order; roll-ups see all the others.

    rounds  numbers of the rounds to judge, None for all of them; rules about the whole project always speak
    """
    rules = tuple(rules)
    facts = facts or Facts(state)
    waivers = waived_rules(state)
    about = {scope: tuple(targets(scope, state, rounds)) for scope in Scope}
    first = [rule for rule in rules if EarlierVerdicts not in rule.needs]
    verdicts = [v for rule in first for v in _of_rule(rule, about[rule.scope], facts, waivers, EarlierVerdicts())]
    earlier = EarlierVerdicts(tuple(verdicts))
    for rule in rules:
        if EarlierVerdicts in rule.needs:
            verdicts.extend(_of_rule(rule, about[rule.scope], facts, waivers, earlier))
    order = {rule.id: place for place, rule in enumerate(rules)}
    return tuple(sorted(verdicts, key=lambda verdict: order[verdict.rule]))


def waived_rules(state: ProjectState) -> dict[str, str]:
    """Rule id to "actor: reason" for every waiver in force; one without a reason is none."""
    return {
        str(e.data["rule"]): f"{e.actor}: {e.data['because']}"
        for e in state.events("waiver")
        if str(e.data["because"]).strip()
    }


def targets(scope: Scope, state: ProjectState, rounds: Collection[int] | None = None) -> Iterator[Target]:
    """What a rule of this scope is called for, in these rounds (None: in all)."""
    judged = [each for each in state.rounds if rounds is None or each.number in rounds]
    if scope is Scope.PROJECT:
        yield Target()
    elif scope is Scope.ROUND:
        yield from (Target(round=each.number) for each in judged)
    elif scope is Scope.HYPERPARAMETER:
        yield from (Target(round=each.number, hyperparameter=name) for each in judged for name in each.space.names)
    else:
        yield from (
            Target(round=trial.round, trial=trial.id)
            for trial in state.trials
            if rounds is None or trial.round in rounds
        )


def _of_rule(
    rule: Rule, about: Iterable[Target], facts: Facts, waivers: Mapping[str, str], earlier: EarlierVerdicts
) -> Iterator[Verdict]:
    for target in about:
        arguments = [earlier if kind is EarlierVerdicts else facts.give(kind, target) for kind in rule.needs]
        found = rule.check(*arguments)
        named = target.as_mapping()
        yield Verdict(
            id=":".join([rule.id, *(f"{value}" for value in named.values())]),
            rule=rule.id,
            status=found.status,
            target=named,
            message=found.message,
            findings=found.findings,
            missing=found.missing,
            actions=found.actions,
            waived=waivers.get(rule.id),
        )
