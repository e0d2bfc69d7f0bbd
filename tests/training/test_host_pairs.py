"""Real pairs of processes under `torchrun`: a clean set-up is silent, every fault planted in the training is named."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("torch")

SCRIPT = Path(__file__).with_name("host_pair.py")
FAULTS = (
    "unequal-weights",
    "unequal-norms",
    "unequal-average",
    "equal-data-seed",
    "two-writers",
    "overlapping-shards",
    "missing-examples",
    "reload-differs",
)
# What a fault brings with it: other averages of other weights; examples that nobody reads where a shard takes another's.
FOLLOWS = {"unequal-weights": ["unequal-average"], "overlapping-shards": ["missing-examples"]}
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def pair(out, *faults):
    """One launch of two processes over the loopback; what was found of each training."""
    done = subprocess.run(
        [*TORCHRUN, str(SCRIPT), str(out), *faults], env=ENVIRONMENT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(out.read_text())


@pytest.fixture(scope="module")
def launched(tmp_path_factory):
    """A launch for each fault, the clean training before it; two at a time, as most of it is the import of torch."""
    folder = tmp_path_factory.mktemp("pairs")
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda fault: pair(folder / f"{fault}.json", "clean", fault), FAULTS)
        return dict(zip(FAULTS, found, strict=True))


@pytest.mark.scenarios
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_planted_in_the_training_of_a_real_pair_is_named_and_the_clean_one_is_silent(launched, fault):
    found = launched[fault]
    assert found["clean"]["faults"] == []
    assert found["clean"]["numbers"]["processes"] == 2
    assert found[fault]["faults"] == [fault, *FOLLOWS.get(fault, ())]


PROJECT = """
[project]
name = "pair"

[objective]
optimize = "dev/error"
direction = "minimize"

[workflow]
command = "{python} -m torch.distributed.run --standalone --nproc-per-node 2 train.py --lr {{lr}}"
max_train_steps = 4
evaluate_every = 4

[workflow.environment]
OMP_NUM_THREADS = "1"
GLOO_SOCKET_IFNAME = "lo"

[hyperparameters]
lr = {{ low = 0.01, high = 1.0, scale = "log" }}

[baseline]
lr = 0.1
"""
TRAIN = """
import sys, tempfile
from pathlib import Path
import torch
from torch import distributed
sys.path.insert(0, {tests!r})
import host_pair
from playnote import current_trial

trial = current_trial()
torch.set_num_threads(1)
distributed.init_process_group("gloo")
rank = distributed.get_rank()
shared = [tempfile.mkdtemp() if rank == 0 else None]
distributed.broadcast_object_list(shared, 0)
report = host_pair.train(rank, 2, "unequal-norms", Path(shared[0]))
trial.facts["hosts"] = dict(report.numbers)
trial.log(4, {{"dev/error": 0.1}})
distributed.destroy_process_group()
"""


@pytest.mark.scenarios
def test_measure_hosts_runs_a_real_pair_names_its_fault_and_the_rules_fail_by_it(tmp_path):
    from playnote.playbook.facts.measurements import measured_in
    from playnote.service.measure import Measured, measure
    from playnote.service.session import open_project

    (tmp_path / "playnote.toml").write_text(PROJECT.format(python=sys.executable), encoding="utf-8")
    (tmp_path / "train.py").write_text(TRAIN.format(tests=str(SCRIPT.parent)), encoding="utf-8")
    session = open_project(tmp_path)
    *_, found = measure(session, "hosts")
    assert isinstance(found, Measured)
    assert found.found.label == "no"
    assert "unequal-norms" in found.found.message.en
    state = session.state()
    assert measured_in(state).last("hosts").flag("statistics_equal") is False
    # one process alone wrote the trial's log, though both held its handle
    assert len(state.trials) == 1
