"""Roll-ups: one judgement over the verdicts of other rules."""

from __future__ import annotations

from collections.abc import Sequence

from playnote.playbook.engine import EarlierVerdicts
from playnote.playbook.examples_seen import said
from playnote.playbook.verdict import Action, Judgement, Status, cannot_tell, fails, passes
from playnote.text import Text, same

OPEN = Text(en="not decided yet: {rules}", zh="还没定：{rules}")


def rolled(earlier: EarlierVerdicts, of: Sequence[str]) -> Judgement:
    """Fail where any fails, unknown where any is or nothing was judged, else pass; a waived fail does not count."""
    verdicts = [each for each in earlier.of(*of) if not each.waived]
    failed = [each.rule for each in verdicts if each.status == "fail"]
    if failed:
        return fails(
            Text(en="Fails: {rules}.", zh="没过：{rules}。").fill(rules=same(_named(failed))),
            actions=(Action(Text(en="Look at the rule.", zh="看这条规则。"), f"playnote rule {failed[0]}"),),
        )
    unknown = [each.rule for each in verdicts if each.status == "unknown"]
    if unknown or not any(each.status in ("pass", "warn") for each in verdicts):
        rules = same(_named(unknown) or ", ".join(of))
        return cannot_tell(
            Text(en="Not decided yet: {rules}.", zh="还没定：{rules}。").fill(rules=rules),
            missing=(OPEN.fill(rules=rules),),
        )
    return passes(Text(en="{n} rules hold.", zh="{n} 条规则都过了。").fill(n=len(verdicts)))


def _named(rules: list[str]) -> str:
    once = list(dict.fromkeys(rules))
    return ", ".join(once[:3]) + (f" +{len(once) - 3}" if len(once) > 3 else "")


def earlier(**verdicts: Status) -> EarlierVerdicts:
    """Earlier verdicts by rule id, written with underscores: what examples are built from."""
    return EarlierVerdicts(tuple(said(name.replace("_", "-"), status) for name, status in verdicts.items()))
