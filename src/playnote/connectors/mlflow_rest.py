"""An MLflow server, over its REST interface with the standard library alone.

Runs come page by page; a metric's history is fetched when its curve is asked for. Nothing is written to the server.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.mlflow_runs import Logged, chosen, imported_experiment, stored
from playnote.connectors.series import number, series
from playnote.records.curves import Curve
from playnote.text import Text

_SECONDS = 60.0
_PAGE, _HISTORY = 1_000, 25_000
_PAGES = 10_000
_MOST = 1 << 29  # bytes of one answer
_LOCAL = ("localhost", "127.0.0.1", "::1")
_REFUSED = Text(en="the server answered {code} {why}", zh="服务器返回 {code} {why}")
_SILENT = Text(en="no answer from the server ({why}).", zh="服务器没有回应（{why}）。")
_NOT_MLFLOW = Text(en="the answer is not one of an MLflow server.", zh="返回的内容不像 MLflow 服务器。")
_GIVE = Text(
    en="Give the address that MLFLOW_TRACKING_URI holds, or the server's database file.",
    zh="请给 MLFLOW_TRACKING_URI 里的地址，或者服务器的数据库文件。",
)


def read_mlflow_server(address: Path | str, wanted: Wanted) -> Imported:
    """The runs of the one experiment of a server, or of the one named."""
    server = _Server(str(address))
    experiments = [
        (str(each["experiment_id"]), str(each.get("name", "")))
        for each in server.pages("experiments/search", "experiments", {"max_results": _PAGE})
    ]
    if wanted.study is None:
        # An experiment without runs is none to choose from: every server has an empty "Default".
        experiments = [each for each in experiments if server.has_runs(each[0])]
    identity, name = chosen(str(address), experiments, wanted.study)
    asked = {"experiment_ids": [identity], "run_view_type": "ACTIVE_ONLY", "max_results": _PAGE}
    logged = [_logged(each) for each in server.pages("runs/search", "runs", asked)]

    def history(run: str, key: str) -> Curve:
        rows = list(server.history(run, key))
        rows.sort(key=lambda row: (_at(row), number(row.get("timestamp")) or 0.0))
        return series([_at(row) for row in rows], [_value(row) for row in rows])

    return imported_experiment(str(address), name, logged, history, wanted)


class _Server:
    """Asks one server; every fault becomes a `SourceError`."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        host = urllib.parse.urlsplit(self.address).hostname
        handlers = [urllib.request.ProxyHandler({})] if host in _LOCAL else []
        self._opener = urllib.request.build_opener(*handlers)

    def has_runs(self, experiment: str) -> bool:
        body = {"experiment_ids": [experiment], "run_view_type": "ACTIVE_ONLY", "max_results": 1}
        return bool(self._ask("runs/search", body).get("runs"))

    def pages(self, path: str, holds: str, body: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Every item of every page."""
        token = ""
        for _ in range(_PAGES):
            answer = self._ask(path, {**body, "page_token": token} if token else body)
            yield from self._items(answer, holds)
            token = str(answer.get("next_page_token") or "")
            if not token:
                return

    def history(self, run: str, key: str) -> Iterator[dict[str, Any]]:
        """Every value of a metric."""
        token = ""
        for _ in range(_PAGES):
            query = {"run_id": run, "metric_key": key, "max_results": str(_HISTORY)}
            answer = self._ask(
                "metrics/get-history?" + urllib.parse.urlencode({**query, **({"page_token": token} if token else {})})
            )
            yield from self._items(answer, "metrics")
            token = str(answer.get("next_page_token") or "")
            if not token:
                return

    def _items(self, answer: Mapping[str, Any], holds: str) -> list[dict[str, Any]]:
        items = answer.get(holds, [])
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise unreadable(self.address, _NOT_MLFLOW, _GIVE)
        return items

    def _ask(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.address}/api/2.0/mlflow/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                found = json.loads(answer.read(_MOST))
        except urllib.error.HTTPError as error:
            why = _REFUSED.fill(code=error.code, why=error.reason)
            error.close()
            raise unreadable(self.address, why, _GIVE) from None
        except (OSError, http.client.HTTPException) as error:
            why = _SILENT.fill(why=getattr(error, "reason", None) or error)
            raise unreadable(self.address, why, _GIVE) from None
        except (ValueError, RecursionError):
            raise unreadable(self.address, _NOT_MLFLOW, _GIVE) from None
        if not isinstance(found, dict):
            raise unreadable(self.address, _NOT_MLFLOW, _GIVE)
        return found


def _logged(run: Mapping[str, Any]) -> Logged:
    info, data = run.get("info", {}), run.get("data", {})
    tags = _pairs(data.get("tags"))
    return Logged(
        id=str(info.get("run_id") or info.get("run_uuid")),
        name=str(info.get("run_name") or tags.get("mlflow.runName") or ""),
        status=str(info.get("status", "")),
        start=_whole(info.get("start_time")),
        end=_whole(info.get("end_time")),
        params=_pairs(data.get("params")),
        keys=sorted(str(each["key"]) for each in data.get("metrics", []) if "key" in each),
        tags=tags,
    )


def _pairs(items: object) -> dict[str, str]:
    every = items if isinstance(items, list) else []
    return {str(each["key"]): str(each.get("value", "")) for each in every if isinstance(each, dict) and "key" in each}


def _whole(value: object) -> int | None:
    found = number(value)
    return None if found is None else int(found)


def _at(metric: Mapping[str, Any]) -> float:
    return number(metric.get("step", 0)) or 0.0


def _value(metric: Mapping[str, Any]) -> float:
    return stored(number(metric.get("value", 0.0)))


__all__ = ["read_mlflow_server"]
