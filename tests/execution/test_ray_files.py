"""What travels from a node that shares no disk: in an order in which the node may die at any moment."""

from __future__ import annotations

import json

from playnote.execution.ray_files import Gone, Outbox, Piece, take_in
from playnote.recorder import TrialCard, trial_in, write_card
from playnote.recorder.checkpoints import INDEX, kept_checkpoints


def names(news) -> list[str]:
    return [each.name for each in news]


def test_an_index_of_checkpoints_waits_for_the_lines_that_were_logged_before_it(tmp_path):
    write_card(tmp_path, TrialCard(id="t", objective="dev/error", keep=1))
    outbox = Outbox(tmp_path, "attempt-1.jsonl")
    outbox.mark()
    with trial_in(tmp_path) as trial:
        for step, error in ((1, 0.1), (2, 0.3), (3, 0.2)):
            trial.log(step, {"dev/error": error})
            trial.checkpoint(step, {"step": step})
            if step == 1:
                assert names(outbox.look()) == ["attempt-1-step-1.json"]
                assert names(outbox.release()) == [INDEX]
                assert names(outbox.look()) == []
        # The second has come and gone since: what is held names what is left, and its end comes after it.
        assert names(outbox.look()) == ["attempt-1-step-3.json"]
        assert names(outbox.release()) == [INDEX]
    assert names(outbox.release()) == []


def test_a_dropped_checkpoint_is_dropped_at_home_after_the_index_that_does_without_it(tmp_path):
    node, home = tmp_path / "node", tmp_path / "home"
    home.mkdir()
    write_card(node, TrialCard(id="t", objective="dev/error", keep=1))
    outbox = Outbox(node, "attempt-1.jsonl")
    outbox.mark()
    with trial_in(node) as trial:
        for step, error in ((1, 0.3), (2, 0.1)):
            trial.log(step, {"dev/error": error})
            trial.checkpoint(step, {"step": step})
            for news in outbox.look():
                take_in(home, news)
            held = list(outbox.release())
            assert isinstance(held[0], Piece)
            assert held[1:] == ([Gone("attempt-1-step-1.json")] if step == 2 else [])
            for news in held:
                take_in(home, news)
                assert all(each.path.exists() for each in kept_checkpoints(home))
    assert [each["step"] for each in json.loads((home / INDEX).read_text())] == [2.0]
    assert not (home / "attempt-1-step-1.json").exists()
