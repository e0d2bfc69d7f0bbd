"""Optuna's own library, where the user has it: server storages, studies in memory, and points put into a study.

The one file that imports Optuna. Reading asks the storage for trials and writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from playnote.connectors.imported import Imported, Wanted, unreadable
from playnote.connectors.optuna_journal import JournalCurves
from playnote.connectors.optuna_rdb import chosen_study
from playnote.connectors.optuna_study import UNNAMED, OptunaStudy, OptunaTrial, imported_study, names_of, objective_of
from playnote.errors import MissingExtraError, PlaynoteError, SourceError
from playnote.space.hyperparameter import Value
from playnote.text import Text, same

_NEEDED = Text(en="{what} needs {package}, which is not installed here.", zh="{what} 需要 {package}，这里没有装。")
_SERVER = Text(en="Reading a server database", zh="读服务器数据库")
_ENQUEUE = Text(en="Putting points into a study", zh="把点放进 study")
_REFUSED = Text(en="the storage cannot be opened: {why}.", zh="存储打不开：{why}。")
_CHECK = Text(
    en="Check the address, the password and that the server runs.", zh="检查地址、密码，以及服务器是否在运行。"
)


def read_server(address: str, wanted: Wanted) -> Imported:
    """A study of a server database ("postgresql://...", "mysql://..."), through the user's Optuna and driver."""
    optuna = _library(_SERVER)
    try:
        storage = optuna.storages.RDBStorage(address, skip_table_creation=True)
        studies = [(each._study_id, each.study_name) for each in storage.get_all_studies()]
        _, name = chosen_study(without_password(address), studies, wanted.study)
        return imported_object(optuna.load_study(study_name=name, storage=storage), wanted)
    except ImportError as error:
        raise _missing(_SERVER, str(error.name or "sqlalchemy")) from None
    except optuna.exceptions.OptunaError as error:
        raise _refused(address, error) from None
    except PlaynoteError:
        raise
    except Exception as error:  # the database driver's own, whichever it is
        raise _refused(address, error) from None


def imported_object(study: Any, wanted: Wanted = Wanted()) -> Imported:
    """A study in memory, or one that was loaded; its trials are looked at, not copied."""
    trials = study.get_trials(deepcopy=False)
    stored = tuple(_stored(trial) for trial in trials)
    directions = tuple(direction.name.lower() for direction in study.directions)
    attributes = dict(study._storage.get_study_system_attrs(study._study_id))
    made = OptunaStudy(study.study_name, directions, stored, attributes)
    formula = objective_of(study.study_name, made, wanted)[1] or UNNAMED
    reports = {str(t.number): {float(k): float(v) for k, v in t.intermediate_values.items()} for t in trials}
    return imported_study(
        study.study_name, made, wanted, JournalCurves(reports if len(directions) < 2 else {}, formula)
    )


def metrics_of(study: Any) -> tuple[str | None, ...]:
    """The names of a study's objectives to ask for, one by one; None stands for the only one of a plain study."""
    directions = tuple(direction.name.lower() for direction in study.directions)
    recorded = study.metric_names
    return (None,) if len(directions) < 2 else names_of(len(directions), recorded)


def is_study(source: object) -> bool:
    """Whether an object is an Optuna study, without importing Optuna for it."""
    return type(source).__module__.startswith("optuna.") and hasattr(source, "get_trials")


def enqueue(storage: str, study: str | None, points: Sequence[Mapping[str, Value]], repeats: int = 1) -> str:
    """Put points into a study's queue; the study's name. Raises `SourceError`, `MissingExtraError`.

    A configuration that is to be repeated is put there as often.
    """
    optuna = _library(_ENQUEUE)
    try:
        where = _opened(optuna, storage)
        names = [each.study_name for each in optuna.get_all_study_summaries(storage=where)]
        _, name = chosen_study(storage, list(enumerate(names)), study)
        chosen = optuna.load_study(study_name=name, storage=where)
    except optuna.exceptions.OptunaError as error:
        raise _refused(storage, error) from None
    for point in points:
        for _ in range(repeats):
            chosen.enqueue_trial(dict(point), user_attrs={"enqueued by": "playnote"})
    return str(name)


def _opened(optuna: Any, storage: str) -> Any:
    if "://" in storage:
        return storage
    if storage.endswith((".log", ".journal", ".jsonl")):
        journal = optuna.storages.journal
        return optuna.storages.JournalStorage(journal.JournalFileBackend(storage))
    return f"sqlite:///{storage}"


def _stored(trial: Any) -> OptunaTrial:
    from_json = import_module("optuna.distributions").distribution_to_json
    last = max(trial.intermediate_values) if trial.intermediate_values else None
    return OptunaTrial(
        trial.number,
        trial.state.name,
        {
            name: (trial.distributions[name].to_internal_repr(value), _text(trial.distributions[name], from_json))
            for name, value in trial.params.items()
        },
        trial.values,
        None if last is None else (float(last), float(trial.intermediate_values[last])),
        trial.system_attrs,
        None if trial.datetime_start is None else trial.datetime_start.isoformat(),
        None if trial.datetime_complete is None else trial.datetime_complete.isoformat(),
    )


def _text(distribution: Any, as_json: Any) -> str:
    """The distribution as stored; choices that JSON cannot hold by their text."""
    try:
        return str(as_json(distribution))
    except TypeError:
        choices = [str(each) for each in distribution.choices]
        return json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": choices}})


def _library(what: Text) -> Any:
    try:
        return import_module("optuna")
    except ModuleNotFoundError:
        raise _missing(what, "optuna") from None


def _missing(what: Text, package: str) -> MissingExtraError:
    return MissingExtraError(_NEEDED.fill(what=what, package=package), fix=same(f"pip install {package}"))


def _refused(address: str, error: Exception) -> SourceError:
    why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return unreadable(without_password(address), _REFUSED.fill(why=without_password(why)), _CHECK)


def without_password(address: str) -> str:
    """`user:secret@host` without the secret: an address ends up in messages and reports."""
    head, mark, tail = address.rpartition("@")
    if not mark or "://" not in head:
        return address
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}"


__all__ = ["enqueue", "imported_object", "is_study", "metrics_of", "read_server", "without_password"]
