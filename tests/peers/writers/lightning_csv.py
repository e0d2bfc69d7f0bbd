"""Lightning's CSVLogger."""

from given import done, folder, rows, trials
from pytorch_lightning.loggers import CSVLogger

for trial in trials():
    logger = CSVLogger(str(folder()), name="logs", version=trial["name"])
    logger.log_hyperparams({**trial["configuration"], "seed": trial["seed"]})
    for step, values in rows(trial):
        for metric, value in values.items():
            logger.log_metrics({metric: value}, step=step)
    logger.save()
done(folder() / "logs")
