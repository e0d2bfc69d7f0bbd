"""What a notebook shows of a round, without a notebook: one language, escaped, nothing loaded or run."""

from __future__ import annotations

import pytest

import playnote as pn

NASTY = "<script>alert(1)</script> does width help?"


def train(trial):
    for step in range(1, 6):
        trial.log(step, {"dev/error": 0.2 / trial.configuration["width"] + 0.01 / step + 1e-4 * (trial.seed % 7)})


@pytest.mark.parametrize(("lang", "word"), [("en", "Next"), ("zh", "下一步")])
def test_a_round_that_was_run_shows_its_answer_values_and_next_step(tmp_path, monkeypatch, lang, word):
    monkeypatch.setenv("PLAYNOTE_LANG", lang)
    made = pn.Round(
        question=NASTY,
        objective=pn.minimize("dev/error", min_effect=0.002),
        scientific={"width": [1, 2]},
        nuisance={"lr": pn.log_uniform(1e-3, 1)},
        folder=tmp_path,
    )
    found = made.run(train, 4)
    html = found._repr_html_()
    assert word in html
    assert "&lt;script&gt;" in html
    for bad in ("<script", "src=", "href=", "onload", "http"):
        assert bad not in html
    assert html.count("<table>") >= 1
    assert html.count("<tr>") == html.count("</tr>") > 2
