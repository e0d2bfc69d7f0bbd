"""MLflow's own client: into a database, the older folder, or a server that is given as the third argument."""

import os
import sys

from given import done, folder, rows, trials

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow
from mlflow.entities import Metric, Param, RunTag


def allowed(name):
    """MLflow takes no "<" or ">" in a name."""
    return name.replace("<", "_").replace(">", "_")


kind = sys.argv[3]
where = {"db": f"sqlite:///{folder() / 'mlflow.db'}", "folder": (folder() / "mlruns").as_uri()}.get(kind, kind)
client = mlflow.MlflowClient(tracking_uri=where)
experiment = client.create_experiment(f"known {folder().name} <b>é</b> 实验")
for trial in trials():
    run = client.create_run(experiment, run_name=trial["name"]).info.run_id
    settings = {**trial["configuration"], "seed": trial["seed"]}
    client.log_batch(run, params=[Param(allowed(name), str(value)) for name, value in settings.items()])
    metrics = [
        Metric(allowed(metric), value, 1_700_000_000_000 + step, step)
        for step, values in rows(trial)
        for metric, value in values.items()
    ]
    for at in range(0, len(metrics), 1000):
        client.log_batch(run, metrics=metrics[at : at + 1000], tags=[RunTag("kept", "yes")])
    client.set_terminated(run, "FAILED" if trial["ends"] == "failed" else "FINISHED")
deleted = client.create_run(experiment, run_name="deleted").info.run_id
client.log_metric(deleted, "dev/error", 0.0)
client.delete_run(deleted)
done({"db": folder() / "mlflow.db", "folder": folder() / "mlruns"}.get(kind, kind))
