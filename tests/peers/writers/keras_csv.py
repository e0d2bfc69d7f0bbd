"""Keras' CSVLogger, called as a fit calls it."""

from types import SimpleNamespace

import keras
from given import done, folder, rows, trials

place = folder() / "keras"
place.mkdir()
for trial in trials():
    logger = keras.callbacks.CSVLogger(str(place / f"{trial['name']}.csv"))
    logger.set_model(SimpleNamespace(stop_training=False))
    logger.on_train_begin()
    names = list(trial["series"])
    for step, values in rows(trial):
        logger.on_epoch_end(step, {name: values.get(name, "NA") for name in names})
    logger.on_train_end()
done(place)
