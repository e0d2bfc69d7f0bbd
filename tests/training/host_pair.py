"""A small data-parallel training as one process of a `torchrun` pair: batch norm, an averaged copy, checkpoints; faults on demand.

    torchrun --standalone --nproc-per-node 2 host_pair.py OUT FAULT...

Every named fault is planted in a training of its own, "clean" plants none; process 0 writes what was found to OUT as JSON.
The faults are in what is done, not in what is said: the facts are gathered by the same lines in every training.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from torch import distributed

from playnote.training.hosts import HostFacts, compare_hosts, data_seed, fingerprint, gather, init_seed, shard

N, BATCH, SEED = 64, 8, 11


def examples():
    made = torch.Generator().manual_seed(0)
    x = torch.randn(N, 4, generator=made)
    return x, (x[:, :1] > 0).float() + 0.1 * torch.randn(N, 1, generator=made)


def model_of(rank, fault):
    torch.manual_seed(init_seed(SEED) + (rank if fault == "unequal-weights" else 0))
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 1))


def read_by(rank, world, fault):
    """The places a process reads, and the seed it shuffles them by."""
    places = list(shard(N, rank, world))
    if fault == "overlapping-shards" and rank:
        places[:5] = shard(N, 0, world)[:5]
    if fault == "missing-examples" and rank:
        places = places[:-3]
    return places, data_seed(SEED, 0 if fault == "equal-data-seed" else rank)


def train(rank, world, fault, folder):
    x, y = examples()
    model = model_of(rank, fault)
    start = fingerprint(model.parameters())
    average = {name: value.clone() for name, value in model.named_parameters()}
    places, seed = read_by(rank, world, fault)
    order = torch.randperm(len(places), generator=torch.Generator().manual_seed(seed)).tolist()
    ids = [places[at] for at in order]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for at in range(0, (len(ids) // BATCH) * BATCH if fault != "missing-examples" else 24, BATCH):
        rows = ids[at : at + BATCH]
        optimizer.zero_grad()
        ((model(x[rows]) - y[rows]) ** 2).mean().backward()
        for each in model.parameters():
            distributed.all_reduce(each.grad)
            each.grad /= world
        optimizer.step()
        if fault != "unequal-average" or rank == 0:
            with torch.no_grad():
                for name, value in model.named_parameters():
                    average[name].mul_(0.9).add_(value, alpha=0.1)
    if fault != "unequal-norms":
        for each in model.buffers():
            distributed.broadcast(each, 0)
    wrote = rank == 0 or fault == "two-writers"
    metric, reloaded = saved_and_loaded(model, average, fault, folder / f"{rank}.pt", (x, y))
    if wrote:
        (folder / f"log-{rank}").write_text(str(metric))
    distributed.barrier()
    facts = HostFacts(
        rank=rank,
        weights=start,
        norms=fingerprint(model.buffers()),
        average=fingerprint(average.values()),
        ids=ids,
        wrote=(folder / f"log-{rank}").exists(),
        metric=metric,
        reloaded=reloaded,
        data_seed=seed,
    )
    return compare_hosts(gather(facts), N)


def saved_and_loaded(model, average, fault, file, data):
    """The averaged model's error now, and after its checkpoint was loaded into a fresh one."""
    live = {**dict(model.named_buffers()), **average}
    torch.save(live if fault != "reload-differs" else average, file)
    fresh = [
        torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
        for _ in range(2)
    ]
    fresh[0].load_state_dict(live)
    fresh[1].load_state_dict(torch.load(file, weights_only=True), strict=False)
    x, y = data
    with torch.no_grad():
        return tuple(float(((each.eval()(x) - y) ** 2).mean()) for each in fresh)


def main(out, faults):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo")
    rank, world = distributed.get_rank(), distributed.get_world_size()
    found = {}
    for fault in faults:
        with tempfile.TemporaryDirectory() as folder:
            # one folder for both: where they write is what is looked at
            shared = [folder if rank == 0 else None]
            distributed.broadcast_object_list(shared, 0)
            report = train(rank, world, fault, Path(shared[0]))
            found[fault] = {"faults": report.faults, "numbers": dict(report.numbers)}
            distributed.barrier()
    if rank == 0:
        Path(out).write_text(json.dumps(found))
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
