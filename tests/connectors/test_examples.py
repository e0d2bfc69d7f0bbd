"""Data sets as users have them: CSV, JSON lines, NPZ, a folder; what is content and what is not."""

import json

import numpy as np
import pytest

from playnote.connectors.examples import Columns, read_examples
from playnote.errors import SourceError


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


TABLE = "key,who,age,colour,body\na,p1,3,red,A long text about learning rates.\nb,p2,,blue,Another long text about warmup.\n"


def test_columns_are_told_apart_numbers_words_and_texts(tmp_path):
    found = read_examples(written(tmp_path / "x.csv", TABLE), Columns(id="key", group="who"))
    assert found.ids == ("a", "b")
    assert found.group == ("p1", "p2")
    assert found.names == ("age", "colour=blue", "colour=red")
    assert found.numbers[0].tolist() == [3, 0, 1]
    assert np.isnan(found.numbers[1, 0])
    assert found.texts[0].startswith("A long text")


def test_json_lines_say_the_same_as_a_table(tmp_path):
    rows = [
        {"key": "a", "who": "p1", "age": 3, "colour": "red", "body": "A long text about learning rates."},
        {"key": "b", "who": "p2", "age": None, "colour": "blue", "body": "Another long text about warmup."},
    ]
    lines = written(tmp_path / "x.jsonl", "\n".join(map(json.dumps, rows)))
    one = read_examples(lines, Columns(id="key", group="who"))
    other = read_examples(written(tmp_path / "x.csv", TABLE), Columns(id="key", group="who"))
    assert one.keys == other.keys
    assert one.names == other.names


def test_what_is_no_content_does_not_change_the_key(tmp_path):
    one = read_examples(written(tmp_path / "a.csv", "id,who,x\n1,p,2\n2,q,2\n"), Columns(id="id", group="who"))
    assert one.keys[0] == one.keys[1]
    assert len(set(read_examples(tmp_path / "a.csv", Columns(id="id")).keys)) == 2
    assert len(set(read_examples(tmp_path / "a.csv", Columns(id="id", ignore=("who",))).keys)) == 1


def test_pictures_come_from_an_npz_and_its_other_columns_by_name(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.arange(2 * 4 * 4).reshape(2, 4, 4), y=[1, 0])
    found = read_examples(tmp_path / "x.npz", Columns(label="y"))
    assert found.images.shape == (2, 4, 4)
    assert found.label == ("1", "0")
    assert found.ids == ("0", "1")


def test_a_folder_is_one_file_an_example_and_its_folder_the_source(tmp_path):
    for name in ("a/1.txt", "a/2.txt", "b/3.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"mail {name}")
    found = read_examples(tmp_path, Columns())
    assert found.ids == ("a/1.txt", "a/2.txt", "b/3.txt")
    assert found.source == ("a", "a", "b")
    assert found.texts[2] == "mail b/3.txt"


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("x.csv", "", Columns()),
        ("x.csv", "id,x\n1,2\n1,3\n", Columns(id="id")),
        ("x.csv", "id,x\n1,2\n", Columns(id="name")),
        ("x.csv", "id,x\n,2\n3,4\n", Columns(id="id")),
        ("x.jsonl", "not json\n", Columns()),
        ("x.jsonl", "[1, 2]\n", Columns()),
        ("x.npz", "not a zip", Columns()),
    ],
    ids=["empty", "id twice", "no such column", "empty id", "no json", "no object", "no npz"],
)
def test_what_cannot_be_read_is_said_with_a_fix(tmp_path, name, content, columns):
    with pytest.raises(SourceError) as refused:
        read_examples(written(tmp_path / name, content), columns)
    assert refused.value.fix.en
    assert refused.value.problem.zh


def test_a_missing_file_is_said_with_a_fix(tmp_path):
    with pytest.raises(SourceError):
        read_examples(tmp_path / "nothing.csv", Columns())
