"""Every rule, in the playbook's order."""

from __future__ import annotations

from playnote.errors import NotFoundError
from playnote.playbook import (
    a_principles,
    b_prerequisites,
    c1_objective,
    c2_splits,
    d1_architecture,
    d2_optimizer,
    d3_batch_change,
    d3_batch_size,
    d4_baseline,
    d4_schedule,
    e0_loop,
    e1_question,
    e2_search,
    e2_space,
    e2_study,
    e3_boundary,
    e3_comparison,
    e3_curves,
    e3_density,
    e3_ends,
    e3_errors,
    e4_adoption,
    f1_gaps,
    f1_remedies,
    f2_labels,
    f3_end_to_end,
    f3_transfer,
    g1_rounds,
    g1_steps,
    g2_architecture,
    g2_clipping,
    g2_restraint,
    g2_signs,
    g2_warmup,
    h1_input,
    h2_checkpoints,
    h2_evaluation,
    h3_tracking,
    h4_hosts,
    i_agent,
    x_evaluation,
    x_studies,
)
from playnote.playbook.rule import Rule
from playnote.text import Text

CATALOG: tuple[Rule, ...] = (
    *a_principles.RULES,
    *b_prerequisites.RULES,
    *c1_objective.RULES,
    *c2_splits.RULES,
    *d1_architecture.RULES,
    *d2_optimizer.RULES,
    *d3_batch_size.RULES,
    *d3_batch_change.RULES,
    *d4_baseline.RULES,
    *d4_schedule.RULES,
    *e0_loop.RULES,
    *e1_question.RULES,
    *e2_study.RULES,
    *e2_search.RULES,
    *e2_space.RULES,
    *e3_boundary.RULES,
    *e3_density.RULES,
    *e3_curves.RULES,
    *e3_ends.RULES,
    *e3_errors.RULES,
    *e3_comparison.RULES,
    *e4_adoption.RULES,
    *f1_gaps.RULES,
    *f1_remedies.RULES,
    *f2_labels.RULES,
    *f3_transfer.RULES,
    *f3_end_to_end.RULES,
    *g1_steps.RULES,
    *g1_rounds.RULES,
    *g2_signs.RULES,
    *g2_warmup.RULES,
    *g2_clipping.RULES,
    *g2_architecture.RULES,
    *g2_restraint.RULES,
    *h1_input.RULES,
    *h2_evaluation.RULES,
    *h2_checkpoints.RULES,
    *h3_tracking.RULES,
    *h4_hosts.RULES,
    *i_agent.RULES,
    *x_studies.RULES,
    *x_evaluation.RULES,
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in CATALOG}


def find_rules(words: str) -> tuple[Rule, ...]:
    """Rules whose id, section or text holds every word, in either language; an exact id gives that rule alone."""
    if words in BY_ID:
        return (BY_ID[words],)
    wanted = words.lower().split()
    found = tuple(rule for rule in CATALOG if all(word in _searched(rule) for word in wanted))
    if not found:
        raise NotFoundError(
            Text(en="No rule matches {words!r}.", zh="没有规则匹配 {words!r}。").fill(words=words),
            fix=Text(
                en="Try an id (E3-boundary), a section (app:E.3) or a word (dropout).",
                zh="试试编号（E3-boundary）、章节（app:E.3）或关键词（边界）。",
            ),
        )
    return found


def _searched(rule: Rule) -> str:
    return " ".join((rule.id, *rule.sections, rule.text.en, rule.text.zh, rule.phase, rule.level)).lower()
