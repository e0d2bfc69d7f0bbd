"""The project behind the door, and the door as an agent calls it."""

from playnote.interfaces.mcp.calls import Door, call, look

PROJECT = """
[project]
name = "small"
goal = "Show that a round runs"
task = { type = "regression", supervision = "exact" }

[objective]
optimize = "dev/error"
direction = "minimize"
min_effect = 0.01
chance = 1.0

[splits]
dev = { source = "made", logged_as = "dev" }
test = { source = "made", logged_as = "holdout", ids = "splits/final.txt" }

[workflow]
command = "sh train.sh {lr} {width} {seed}"
metrics = "stdout"
max_train_steps = 3
evaluate_every = 1

[hyperparameters]
lr = { low = 0.001, high = 1.0, scale = "log", group = "optimizer" }
width = { choices = [1, 4], group = "architecture" }

[baseline]
lr = 0.05
width = 1

[budget]
trials = 100
hours = 1
"""
SCRIPT = """
test -f slow && sleep 0.3
test -f stalled && sleep 60
for step in 1 2 3; do
  echo "$step $1 $2 $3" | awk '{ d = log($2) - log(0.05); printf "{\\"step\\": %d, \\"dev/error\\": %.6f, \\"train/loss\\": %.6f}\\n", $1, 0.1 + (0.01*d*d + 0.05)/$3 + 0.01/$1 + ($4 % 7)*0.0003, 1/$1 }'
done
"""


def begun(folder):
    """A project that nothing was done in yet."""
    (folder / "splits").mkdir(parents=True)
    (folder / "splits" / "final.txt").write_text("1\n2\n3\n", encoding="utf-8")
    (folder / "playnote.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "train.sh").write_text(SCRIPT, encoding="utf-8")
    return folder


class Agent:
    """The door as an agent calls it, in this process; `act` passes the state it has just read."""

    def __init__(self, folder, language="en"):
        self.door = Door(folder, language)

    def ask(self, tool, **arguments):
        return call(self.door, tool, arguments)

    def get(self, tool, **arguments):
        found = self.ask(tool, **arguments)
        assert found["ok"], found
        return found["data"]

    def refused(self, tool, **arguments):
        found = self.ask(tool, **arguments)
        assert not found["ok"], found
        return found["error"]

    def state(self):
        return self.get("status")["state_id"]

    def act(self, tool, **arguments):
        return self.get(tool, **arguments, state_id=self.state())

    def read(self, uri):
        return look(self.door, uri)

    def end(self, job):
        """Wait for a job to end; what it said last."""
        return self.get("status", job=job, wait_s=50)["jobs"][0]
