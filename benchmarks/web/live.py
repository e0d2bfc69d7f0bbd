"""The page of a running round with 50 curves: how late it shows a new point, and what server and browser spend on it.

    .venv/bin/python benchmarks/web/live.py [SECONDS] [RUNNING] [ENDED]

A round of RUNNING trials that run (50) and ENDED trials that have ended (0), 200 points each on record; then every running
trial logs a point every second, one after another. The server is a process of its own, so are the watchers: one that
reads the events as they come, and Debian's Chromium (where it is installed) with the page open. Late is measured from
the moment a point is in the log to the moment it arrived (in the browser: was drawn). Printed: the median, the 95 % point
and the largest; CPU of the server and of the whole browser in percent of one core; the load of the machine.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

import psutil

from playnote.ledger import Ledger
from playnote.ledger.forms import dump_objective, dump_planned, dump_round
from playnote.projectfile.read import read_project
from playnote.recorder.lines import encode, encode_metrics
from playnote.records.round import PlannedTrial, Round, Study

PROJECT = """
[project]
name = "live"
goal = "Show that a page keeps up"
[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.002
[splits]
train = { source = "made" }
dev = { source = "made" }
[workflow]
function = "train:train"
max_train_steps = 1000
evaluate_every = 1
[hyperparameters]
lr = { low = 1e-4, high = 1.0, scale = "log", group = "optimizer" }
[baseline]
lr = 0.1
"""
BEFORE = 200
CHROMIUM = Path("/usr/bin/chromium")
SERVER = """
import sys
from pathlib import Path
from playnote.interfaces.web.app import app_of
from playnote.interfaces.web.guard import Keys
from playnote.interfaces.web.server import listen, server_of
socket, keys = listen(0), Keys()
print(socket.getsockname()[1], keys.token, flush=True)
server_of(app_of(Path(sys.argv[1]), keys, socket.getsockname()[1])).run(sockets=[socket])
"""


class Round50:
    """A round of trials whose logs this process writes."""

    def __init__(self, folder: Path, running: int, ended: int) -> None:
        self.folder, self.step = folder, BEFORE
        (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
        project = read_project(folder)
        planned = [
            PlannedTrial(id=f"t{i:05d}", study="s", round=1, purpose="search", index=i, seed=i,
                         configuration={"lr": 10 ** -(4 * (i + 0.5) / (running + ended))})
            for i in range(running + ended)
        ]  # fmt: skip
        study = Study(name="s", scientific={}, planned=tuple(planned))
        round_ = Round(number=1, question="Which learning rate?", roles={"lr": "nuisance"}, scientific={}, seed=1, fixed={},
                       space=project.space, studies=(study,), sampler="quasi-random", base=project.baseline)  # fmt: skip
        with Ledger.write(folder / ".playnote", "bench") as ledger:
            ledger.append("objective", {"objective": dump_objective(project.objective)})
            ledger.append("trial-planned", {"trials": [dump_planned(each) for each in planned]})
            ledger.append("round-opened", {"round": dump_round(round_)})
            paths = {each.id: ledger.paths.attempt(each.id, 1) for each in planned}
            for name, place in paths.items():
                place.parent.mkdir(parents=True)
                opening = {"kind": "opened", "format": 1, "trial": name, "attempt": 1, "pid": 1, "host": "bench"}
                place.write_bytes(encode(opening) + b"".join(self._row(name, step) for step in range(1, BEFORE + 1)))
                ledger.append("attempt-started", {"trial": name, "attempt": 1})
            for each in planned[running:]:
                told = {"trial": each.id, "attempt": 1, "outcome": "ok", "seconds": 60.0, "retry": False}
                ledger.append("attempt-ended", told)
        self._logs = {each.id: paths[each.id].open("ab") for each in planned[:running]}

    def _row(self, name: str, step: int) -> bytes:
        level = 0.1 + int(name[1:]) / 500
        return encode_metrics(step, time.time(), {"dev/error": level + 0.5 / step + 1e-4 * ((step * 7919) % 97)})

    def log(self, seconds: float, logged: dict[tuple[str, int], float]) -> None:
        """A point a second for every trial, evenly spread; when each was in its log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn(logged, 1 / len(self._logs))

    def close(self) -> None:
        """Let the logs go; the trials stay running on record."""
        for file in self._logs.values():
            file.close()

    def turn(self, logged: dict[tuple[str, int], float], gap: float = 0.0) -> None:
        """One point for every trial, `gap` seconds apart."""
        self.step += 1
        due = time.monotonic()
        for name, file in self._logs.items():
            file.write(self._row(name, self.step))
            file.flush()
            logged[(name, self.step)] = time.monotonic()
            due += gap
            time.sleep(max(0.0, due - time.monotonic()))


class Reader(threading.Thread):
    """Reads the events; when each point arrived."""

    def __init__(self, port: int, cookie: str) -> None:
        super().__init__(daemon=True)
        self.came: dict[tuple[str, int], float] = {}
        self.ready = threading.Event()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request("GET", "/events/1", headers={"cookie": cookie})

    def run(self) -> None:
        """Until the server is gone."""
        for line in self._connection.getresponse():
            if line.startswith(b"data: ") and b'"points"' in line:
                now, news = time.monotonic(), json.loads(line[6:])
                for name, (steps, _) in news["points"].items():
                    self.came.update({(name, int(step)): now for step in steps if (name, int(step)) not in self.came})
                self.ready.set()


WATCH = """() => {
  const here = document.getElementById('curves');
  window.drawn = [];
  new MutationObserver(() => window.drawn.push([performance.timeOrigin + performance.now(), +here.dataset.points]))
    .observe(here, {attributes: true, attributeFilter: ['data-points']});
}"""


def cookie_of(port: int, token: str) -> str:
    """The cookie that the token is exchanged for."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    asked.request("GET", f"/?token={token}")
    return (asked.getresponse().getheader("set-cookie") or "").partition(";")[0]


def told(late: list[float]) -> str:
    """Median, 95 % point and largest of seconds."""
    late = sorted(late)
    return (
        f"median {statistics.median(late):.2f} s, 95 % {late[int(0.95 * (len(late) - 1))]:.2f} s, most {late[-1]:.2f} s"
    )


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU of a process and of everything it started."""
    return sum(sum(each.cpu_times()[:2]) for each in [process, *process.children(recursive=True)] if each.is_running())


def watched(port: int, token: str, made: Round50, seconds: float) -> str:
    """The same with the page open in a browser: how late points are drawn, and what all its processes spend."""
    from playwright.sync_api import sync_playwright

    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    logged: dict[tuple[str, int], float] = {}
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/?token={token}")
        page.wait_for_url(f"http://127.0.0.1:{port}/")
        page.goto(f"http://127.0.0.1:{port}/round/1")
        page.wait_for_selector("#curves[data-drawn=yes]")
        page.wait_for_timeout(3000)
        page.evaluate(WATCH)
        before = int(page.get_attribute("#curves", "data-points") or 0)
        chromium = [each for each in psutil.Process().children(recursive=True) if "chrom" in each.name()]
        spent = sum(sum(each.cpu_times()[:2]) for each in chromium)
        offset = time.time() - time.monotonic()
        writer = threading.Thread(target=made.log, args=(seconds, logged))
        writer.start()
        while writer.is_alive():
            page.wait_for_timeout(200)
        page.wait_for_timeout(2500)
        spent = sum(sum(each.cpu_times()[:2]) for each in chromium if each.is_running()) - spent
        drawn = page.evaluate("window.drawn")
        browser.close()
    times = sorted(logged.values())
    late = []
    for at, moment in enumerate(times):  # the first drawing that holds as many points as were logged by then
        shown = next((when / 1000 - offset for when, points in drawn if points - before > at), None)
        late.append((shown if shown is not None else float("inf")) - moment)
    return f"drawn        {told(late)}; browser {100 * spent / (seconds + 2.5):.0f} % of a core, all its processes"


def main(seconds: float = 20, running: int = 50, ended: int = 0) -> None:
    """Begin the server, watch it, say what it took."""
    with tempfile.TemporaryDirectory() as name:
        made = Round50(Path(name), running, ended)
        server = subprocess.Popen([sys.executable, "-c", SERVER, name], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port, token = server.stdout.readline().split()
            reader, logged = Reader(int(port), cookie_of(int(port), token)), {}
            reader.start()
            reader.ready.wait(60)
            process = psutil.Process(server.pid)
            print(f"playnote {version('playnote')}, {running} running and {ended} ended trials, a point a second each, "
                  f"{seconds:.0f} s, load {os.getloadavg()[0]:.1f}")  # fmt: skip
            spent, begun = cpu(process), time.monotonic()
            made.log(seconds, logged)
            spent, took = cpu(process) - spent, time.monotonic() - begun
            time.sleep(2)
            late = [reader.came.get(key, float("inf")) - moment for key, moment in logged.items()]
            print(f"arrived      {told(late)}; server {100 * spent / took:.1f} % of a core")
            if CHROMIUM.exists():
                print(watched(int(port), token, made, seconds))
            print(f"load {os.getloadavg()[0]:.1f}, {psutil.cpu_count()} cores")
        finally:
            server.terminate()
            server.wait(10)
            made.close()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(float(each) for each in given[:1]), *(int(each) for each in given[1:]))
