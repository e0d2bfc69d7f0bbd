"""trackio without a dashboard, into its local store; with "parquet", its own export of that."""

import os
import sys

from given import done, folder, rows, trials

os.environ["TRACKIO_DIR"] = str(folder())
import trackio

for trial in trials():
    trackio.init(
        project="known", name=trial["name"], config={**trial["configuration"], "seed": trial["seed"]}, embed=False
    )
    for step, values in rows(trial):
        trackio.log(values, step=step)
    trackio.finish()
if sys.argv[3:] == ["parquet"]:
    from trackio.sqlite_storage import SQLiteStorage

    SQLiteStorage.export_to_parquet()
done(folder() / ("known.parquet" if sys.argv[3:] == ["parquet"] else "known.db"))
