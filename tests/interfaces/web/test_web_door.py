"""The door of the pages: wrong hosts, other sites, missing tokens, traversal, script in every field, fuzz, slow clients."""

from __future__ import annotations

import contextlib
import json
import random
import re
import socket
import threading
from html.parser import HTMLParser
from pathlib import Path

import pytest

testclient = pytest.importorskip("starlette.testclient", reason="the extra `dashboard` is not installed")
import web_project  # noqa: E402

from playnote.interfaces.web import guard, server  # noqa: E402
from playnote.interfaces.web.acts import ACTS  # noqa: E402
from playnote.interfaces.web.app import app_of  # noqa: E402
from playnote.interfaces.web.guard import Keys  # noqa: E402
from playnote.interfaces.web.pages import PAGES  # noqa: E402
from playnote.service.operations import OPERATIONS  # noqa: E402
from playnote.service.session import open_project  # noqa: E402

PORT = 7711
BASE = f"http://127.0.0.1:{PORT}"
ORIGIN = {"origin": BASE}
ADDRESSES = [each.path.replace("{round}", "1").replace("{rule}", "A-single-goal") for each in PAGES]
# What a page does not do, and why.
NOT_ON_A_PAGE = {
    "trains": {"confirm_round", "rerun", "baseline", "open_round", "run_round", "widen", "adopt"},  # a page never starts the user's code
    "files": {"compare", "judge", "review", "init", "init_example", "make_splits", "audit_splits", "import_errors",
              "checkpoints", "import_labels", "import", "export", "tag", "relabelled", "rescore"},  # a form never names a file
    "plans": {"plan_study"},  # its answer is a command to type
    "test split": {"milestone", "milestone_typed"},
    "upkeep": {"rebuild"},
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("nasty")
    web_project.grown(found, nasty=True, per_value=3)
    return found


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.fixture(scope="module")
def stranger(folder, keys):
    return testclient.TestClient(app_of(folder, keys, PORT), base_url=BASE, follow_redirects=False)


@pytest.fixture(scope="module")
def client(folder, keys):
    found = testclient.TestClient(app_of(folder, keys, PORT), base_url=BASE, follow_redirects=False)
    assert found.get("/", params={"token": keys.token}).status_code == 200
    return found


def journal(folder: Path) -> int:
    return len(open_project(folder).state().journal)


@pytest.mark.parametrize(
    "path", [*ADDRESSES, "/index.json", "/static/pages.css", "/events/1", "/report/1", "/picture?id=x"]
)
def test_nothing_is_shown_without_the_token(stranger, path):
    for each in (path, f"{path}?token=wrong", f"{path}?token="):
        assert stranger.get(each).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", f"evil.example:{PORT}", f"127.0.0.1:{PORT}.evil.example", ""]
)
def test_another_host_is_refused_even_with_the_cookie(client, keys, host):
    assert client.get("/", headers={"host": host}).status_code == 403
    assert client.get("/", params={"token": keys.token}, headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", f"https://127.0.0.1:{PORT}", "http://127.0.0.1:1"]
)
def test_a_form_of_another_site_changes_nothing(client, keys, folder, origin):
    before = journal(folder)
    form = {"csrf": keys.csrf, "rule": "A-single-goal", "said": "theirs"}
    headers = {} if origin is None else {"origin": origin}
    assert client.post("/act/answer", data=form, headers=headers).status_code == 403
    assert journal(folder) == before


def test_a_form_needs_its_own_token_and_get_changes_nothing(client, folder):
    before = journal(folder)
    for token in ({}, {"csrf": ""}, {"csrf": "wrong"}):
        for each in ACTS:
            assert client.post(f"/act/{each.name}", data={**token, "n": "1"}, headers=ORIGIN).status_code == 403
    for each in ACTS:
        assert client.get(f"/act/{each.name}?rule=A-single-goal&said=x").status_code == 405
    for path in ADDRESSES:
        client.get(path)
    assert journal(folder) == before


@pytest.mark.parametrize(
    "name", ["../playnote.toml", "/etc/passwd", "digits/../../x.png", "playnote.toml", "..\\x", "%00", "a%00b", ""]
)
def test_a_picture_outside_the_sample_is_not_to_be_had(client, name):
    assert client.get("/picture", params={"id": name}).status_code in (404, 422)
    assert client.get(f"/static/{name}").status_code in (403, 404)


def test_a_sample_is_drawn_from_trials_and_never_from_a_file(client, keys):
    form = {"csrf": keys.csrf, "source": "/etc/passwd", "n": "5"}
    assert client.post("/act/sample-errors", data=form, headers=ORIGIN).status_code == 422


