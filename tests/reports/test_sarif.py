"""SARIF: what code hosts show; a violation is an error, unknown is neither failure nor pass, a waiver suppresses."""

from playnote.reports.sarif import line_of, sarif_of

FILE = "[project]\nname = 'x'\n\n[objective]\noptimize = 'dev/error'\n\n[splits]\n"
EMPTY = {"estimate": None, "interval": None, "level": None, "n": None, "probability": None, "target": {}}


def verdict(rule, status, level="MUST", waived=None, actions=()):
    return {
        **EMPTY, "id": f"{rule}:1", "rule": rule, "status": status, "level_of_rule": level, "waived": waived,
        "message": {"en": f"{rule} {status}", "zh": "中文"}, "actions": list(actions),
    }  # fmt: skip


def log_of(*verdicts, gates=(), language="en"):
    pages = {
        v["rule"]: {"id": v["rule"], "text": {"en": "Says.", "zh": "说。"}, "level": "MUST", "sections": ["body:1"]}
        for v in verdicts
    }
    found = sarif_of(
        verdicts, pages, gates=gates, file="a/playnote.toml", text=FILE, version="0.1.0", language=language
    )
    assert found["version"] == "2.1.0"
    return found["runs"][0]


def test_statuses_become_levels_and_passes_are_left_out():
    run = log_of(
        verdict("C1-decide-score", "fail"),
        verdict("E3-overfit", "warn"),
        verdict("F1-high-bias", "fail", level="IF"),
        verdict("C2-dev-role", "unknown"),
        verdict("C2-dev-test-same", "unknown"),
        verdict("A-order", "pass"),
        gates=["C2-dev-test-same"],
    )
    seen = {each["ruleId"]: (each["kind"], each["level"]) for each in run["results"]}
    assert seen == {
        "C1-decide-score": ("fail", "error"),
        "E3-overfit": ("fail", "warning"),
        "F1-high-bias": ("fail", "note"),
        "C2-dev-test-same": ("open", "none"),
    }
    for each in run["results"]:
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]


def test_a_waived_violation_is_suppressed_with_its_reason_and_the_fix_is_in_the_message():
    action = {"command": "playnote baseline", "text": {"en": "", "zh": ""}, "runs": 3}
    run = log_of(verdict("C1-decide-score", "fail", waived="person: a first look", actions=[action]), language="zh")
    (result,) = run["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "person: a first look"}]
    assert result["message"]["text"] == "中文 (playnote baseline)"


def test_a_result_points_at_the_table_it_is_about():
    assert line_of("C1-decide-score", FILE) == 4
    assert line_of("C2-dev-role", FILE) == 7
    assert line_of("A-order", FILE) == 1
    assert line_of("H2-periodic-eval", FILE) == 1, "no such table: the file itself"
    run = log_of(verdict("C2-dev-role", "fail"))
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a/playnote.toml"}, "region": {"startLine": 7}}
