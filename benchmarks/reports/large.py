"""The report of a large round: seconds to write, bytes, and seconds until a browser answers.

    .venv/bin/python benchmarks/reports/large.py [TRIALS] [POINTS] [FILE]

1,000 trials x 8 hyperparameters x 1,000 points a metric unless told otherwise. Printed: seconds and seconds of CPU to
judge, draw and write the page; its size; then, in Debian's Chromium opened on the file, seconds from the click to the
first picture that answers and to all of them, and how long a region marked in one picture takes until every picture and
the table show it. Each figure is the median of five, with its range. Beside it, where it is installed in an environment
of its own (`.venv-optuna-dashboard`), optuna-dashboard: the JSON of its study page for a study of the same size.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from playnote.service.report import write_report
from playnote.testing.large_round import large_state

CHROMIUM = Path("/usr/bin/chromium")
PEER = Path(".venv-optuna-dashboard/bin/python")
RUNS = 5
ANSWERS = """async (start) => {
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
  const before = performance.now();
  document.querySelector('[data-mark=best]').click();
  await frame();
  await frame();
  return performance.now() - before;
}"""


def said(name: str, values: list[float], unit: str = "s") -> None:
    """One figure: the median and the range."""
    print(f"{name:<28}{statistics.median(values):7.2f} {unit}  [{min(values):.2f}, {max(values):.2f}], n {len(values)}")


def write(trials: int, points: int, place: Path) -> None:
    """Judge, draw and write; the state is made before the clock starts."""
    state = large_state(trials, points)
    write_report(large_state(30, 50), 1, place)  # imports and templates are read once
    wall, cpu = [], []
    for _ in range(RUNS):
        begun, spent = time.perf_counter(), time.process_time()
        write_report(state, 1, place)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - spent)
    said("written", wall)
    said("  of CPU", cpu)
    print(f"{'size':<28}{place.stat().st_size / 1e6:7.2f} MB")


def look(place: Path) -> None:
    """Open it and mark trials, each time in a new page."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("playwright is not installed: no browser was opened")
        return
    if not CHROMIUM.exists():
        print("Chromium is not installed: no browser was opened")
        return
    first, ready, marked = [], [], []
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox"])
        for _ in range(RUNS):
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.goto(place.as_uri())
            page.wait_for_selector("html[data-ready=yes]", timeout=120_000)
            times = page.evaluate("({first: window.playnoteTimes.first, ready: window.playnoteTimes.ready})")
            first.append(times["first"] / 1000)
            ready.append(times["ready"] / 1000)
            marked.append(page.evaluate(ANSWERS) / 1000)
            page.close()
        browser.close()
    said("first picture answers", first)
    said("all pictures answer", ready)
    said("a tenth marked everywhere", marked)


PEER_SCRIPT = """
import json, sys, time, optuna, threading, urllib.request
from wsgiref.simple_server import make_server, WSGIRequestHandler
from importlib.metadata import version
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial
optuna.logging.set_verbosity(optuna.logging.ERROR)
trials, points = int(sys.argv[1]), int(sys.argv[2])
import random
rng = random.Random(7)
storage = optuna.storages.InMemoryStorage()
study = optuna.create_study(storage=storage, study_name="large")
names = [f"h{i}" for i in range(8)]
for _ in range(trials):
    params = {name: rng.random() for name in names}
    floor = sum(params.values()) / 8
    values = {step: floor + 1 / (step + 1) for step in range(points)}
    study.add_trial(create_trial(params=params, distributions={n: FloatDistribution(0, 1) for n in names},
                                 value=floor, intermediate_values=values))
from optuna_dashboard import wsgi
class Quiet(WSGIRequestHandler):
    def log_message(self, *_): pass
server = make_server("127.0.0.1", 0, wsgi(storage), handler_class=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
before = time.perf_counter()
body = urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/api/studies/0?after=0").read()
print(json.dumps({"seconds": time.perf_counter() - before, "bytes": len(body),
                  "version": version("optuna-dashboard")}))
server.shutdown()
"""


def peer(trials: int, points: int) -> None:
    """What optuna-dashboard sends for its study page, where it is installed beside us."""
    if not PEER.exists():
        print(f"optuna-dashboard is not installed in {PEER.parts[0]}: left out")
        return
    done = subprocess.run(
        [str(PEER), "-c", PEER_SCRIPT, str(trials), str(points)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"optuna-dashboard could not be asked: {done.stderr.strip()[-200:]}")
        return
    got = json.loads(done.stdout.splitlines()[-1])
    print(
        f"optuna-dashboard {got['version']:<11}{got['seconds']:7.2f} s for {got['bytes'] / 1e6:.1f} MB of JSON, before drawing"
    )


def main(trials: int = 1000, points: int = 1000, file: str | None = None) -> None:
    """Write it, open it, compare."""
    print(
        f"playnote {version('playnote')}, {trials} trials x 8 hyperparameters x {points} points, load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(file).resolve() if file else Path(folder) / "report.html"
        write(trials, points, place)
        look(place)
    peer(trials, points)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*(int(each) for each in given[:2]), *given[2:])
