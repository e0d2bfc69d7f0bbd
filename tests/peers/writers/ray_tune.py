"""Ray Tune's own loggers, every trial one of a grid."""

import os

from given import done, folder, rows, trials

os.environ["RAY_CHDIR_TO_TRIAL_DIR"] = "0"
import ray
from ray import tune

KNOWN = trials()


def train(config):
    trial = KNOWN[config["at"]]
    for _, values in rows(trial):
        tune.report(values)
    if trial["ends"] == "failed":
        raise ValueError("<b>it failed</b> 失败")


ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)
grid = [{**trial["configuration"], "seed": trial["seed"], "at": at} for at, trial in enumerate(KNOWN)]
tune.Tuner(
    lambda config: train(config["known"]),
    param_space={"known": tune.grid_search(grid)},
    run_config=tune.RunConfig(name="exp", storage_path=str(folder()), verbose=0),
).fit()
ray.shutdown()
done(folder() / "exp")
