"""Tables as spreadsheets save them, and scores that tell nothing: read where that is certain, else told in words."""

import random

import pytest

from playnote.errors import SourceError
from playnote.service.review import review

CHANCE = random.Random(1)
ROWS = [(10 ** CHANCE.uniform(-4, -1), CHANCE.uniform(0, 0.5)) for _ in range(24)]
TABLE = "lr,dropout,dev/error\n" + "".join(f"{a:.5g},{b:.4g},{0.1 + abs(b - 0.2) / 10:.5f}\n" for a, b in ROWS)
ASKED = {"metric": "dev/error", "direction": "minimize", "scientific": None, "study": None}


def reviewed(path, raw):
    path.write_bytes(raw)
    return review(str(path), min_effect=None, **ASKED)


def scores(found):
    seen = found.evidence
    return sorted(seen.score(name) for name in seen.ranked)


@pytest.mark.parametrize(
    "raw",
    [
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", ";").replace(".", ",").encode(),
        TABLE.replace(",", "\t").encode("utf-8-sig"),
    ],
    ids=["utf-16", "utf-16 big end", "semicolons", "decimal commas", "tabs with a mark"],
)
def test_the_same_table_reads_equal_however_a_spreadsheet_saved_it(tmp_path, raw):
    assert scores(reviewed(tmp_path / "odd.csv", raw)) == scores(reviewed(tmp_path / "plain.csv", TABLE.encode()))


def test_another_encoding_is_named_with_the_command_that_mends_it(tmp_path):
    with pytest.raises(SourceError) as told:
        reviewed(tmp_path / "gbk.csv", TABLE.replace("dropout", "丢弃率").encode("gbk"))
    assert "GBK" in told.value.problem.en
    assert "iconv -f GBK -t UTF-8 gbk.csv" in told.value.fix.zh


def test_scores_that_are_all_equal_are_said_to_tell_nothing(tmp_path):
    flat = "lr,dropout,dev/error\n" + "".join(f"{a:.5g},{b:.4g},0.1\n" for a, b in ROWS)
    lines = reviewed(tmp_path / "flat.csv", flat.encode()).lines
    assert [line.about for line in lines if line.word == "sure"] == ["constant"]
    assert not [line for line in lines if "really best" in line.text.en]
