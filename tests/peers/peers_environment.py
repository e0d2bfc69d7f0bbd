"""Where other tools' libraries are, and what keeps them from the network."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
PEERS = Path(__file__).parents[2] / ".venv-peers"
PYTHON = PEERS / "bin" / "python"
# No tool may look for an account, a server or a newer version of itself.
OFFLINE = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "HF_HUB_OFFLINE": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "KERAS_BACKEND": "torch",
    "OMP_NUM_THREADS": "1",
}
