"""The Trainer's own state, saved as its checkpoints save it; the second last checkpoint stays beside the last."""

from given import done, folder, rows, trials
from transformers import TrainerState


def key(metric):
    return "eval_error" if metric == "dev/error" else metric.removeprefix("train/")


for trial in trials():
    history = [{**{key(m): v for m, v in values.items()}, "step": step} for step, values in rows(trial)]
    last = history[-1]["step"]
    for step in (0, last):
        place = folder() / "out" / trial["name"] / f"checkpoint-{step}"
        place.mkdir(parents=True, exist_ok=True)
        TrainerState(
            global_step=step,
            max_steps=last,
            log_history=[row for row in history if row["step"] <= step],
            trial_name=trial["name"],
            trial_params={**trial["configuration"], "seed": trial["seed"]},
        ).save_to_json(str(place / "trainer_state.json"))
done(folder() / "out")
