"""What may be read by address: rules, the playbook's sections, reports of rounds, and what is known.

playnote://section/app:E.3        with ?offset=20 for what did not fit
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playnote.errors import InputError, NotFoundError
from playnote.interfaces.mcp.fit import fitted, spoken
from playnote.service import error_analysis, guidance, keep, knowledge, label_audit, metric_audit, ranking
from playnote.service.agent_verdicts import agent_verdicts
from playnote.service.door import DOOR
from playnote.service.evidence import evidence, is_test, no_test
from playnote.service.keep import settings_table
from playnote.service.rounds import chosen_round
from playnote.service.session import Session
from playnote.service.views import Json
from playnote.text import Language, Text

SCHEME = "playnote://"


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of address.

    name     its first part; `tail` names what follows, "" where nothing does
    rows_in  the field whose rows are cut where they do not fit
    """

    name: str
    tail: str
    says: Text
    read: Callable[[Session, str], Json]
    rows_in: str = ""

    @property
    def uri(self) -> str:
        """The address, or its template."""
        return f"{SCHEME}{self.name}" + (f"/{{{self.tail}}}" if self.tail else "")


def read(session: Session, uri: str, language: Language) -> Json:
    """What stands at an address, fitted. Raises NotFoundError, InputError, RefusedError."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    name, _, tail = path.partition("/")
    place = next((each for each in PLACES if each.name == name and bool(each.tail) == bool(tail)), None)
    if not uri.startswith(SCHEME) or place is None:
        raise NotFoundError(
            Text(en="Nothing stands at {uri!r}.", zh="{uri!r} 处没有内容。").fill(uri=uri[:200]),
            fix=Text(en="Addresses: {known}.", zh="可用地址：{known}。").fill(
                known=", ".join(each.uri for each in PLACES)
            ),
        )
    found = spoken(place.read(session, tail), language)
    return fitted(found, place.rows_in, _offset(query))


def _offset(query: str) -> int:
    name, _, value = query.partition("=")
    if not query:
        return 0
    if name != "offset" or not value.isdigit():
        raise InputError(
            Text(en="{query!r} is no offset.", zh="{query!r} 不是偏移量。").fill(query=query[:40]),
            fix=Text(en="Write ?offset=20.", zh="写成 ?offset=20。"),
        )
    return int(value)


def _rules(_: Session, __: str) -> Json:
    return {"sections": guidance.sections()}


def _rule(_: Session, tail: str) -> Json:
    return guidance.rules_about(tail)


def _section(_: Session, tail: str) -> Json:
    kept = ("id", "level", "text", "sections", "asks", "by")
    return {"section": tail, "rules": [{k: each[k] for k in kept} for each in guidance.rules_about(tail)["rules"]]}


def _report(session: Session, tail: str) -> Json:
    if not tail.isdigit():
        raise NotFoundError(
            Text(en="{tail!r} is no round.", zh="{tail!r} 不是轮次编号。").fill(tail=tail[:40]),
            fix=Text(en="Write its number: playnote://report/1.", zh="写编号：playnote://report/1。"),
        )
    number = int(tail)
    current = chosen_round(session.state(), number)
    isolation = evidence(session, f"ev:r{number}/isolation")["rows"] if current.scientific else []
    return {**agent_verdicts(session, number), "closed": current.closed, "values": isolation}


def _labels(session: Session, _: str) -> Json:
    found = label_audit.labels_show(session)
    if is_test(str(found.get("split", ""))):
        raise no_test("labels")
    return found


def _door(_: Session, __: str) -> Json:
    return {"rules": [{"id": name, "text": text.as_json()} for name, text in DOOR.items()]}


def _knowledge(session: Session, _: str) -> Json:
    return knowledge.knowledge(session)


def _ranking(session: Session, _: str) -> Json:
    return ranking.ranking(session)


def _thresholds(session: Session, _: str) -> Json:
    return settings_table(session)


def _errors(session: Session, _: str) -> Json:
    return error_analysis.errors_show(session)


def _metric(session: Session, _: str) -> Json:
    return metric_audit.metric_audit(session)


def _doctor(session: Session, _: str) -> Json:
    return keep.doctor(session)


PLACES: tuple[Place, ...] = (
    Place(
        "rules",
        "",
        Text(en="The playbook's sections and how many rules each has.", zh="手册各节和规则数。"),
        _rules,
        "sections",
    ),
    Place(
        "rule",
        "words",
        Text(en="A rule's page: by id, title or word.", zh="一条规则：按编号、标题或关键词。"),
        _rule,
        "rules",
    ),
    Place(
        "section",
        "section",
        Text(en="The rules of a section: app:E.3, body:2.1.", zh="一节里的规则：app:E.3、body:2.1。"),
        _section,
        "rules",
    ),
    Place("report", "round", Text(en="The report of a round.", zh="一轮的报告。"), _report, "verdicts"),
    Place(
        "knowledge",
        "",
        Text(en="What is known about this task.", zh="关于这个任务已经知道什么。"),
        _knowledge,
        "lessons",
    ),
    Place(
        "ranking",
        "",
        Text(
            en="Configurations by constraints, then score; ties are ties.", zh="先按约束筛，再按分数排；并列就说并列。"
        ),
        _ranking,
        "places",
    ),
    Place(
        "thresholds",
        "",
        Text(en="Every threshold, with source and reason.", zh="全部阈值，带来源和理由。"),
        _thresholds,
        "settings",
    ),
    Place(
        "errors",
        "",
        Text(en="Kinds of dev errors: shares, ceilings, priorities.", zh="Dev 错例各类：占比、上限、优先级。"),
        _errors,
        "categories",
    ),
    Place(
        "labels",
        "",
        Text(en="What the last label audit found.", zh="上一次标签审计的结果。"),
        _labels,
        "",
    ),
    Place(
        "metric",
        "",
        Text(en="Whether the score still says what people want.", zh="分数还能不能代表人想要的。"),
        _metric,
        "pairs",
    ),
    Place(
        "doctor",
        "",
        Text(en="The environment and the health of the record.", zh="环境和记录是否完好。"),
        _doctor,
        "damage",
    ),
    Place(
        "door", "", Text(en="What holds at this door whatever is asked.", zh="这个入口始终遵守的规则。"), _door, "rules"
    ),
)
