"""An Optuna study of known trials, in a database ("rdb") or a journal ("journal")."""

import sys

import optuna
from given import done, folder, trials

optuna.logging.set_verbosity(optuna.logging.ERROR)
METRIC = "dev/error"
known = trials()


def distribution(name):
    values = [trial["configuration"][name] for trial in known]
    if isinstance(values[0], (str, bool)):
        return optuna.distributions.CategoricalDistribution(list(dict.fromkeys(values)))
    if isinstance(values[0], int):
        return optuna.distributions.IntDistribution(1, 1000)
    return optuna.distributions.FloatDistribution(1e-9, 1.0, log=True)


if sys.argv[3] == "rdb":
    source = folder() / "study.db"
    storage = f"sqlite:///{source}"
else:
    source = folder() / "study.log"
    try:
        backend = optuna.storages.journal.JournalFileBackend(str(source))
    except AttributeError:  # before version 4
        backend = optuna.storages.JournalFileStorage(str(source))
    storage = optuna.storages.JournalStorage(backend)
study = optuna.create_study(storage=storage, direction="minimize")
spaces = {name: distribution(name) for name in known[0]["configuration"]}
spaces["seed"] = optuna.distributions.IntDistribution(0, 10_000)
for trial in known:
    readings = trial["series"][METRIC]
    finite = [value for _, value in readings if value == value and abs(value) != float("inf")]
    study.add_trial(
        optuna.trial.create_trial(
            state=optuna.trial.TrialState.COMPLETE if trial["ends"] == "ok" else optuna.trial.TrialState.FAIL,
            value=min(finite) if trial["ends"] == "ok" else None,
            params={**trial["configuration"], "seed": trial["seed"]},
            distributions=spaces,
            intermediate_values={step: value for step, value in readings},
        )
    )
sys.stdout.write(optuna.__version__)
done(source)
