"""The training side: batch size, steps, warmup, input pipeline, hosts."""

from __future__ import annotations

from playnote.records.settings.setting import Setting

ROWS: tuple[Setting, ...] = (
    Setting("batch_size.sizes", 3, "batch sizes", "ours", "two doublings show whether growth slows", 2),
    Setting("batch_size.steps", 20, "timed steps", "ours", "a median needs some readings", 3),
    Setting("batch_size.linear", 1.8, "ratio per doubling", "ours", "nearly twice the throughput"),
    Setting("batch_size.worth", 1.5, "ratio per doubling", "ours", "the last doubling still pays"),
    Setting("batch_size.flat", 1.2, "ratio per doubling", "ours", "the device is saturated or waits"),
    Setting(
        "batch_size.wait", 0.10, "share of step time", "ours", "waiting for data beyond this is a bottleneck", 0.0, 1.0
    ),
    Setting(
        "batch_size.busy", 0.70, "share of time", "ours", "a device less busy than this waits for something", 0.0, 1.0
    ),
    Setting("steps.rates", 5, "learning rates", "ours", "the fastest of fewer may just be the nearest", 2),
    Setting("steps.reached", 2, "trials", "ours", "one that reaches the target may be luck", 1),
    Setting(
        "steps.early", 0.10, "share of steps", "playbook", "best step always in the first tenth: too long", 0.0, 1.0
    ),
    Setting(
        "steps.late", 0.75, "share of steps", "upstream", "best step in the last quarter: longer may help", 0.0, 1.0
    ),
    Setting("steps.sure", 0.80, "probability", "ours", "posterior that most top trials are early, or late", 0.5, 1.0),
    Setting("steps.top", 3, "trials", "ours", "a flat plateau puts one trial late a quarter of the time", 2),
    Setting("warmup.stable", 0.90, "posterior mean", "ours", "4 of 4 runs stable (Jeffreys)", 0.5, 1.0),
    Setting("warmup.lengths", 3, "lengths", "ours", "fewer show no order", 2),
    Setting("warmup.seeds", 2, "runs per length", "ours", "one stable run may be luck", 1),
    Setting("warmup.extend", 0.05, "share of steps", "playbook", "a longer warmup asks for longer training", 0.0, 1.0),
    Setting("warmup.cap", 0.10, "share of steps", "playbook", "longest warmup worth trying", 0.0, 1.0),
    Setting("probe.noise", 5.0, "noise units", "ours", "a jump stands out of the readings", 1.0),
    Setting("probe.drop", 0.20, "share of the drop", "ours", "a jump undoes a good part of what was gained", 0.0, 1.0),
    Setting("probe.recover", 0.02, "share of readings", "ours", "a single hard batch is over sooner", 0.0, 0.5),
    Setting(
        "probe.slack", 0.01, "share of the drop", "ours", "a cure leaves the late loss no worse than this", 0.0, 1.0
    ),
    Setting("measure.seeds", 5, "seeds", "ours", "the SD is known to a factor of 3", 2),
    Setting("measure.bracket", 1.25, "ratio", "ours", "closer than this the bracket says nothing new", 1.01),
    Setting(
        "warmup.tolerance", 0.10, "share of the length", "ours", "a shorter warmup by less saves nothing", 0.0, 1.0
    ),
    Setting("stability.window", 500, "steps", "upstream", "early blow-ups show within the first 500", 20),
    Setting("stability.early", 0.10, "share of steps", "ours", "what begins later is not cured by warmup", 0.0, 1.0),
    Setting("batch_size.probe", 60, "steps", "ours", "a median of 50 after the first tenth is left out", 25),
    Setting("steps.target", 0.0, "train error", "playbook", "a perfect fit of the training data"),
    Setting(
        "transfer.share", 0.15, "share of steps", "playbook", "first rounds at 10 to 20 % of the length", 0.01, 0.9
    ),
    Setting("measure.glance", 20, "steps", "ours", "what is read off a live model is there at once", 1),
    Setting("arms.sure", 0.90, "probability", "ours", "the usual cut of these answers", 0.5, 1.0),
    Setting("arms.trials", 12, "trials per value", "ours", "of fewer, what the search left open drowns the answer", 3),
    Setting("arms.edge", 0.15, "share of the range", "ours", "a best this near to an end is looked beyond", 0.0, 0.5),
    Setting("input.steps", 60, "steps", "ours", "a mean over bursts of a loader, after the first tenth", 20),
    Setting("input.repeats", 3, "runs per set-up", "ours", "a spread between processes needs some", 2),
)
