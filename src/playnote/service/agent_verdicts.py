"""Verdicts as an agent reads them: what is not a pass, worst first; passes are counted, rows stay behind handles."""

from __future__ import annotations

from playnote.service.guidance import check
from playnote.service.rounds import chosen_round, round_show
from playnote.service.session import Session
from playnote.service.views import Json, metric_view
from playnote.text import Text

_NUMBERS = ("estimate", "interval", "level", "n", "probability")
_ORDER = {"fail": 0, "warn": 1, "unknown": 2}
_DUE = Text(en="the rules that are due now", zh="现在该看的规则")


def agent_verdicts(session: Session, number: int | None = None, *, due: bool = False) -> Json:
    """Verdicts on a round (the open one, or the latest), or with `due` on everything whose time has come.

    Without any round the rules that are due are shown.
    """
    state = session.state()
    if due or (number is None and not state.rounds):
        found = check(session)
        about: Json = {"round": None, "question": None, "answer": {"text": _DUE.as_json(), "status": "unknown"}}
        caveats: Json = {}
    else:
        found = round_show(session, number)
        current = chosen_round(state, number, open_only=False)
        about = {"round": found["round"], "question": found["question"], "answer": found["answer"]}
        caveats = {"fixed": found["fixed"], "roles": found["roles"]}
    shown = [each for each in found["verdicts"] if each["status"] in _ORDER]
    return {
        **about,
        "metric": metric_view(state.project.objective),
        "counts": {name.replace("-", "_"): n for name, n in found["counts"].items()},
        "verdicts": [_view(each) for each in sorted(shown, key=_rank)],
        "caveats": caveats,
        "thresholds": "ev:thresholds",
        "trials": f"ev:r{current.number}/trials" if about["round"] else None,
    }


def _rank(view: Json) -> tuple[bool, int]:
    return bool(view["waived"]), _ORDER[view["status"]]


def _view(view: Json) -> Json:
    measured = any(view[key] is not None for key in ("estimate", "interval", "n", "probability"))
    kept = ("rule", "status", "message", *(_NUMBERS if measured else ()), *(("waived",) * bool(view["waived"])))
    return {
        **{key: view[key] for key in kept},
        "missing": list({each["en"]: each for each in view["missing"]}.values())[:3],
        "target": view["target"],
        "actions": [
            {"text": each["text"], "cli": each["command"], "runs": each["runs"]} for each in view["actions"][:2]
        ],
        "evidence": f"ev:{view['id']}",
    }
