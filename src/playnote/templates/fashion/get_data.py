"""Find the four files of Fashion-MNIST, or fetch them: 31 MB, Debian's package dataset-fashion-mnist, MIT licence.

python get_data.py

They are looked for in $FASHION_MNIST, in data/ beside this file, and where the installed package puts them. Where none has
them, apt downloads the package and its files are unpacked into data/: no root is needed, and nothing is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = "dataset-fashion-mnist"
INSTALLED = Path("usr/share/datasets/fashion-mnist")
FILES = tuple(f"{part}-{what}-ubyte.gz" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))
HELP = f"""Fashion-MNIST was not found. Do one of these, then run the same command again:
  python {HERE / "get_data.py"}                 (Debian, Ubuntu: downloads 31 MB into {HERE / "data"})
  sudo apt-get install {PACKAGE}
  export FASHION_MNIST=FOLDER                   (where the four files {FILES[0]} ... lie already)"""


def places() -> list[Path]:
    """Folders that may hold the files, in the order in which they are looked at."""
    named = os.environ.get("FASHION_MNIST")
    return [*([Path(named)] if named else []), HERE / "data", Path("/") / INSTALLED]


def folder() -> Path:
    """The folder with the files. Raises FileNotFoundError, which says what to do."""
    found = next((place for place in places() if all((place / name).is_file() for name in FILES)), None)
    if found is None:
        raise FileNotFoundError(HELP)
    return found


def fetch() -> None:
    """Download the package and unpack its files into data/. Raises RuntimeError with the reason."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise RuntimeError("apt-get and dpkg-deb are not here: the files must come from elsewhere, see FASHION_MNIST.")
    with tempfile.TemporaryDirectory() as name:
        said = _apt_get("download", name)
        if said is not None and os.geteuid() == 0 and _apt_get("update", name) is None:
            said = _apt_get("download", name)  # a new machine knows no packages yet
        if said is not None:
            raise RuntimeError(f"apt-get download {PACKAGE} failed:\n{said}")
        subprocess.run(["dpkg-deb", "-x", str(next(Path(name).glob("*.deb"))), name], check=True)
        (HERE / "data").mkdir(exist_ok=True)
        for file in FILES:
            shutil.copyfile(Path(name) / INSTALLED / file, HERE / "data" / file)


def _apt_get(verb: str, where: str) -> str | None:
    """Run it; None where it went well, else what it said."""
    what = [PACKAGE] if verb == "download" else []
    done = subprocess.run(["apt-get", "-q", verb, *what], cwd=where, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip()


def main() -> int:
    """Fetch what is not there; 0, or 1 with what to do."""
    try:
        folder()
    except FileNotFoundError:
        try:
            fetch()
        except (RuntimeError, OSError, subprocess.CalledProcessError) as trouble:
            print(f"{trouble}\n\n{HELP}", file=sys.stderr)
            return 1
    print(f"Fashion-MNIST is in {folder()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