class Handlers(HTMLParser):
    """Attributes that would run a script; a value that only looks like one is text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]

    @classmethod
    def of(cls, text: str) -> list[str]:
        parser = cls()
        parser.feed(text)
        return parser.found


@pytest.mark.parametrize("path", [*ADDRESSES, "/errors?at=0"])
def test_words_of_the_user_never_become_markup(client, path):
    text = client.get(path).text
    assert "<script>window" not in text
    assert "<img src=x" not in text
    assert not Handlers.of(text)
    assert not re.search(r"<script(?![^>]*(?:src=\"/static/|type=\"application/json\"))", text)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_carries_the_policy(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == guard.POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_a_large_body_is_refused_announced_or_not(client, keys, folder):
    before = journal(folder)
    form = {"csrf": keys.csrf, "rule": "A-single-goal", "said": "x" * guard.LARGEST}
    assert client.post("/act/answer", data=form, headers=ORIGIN).status_code == 413
    parts = (b"x" * 65_536 for _ in range(8))
    assert client.post("/act/answer", content=parts, headers=ORIGIN).status_code == 413
    assert journal(folder) == before


def test_it_goes_back_to_pages_of_its_own_only(client, keys):
    for back in ("//evil.example", "http://evil.example", "/\\evil.example", "javascript:alert(1)"):
        found = client.post("/act/language", data={"csrf": keys.csrf, "language": "zh", "back": back}, headers=ORIGIN)
        assert (found.status_code, found.headers["location"]) == (303, "/")


@pytest.mark.parametrize("each", PAGES, ids=[each.path for each in PAGES])
def test_the_json_beside_a_page_is_the_value_of_the_service(client, folder, each):
    path = each.path.replace("{round}", "1").replace("{rule}", "A-single-goal")
    found = client.get("/index.json" if path == "/" else f"{path}.json").json()
    given = {"round": "1", "rule": "A-single-goal"}
    value = json.loads(json.dumps(each.value(open_project(folder), given)))
    assert found == {"ok": True, "data": value}


def test_every_operation_is_on_a_page_or_says_why_not():
    shown = {name for each in PAGES for name in each.operations} | {each.operation for each in ACTS} | {"report"}
    not_shown = {name for names in NOT_ON_A_PAGE.values() for name in names}
    known = {each.name for each in OPERATIONS}
    assert shown <= known
    left = {name for name in known - shown - not_shown if not name.startswith("measure_")}
    assert not left, left


def fuzz(client, stranger, keys: Keys, count: int, seed: int) -> None:
    rng = random.Random(seed)
    words = [
        "",
        "1",
        "-1",
        "9" * 30,
        "../..",
        "%2e%2e",
        "\u202e中文",
        "'\"<>",
        "{{7*7}}",
        "\0",
        "A-single-goal",
        "t0004",
        "nan",
    ]
    names = ["rule", "said", "because", "number", "how", "round", "decision", "n", "seed", "source", "id", "tag.0",
             "more", "category", "share", "split", "label", "first", "second", "preferred", "back", "q", "at", "all", "chapter", "lang"]  # fmt: skip
    for _ in range(count):
        path = rng.choice(
            [
                *(each.path for each in PAGES if each.name in ("rule", "rules", "live", "settings", "proposals")),
                "/x",
                "/picture",
                "/static/x",
            ]
        )
        path = path.replace("{round}", "9").replace("{rule}", "x-" + str(rng.randint(0, 9))) + rng.choice(
            ["", ".json", "/", "//"]
        )
        fields = {rng.choice(names): rng.choice(words) for _ in range(rng.randint(0, 6))}
        who = rng.choice([client, stranger])
        if rng.random() < 0.5:
            answer = who.get(path, params=fields)
        else:
            form = {**fields, **({"csrf": keys.csrf} if rng.random() < 0.7 else {})}
            act = rng.choice(
                [each.name for each in ACTS if each.name not in ("close", "sample-labels", "sample-errors")]
            )
            answer = who.post(f"/act/{act}", data=form, headers=rng.choice([ORIGIN, {}, {"origin": "null"}]))
        assert answer.status_code < 500, (path, fields, answer.text[:300])
        if who is stranger:
            assert answer.status_code in (403, 405)


def test_fuzzed_requests_neither_get_in_nor_crash_it(client, stranger, keys):
    fuzz(client, stranger, keys, 1_000, 1)


@pytest.mark.faults
def test_ten_thousand_fuzzed_requests_neither_get_in_nor_crash_it(client, stranger, keys):
    fuzz(client, stranger, keys, 10_000, 2)


def test_a_client_that_dawdles_over_its_head_is_cut_off_and_others_are_served(folder, keys, monkeypatch):
    monkeypatch.setattr(server, "HEAD_PATIENCE", 0.3)
    listening = server.listen(0)
    port = listening.getsockname()[1]
    running = server.server_of(app_of(folder, keys, port))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        for opening in (b"", b"GET / HTTP/1.1\r\nHost: 127"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
                slow.sendall(opening)
                with contextlib.suppress(ConnectionResetError):
                    assert slow.recv(100) == b""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as quick:
            quick.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert quick.recv(100).startswith(b"HTTP/1.1 403")
    finally:
        running.should_exit = True
        thread.join(20)
        listening.close()


def test_a_client_that_dawdles_over_its_body_is_told_so_and_nothing_is_done(folder, keys, monkeypatch):
    monkeypatch.setattr(guard, "PATIENCE", 0.3)
    before = journal(folder)
    listening = server.listen(0)
    port = listening.getsockname()[1]
    running = server.server_of(app_of(folder, keys, port))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    head = (
        f"POST /act/answer HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: playnote-{port}={keys.cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: 400\r\n\r\ncsrf={keys.csrf}&rule=A-single-goal&said=ha"
    )
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as slow:
            slow.sendall(head.encode())
            assert slow.recv(100).startswith(b"HTTP/1.1 408")
    finally:
        running.should_exit = True
        thread.join(20)
        listening.close()
    assert journal(folder) == before


def test_another_label_than_those_of_the_sample_can_be_said(client, keys, folder):
    name = open_project(folder).state().events("labels-sampled")[-1].data["random"][0]
    form = {"csrf": keys.csrf, "id": name, "label": "0", "other": "ten"}
    assert client.post("/act/mark", data=form, headers=ORIGIN).status_code == 303
    assert open_project(folder).state().events("labels-audited")[-1].data["labels"] == {name: "ten"}


def test_a_pair_is_shown_without_the_score_it_is_to_be_judged_by(client):
    page = client.get("/metric").text
    assert "latency" in page
    assert "<dt>dev/error</dt>" not in page
