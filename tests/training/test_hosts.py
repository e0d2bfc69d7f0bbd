"""Seeds and shards of the processes of a run, and every planted fault named alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playnote.training.hosts import HostFacts, compare_hosts, data_seed, init_seed, shard


@given(st.integers(0, 500), st.integers(1, 9))
def test_shards_are_disjoint_complete_and_even(n, world):
    parts = [shard(n, rank, world) for rank in range(world)]
    assert sorted(at for part in parts for at in part) == list(range(n))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(st.integers(0, 2**40), st.integers(2, 64))
def test_processes_share_the_seed_of_the_weights_and_no_seed_of_the_data(seed, world):
    assert len({data_seed(seed, rank) for rank in range(world)}) == world
    assert len({init_seed(seed) for _ in range(world)}) == 1
    assert all(0 <= data_seed(seed, rank) < 2**31 for rank in range(world))


def clean(world=2, n=100):
    return [
        HostFacts(
            rank=rank,
            weights="w",
            norms="n",
            average="a",
            ids=list(shard(n, rank, world)),
            wrote=rank == 0,
            metric=0.25,
            reloaded=0.25,
            data_seed=data_seed(7, rank),
        )
        for rank in range(world)
    ]


def test_a_clean_set_up_is_silent():
    report = compare_hosts(clean(), 100)
    assert report.faults == ()
    assert report.numbers["overlap"] == 0
    assert compare_hosts(clean(3, 100), 100).faults == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"weights": "other"}, "unequal-weights"),
        ({"norms": "other"}, "unequal-norms"),
        ({"average": None}, "unequal-average"),
        ({"data_seed": data_seed(7, 0)}, "equal-data-seed"),
        ({"wrote": True}, "two-writers"),
        ({"ids": [*range(1, 99, 2), 0]}, "overlapping-shards"),
        ({"ids": [*range(1, 97, 2)]}, "missing-examples"),
        ({"reloaded": 0.26}, "reload-differs"),
    ],
)
def test_each_planted_fault_is_named(change, fault):
    hosts = clean()
    hosts[1] = replace(hosts[1], **change)
    faults = compare_hosts(hosts, 100).faults
    assert fault in faults
    assert set(faults) <= {fault, "missing-examples"}


def test_weights_split_on_purpose_are_no_fault():
    hosts = clean()
    hosts[1] = replace(hosts[1], weights="other", wrote=True)
    assert compare_hosts(hosts, 100, sharded=True).faults == ()


def test_padding_at_the_end_of_an_epoch_is_no_overlap():
    hosts = clean(2, 99)
    hosts[1] = replace(hosts[1], ids=[*hosts[1].ids, 0])
    assert "overlapping-shards" not in compare_hosts(hosts, 99).faults


def test_one_process_alone_is_compared_with_nobody():
    torch = pytest.importorskip("torch")
    from playnote.training.hosts import fingerprint, gather

    assert gather(HostFacts(rank=0)) == [HostFacts(rank=0)]
    assert fingerprint([torch.ones(3)]) == fingerprint([torch.ones(3)])
    assert fingerprint([torch.ones(3)]) != fingerprint([torch.ones(3) + 1e-7])
    assert fingerprint([torch.ones(2, dtype=torch.bfloat16)]) != fingerprint([torch.ones(2)])
