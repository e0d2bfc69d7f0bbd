"""Event files: every kind of scalar reads back equal, restarts are one story, damage is said."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playnote.connectors.choose import read_source
from playnote.connectors.crc32c import crc32c, masked
from playnote.connectors.imported import Imported, Wanted
from playnote.connectors.tensorboard_events import EventFile
from playnote.errors import SourceError
from playnote.space.hyperparameter import Float
from playnote.testing.connector_kit import Keeps, bears, bears_huge_names, reads_back
from playnote.testing.event_files import crc32c as plain_crc
from playnote.testing.event_files import (
    event,
    experiment,
    part,
    plain,
    record,
    session_end,
    session_start,
    tensor,
    varint,
    whole,
    write_events,
    write_runs,
)
from playnote.testing.event_files import masked as stored_checksum

WANTED = Wanted(metric="dev/error", direction="minimize")
# The score is written as plain scalars, which are singles; the other series as doubles.
AS_WRITTEN = Keeps(number=lambda value: float(np.float32(value)), clean=lambda data: ends_between_records(data))


def ends_between_records(data: bytes) -> bool:
    at = 0
    while at + 12 <= len(data):
        at += 16 + struct.unpack_from("<Q", data, at)[0]
    return at == len(data)


def said(got: Imported) -> str:
    return "\n".join(text.en for text in got.left_out)


def curve_of(got: Imported, trial: str, metric: str = "dev/error") -> dict[float, float]:
    curve = got.state.curves.curve(trial, metric)
    return {} if curve is None else dict(zip(curve.steps.tolist(), curve.values.tolist(), strict=True))


def test_known_trials_read_back_equal(tmp_path: Path) -> None:
    assert reads_back(write_runs, tmp_path, AS_WRITTEN, steps=20_000) == ()


def test_a_spoilt_folder_gives_one_error_or_says_what_is_missing(tmp_path: Path) -> None:
    assert bears(write_runs, tmp_path, AS_WRITTEN) == ()


def test_huge_names_are_read_and_shown_short(tmp_path: Path) -> None:
    assert bears_huge_names(write_runs, tmp_path) == ()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(min_size=0, max_size=40), max_size=40))
def test_checksums_are_those_of_the_polynomial(data: list[bytes]) -> None:
    for length in {len(each) for each in data}:
        same = [each for each in data if len(each) == length]
        rows = np.frombuffer(b"".join(same), dtype=np.uint8).reshape(len(same), length)
        assert crc32c(rows).tolist() == [plain_crc(each) for each in same]
        assert [record(each)[-4:] for each in same] == [int(crc).to_bytes(4, "little") for crc in masked(crc32c(rows))]


def test_the_checksum_of_a_published_example_fits() -> None:
    rows = np.frombuffer(b"123456789" * 40, dtype=np.uint8).reshape(40, 9)
    assert set(crc32c(rows).tolist()) == set(crc32c(rows[:1]).tolist()) == {0xE3069283}


STEPS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
VALUES = st.floats(width=32)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["a", "b/c", "损失"]), STEPS, VALUES, st.integers(0, 4)), max_size=80))
def test_any_mixture_of_scalars_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, int, float, int]]
) -> None:
    def value(tag: str, number: float, how: int) -> bytes:
        if how == 0:
            return plain(tag, number)
        return tensor(tag, number, kind=1 + how % 2, content=how > 2)

    path = tmp_path_factory.mktemp("mix") / "events.out.tfevents.1"
    write_events(path, [event(step, [value(tag, number, how)]) for tag, step, number, how in written])
    got = EventFile(path).read()
    for tag in {each[0] for each in written}:
        mine = [(step, number) for name, step, number, _ in written if name == tag]
        assert got[tag].steps.tolist() == [step for step, _ in mine]
        np.testing.assert_array_equal(got[tag].values, [number for _, number in mine])


def test_several_values_in_one_event_are_read(tmp_path: Path) -> None:
    path = write_events(tmp_path / "x.tfevents.1", [event(s, [plain("a", s), plain("b", -s)]) for s in (3, 4)])
    assert {tag: points.values.tolist() for tag, points in EventFile(path).read().items()} == {
        "a": [3.0, 4.0],
        "b": [-3.0, -4.0],
    }


def test_tensors_of_whole_numbers_and_of_nothing_are_read(tmp_path: Path) -> None:
    def of(tag: str, kind: int, body: bytes) -> bytes:
        return part(1, tag) + part(8, whole(1, kind) + part(2, b"") + body)

    values = [of("packed", 9, part(10, varint(300))), of("minus", 9, part(10, varint(-2))), of("empty", 1, b"")]
    got = EventFile(write_events(tmp_path / "x.tfevents.1", [event(1, [value]) for value in values])).read()
    assert {tag: points.values.tolist() for tag, points in got.items()} == {
        "packed": [300.0],
        "minus": [-2.0],
        "empty": [0.0],
    }


def test_tensors_of_several_numbers_and_other_plugins_are_no_scalars(tmp_path: Path) -> None:
    path = write_events(
        tmp_path / "x.tfevents.1",
        [event(1, [tensor("pr", 0.5, plugin="pr_curves")]), event(1, [plain("loss", 1.0)])],
    )
    assert list(EventFile(path).read()) == ["loss"]


def test_a_later_file_goes_first_from_its_first_step(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "r"
    write_events(run / "b.tfevents.1", [event(s, [plain("dev/error", 1.0)]) for s in (1, 2, 3, 4)], wall=100.0)
    write_events(run / "a.tfevents.2", [event(s, [plain("dev/error", 0.5)]) for s in (3, 5)], wall=200.0)
    got = read_source(str(tmp_path / "runs"), WANTED)
    assert curve_of(got, "r") == {1.0: 1.0, 2.0: 1.0, 3.0: 0.5, 5.0: 0.5}
    assert "restarted" in said(got)


def test_a_file_that_goes_on_from_a_step_ends_all_series_of_earlier_ones_there(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "r"
    both = [event(s, [plain("dev/error", 1.0), plain("loss", 1.0)]) for s in (1, 2, 3, 4)]
    write_events(run / "a.tfevents.1", both, wall=100.0)
    start = whole(2, 3) + part(7, whole(1, 1))
    write_events(run / "b.tfevents.2", [start, event(3, [plain("loss", 0.5)])], wall=200.0)
    got = read_source(str(tmp_path / "runs"), WANTED)
    assert curve_of(got, "r") == {1.0: 1.0, 2.0: 1.0}
    assert curve_of(got, "r", "loss") == {1.0: 1.0, 2.0: 1.0, 3.0: 0.5}
    assert "restarted" in said(got)


def test_a_step_written_twice_has_its_last_value(tmp_path: Path) -> None:
    path = write_events(
        tmp_path / "r" / "x.tfevents.1", [event(s, [plain("dev/error", v)]) for s, v in ((2, 9.0), (1, 3.0), (2, 4.0))]
    )
    assert curve_of(read_source(str(path.parent), WANTED), "r") == {1.0: 3.0, 2.0: 4.0}


def test_a_cut_last_record_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    path = write_events(tmp_path / "r" / "x.tfevents.1", [event(s, [plain("dev/error", 1.0)]) for s in range(9)])
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    assert "end inside a record" in said(read_source(str(path.parent), WANTED))
    for at in (len(data) - 6, len(data) - len(record(event(8, [plain("dev/error", 1.0)]))) + 2):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert "damaged" in said(read_source(str(path.parent), WANTED))


def test_what_is_appended_is_read_by_the_next_read(tmp_path: Path) -> None:
    path = write_events(tmp_path / "x.tfevents.1", [event(1, [plain("a", 1.0)])])
    more = record(event(2, [plain("a", 2.0)]))
    file = EventFile(path)
    assert file.read()["a"].steps.tolist() == [1]
    for piece, steps, damage in ((more[:20], None, "cut"), (more[20:], [2], None)):
        with path.open("ab") as out:
            out.write(piece)
        got = file.read()
        assert (got["a"].steps.tolist() if got else None) == steps
        assert file.file.damage == damage


def test_a_record_longer_than_what_is_read_at_once_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.tfevents.1"
    length = struct.pack("<Q", 9 << 20)
    picture = length + stored_checksum(length) + bytes((9 << 20) + 4)
    path.write_bytes(record(event(1, [plain("a", 1.0)])) + picture + record(event(2, [plain("a", 2.0)])))
    file = EventFile(path)
    assert file.read()["a"].steps.tolist() == [1, 2]
    assert (file.file.count, file.file.damage) == (3, None)


def test_folders_that_a_writer_makes_for_itself_belong_to_the_run(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "r"
    write_events(run / "x.tfevents.1", [event(s, [plain("dev/error", 1.0 - s / 10)]) for s in range(4)])
    write_events(run / "loss_all_train" / "x.tfevents.2", [event(s, [plain("loss/all", s)]) for s in range(3)])
    write_events(
        run / "1700000000.25" / "x.tfevents.3",
        [event(0, [session_start({"lr": 0.1, "width": 8.0})]), event(0, [plain("dev/error", 0.7)])],
    )
    write_events(tmp_path / "runs" / "s" / "train" / "x.tfevents.1", [event(1, [plain("loss", 2.0)])])
    write_events(tmp_path / "runs" / "s" / "validation" / "x.tfevents.1", [event(1, [plain("loss", 3.0)])])
    got = read_source(str(tmp_path / "runs"), WANTED)
    assert [trial.id for trial in got.state.trials] == ["r", "s"]
    assert curve_of(got, "r", "loss/all/train") == {0.0: 0.0, 1.0: 1.0, 2.0: 2.0}
    assert len(curve_of(got, "r")) == 4
    assert got.state.trials[0].configuration == {"lr": 0.1, "width": 8}
    assert isinstance(got.state.trials[0].configuration["width"], int)
    assert curve_of(got, "s", "validation/loss") == {1.0: 3.0}


def test_a_folder_called_test_beside_other_runs_is_a_run(tmp_path: Path) -> None:
    for name in ("test", "other"):
        write_events(tmp_path / "runs" / name / "x.tfevents.1", [event(1, [plain("dev/error", 2.0)])])
    assert [t.id for t in read_source(str(tmp_path / "runs"), WANTED).state.trials] == ["other", "test"]


def test_declared_ranges_metric_and_ends_come_from_the_plugin(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    write_events(root / "x.tfevents.1", [event(0, [experiment({"lr": (1e-4, 1.0)}, ["dev/error"])])])
    for at, status in enumerate((1, 2, 3)):
        write_events(
            root / f"r{at}" / "x.tfevents.1",
            [
                event(0, [session_start({"lr": 10.0**-at})]),
                event(1, [plain("dev/error", 0.1 * at), plain("loss", 1.0)]),
                event(1, [session_end(status)]),
            ],
        )
    got = read_source(str(root), Wanted(direction="maximize"))
    assert got.metric == "dev/error"
    assert got.state.project.space["lr"] == Float(name="lr", low=1e-4, high=1.0, scale="log")
    assert [trial.outcome for trial in got.state.trials] == ["ok", "failed", None]


def test_a_folder_without_a_scalar_is_said(tmp_path: Path) -> None:
    write_events(tmp_path / "runs" / "r" / "x.tfevents.1", [event(1, [plain("dev/error", 1.0)])])
    write_events(tmp_path / "runs" / "begun" / "x.tfevents.1", [])
    got = read_source(str(tmp_path / "runs"), WANTED)
    assert [trial.id for trial in got.state.trials] == ["r"]
    assert "without a scalar and are no runs: begun" in said(got)


def test_a_declared_metric_counts_only_where_it_was_logged(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    write_events(root / "x.tfevents.1", [event(0, [experiment({}, ["never", "epoch_loss"])])])
    for split in ("train", "validation"):
        write_events(root / "r" / split / "x.tfevents.1", [event(1, [plain("epoch_loss", 1.0)])])
    with pytest.raises(SourceError, match="--metric") as caught:
        read_source(str(root), Wanted(direction="minimize"))
    assert "which metric" in caught.value.problem.en
    grouped = part(2, part(5, part(1, part(1, "validation") + part(2, "epoch_loss"))))
    declared = part(1, "_hparams_/experiment") + part(9, part(1, part(1, "hparams") + part(2, grouped)))
    write_events(root / "x.tfevents.1", [event(0, [declared])])
    assert read_source(str(root), Wanted(direction="minimize")).metric == "validation/epoch_loss"


def test_which_metric_and_which_way_are_asked_for(tmp_path: Path) -> None:
    path = write_events(tmp_path / "r" / "x.tfevents.1", [event(1, [plain("a", 1.0), plain("b", 1.0)])])
    with pytest.raises(SourceError, match="--metric") as caught:
        read_source(str(path.parent), Wanted(direction="minimize"))
    assert "a, b" in caught.value.problem.en
    with pytest.raises(SourceError, match="--direction"):
        read_source(str(path.parent), Wanted(metric="a"))
