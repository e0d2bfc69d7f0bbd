"""The logs of all trials: digests and curves, from the cache where it is as new as the log, else from the log."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from typing import final

from playnote.errors import CacheError
from playnote.ledger.attempts import AttemptReader, Digest
from playnote.ledger.bundles import LogFiles
from playnote.ledger.cache import Cache, Entry, Key, remove_cache
from playnote.ledger.paths import Paths
from playnote.recorder.lines import Damage
from playnote.records.curves import Curve

_READERS = 256  # logs whose points stay in memory


@final
class Logs:
    """What the attempts logged. With `write`, attempts that ended go into the cache; else nothing is written."""

    def __init__(self, paths: Paths, *, write: bool) -> None:
        self._paths, self._write = paths, write
        self.files = LogFiles(paths)
        self._lock = threading.RLock()  # curves are read from several threads
        self.complaints: list[str] = []  # what was wrong with the cache
        self._readers: OrderedDict[Key, AttemptReader] = OrderedDict()
        self._digests: dict[Key, tuple[int, Digest]] = {}
        self._entries: dict[Key, Entry] = {}
        self._cache: Cache | None = None
        self._open()

    def digest(self, key: Key) -> Digest:
        """The small part of an attempt's log, as far as it is written now."""
        with self._lock:
            size = self.files.size(key)
            known = self._digests.get(key)
            if known is None or known[0] != size:
                known = self._digests[key] = self._cached_digest(key, size) or self._read_digest(key)
            return known[1]

    def metrics(self, key: Key) -> tuple[str, ...]:
        """Names of an attempt's series."""
        return tuple(self.digest(key).summary)

    def curve(self, key: Key, metric: str) -> Curve | None:
        """One series of an attempt."""
        with self._lock:
            if metric not in self.digest(key).summary:
                return None
            entry = self._entries.get(key)
            if entry is not None and entry.size == self._digests[key][0] and self._cache is not None:
                try:
                    return self._cache.curve(key, entry, metric)
                except CacheError as error:
                    self._drop(str(error))
            return self._reader(key).curve(metric)

    def store(self, keys: Iterable[Key]) -> None:
        """Put these attempts, which have ended, into the cache; those it holds already cost one look at the file."""
        with self._lock:
            for key in keys:
                if self._cache is None:
                    return
                if self._fresh(key) is None:
                    self._store(key, self._cache)
            self.commit()

    def damage(self, key: Key) -> tuple[Damage, ...]:
        """What cannot be read in an attempt's log."""
        with self._lock:
            return self._reader(key).all_damage if self.digest(key).damaged else ()

    def reload(self) -> None:
        """Take in what the writer has put into the cache since."""
        if self._cache is None:
            self._open()
            return
        try:
            self._entries = self._cache.entries()
        except CacheError as error:
            self._drop(str(error))

    def commit(self) -> None:
        """Make what was stored visible to readers."""
        if self._cache is not None and self._write:
            try:
                self._cache.commit()
            except CacheError as error:
                self._drop(str(error))

    def rebuild(self) -> None:
        """Throw the cache away and begin a new one."""
        self.close()
        remove_cache(self._paths.cache)
        self._open()

    def close(self) -> None:
        """Let the cache go."""
        self.commit()
        if self._cache is not None:
            self._cache.close()
        self._cache, self._entries = None, {}

    def _open(self) -> None:
        if not self._write and (self.complaints or not self._paths.cache.exists()):
            return
        try:
            self._cache = Cache(self._paths.cache, write=self._write)
            self._entries = self._cache.entries()
        except CacheError as error:
            self._drop(str(error))

    def _drop(self, why: str) -> None:
        """Go on without the cache; a writer begins a new one."""
        self.complaints.append(why)
        if self._cache is not None:
            self._cache.close()
        self._cache, self._entries = None, {}
        if self._write and len(self.complaints) == 1:  # a disk that refuses twice is left alone
            remove_cache(self._paths.cache)
            with suppress(CacheError):
                self._cache = Cache(self._paths.cache, write=True)

    def _cached_digest(self, key: Key, size: int) -> tuple[int, Digest] | None:
        entry = self._entries.get(key)
        if entry is None or entry.size != size or self._cache is None:
            return None
        try:
            return size, self._cache.digest(key, entry)
        except CacheError as error:
            self._drop(str(error))
            return None

    def _read_digest(self, key: Key) -> tuple[int, Digest]:
        reader = self._reader(key)
        return reader.size, reader.digest()

    def _store(self, key: Key, cache: Cache) -> None:
        reader = self._reader(key)
        if reader.size:
            try:
                self._entries[key] = cache.store(key, reader)
            except CacheError as error:
                self._drop(str(error))
        self._readers.pop(key, None)

    def _fresh(self, key: Key) -> Entry | None:
        entry = self._entries.get(key)
        return entry if entry is not None and entry.size == self.files.size(key) else None

    def _reader(self, key: Key) -> AttemptReader:
        reader = self._readers.get(key)
        if reader is None:
            reader = self._readers[key] = AttemptReader(self._paths.attempt(*key))
            while len(self._readers) > _READERS:
                self._readers.popitem(last=False)
        self._readers.move_to_end(key)
        reader.refresh(self.files.size(key), lambda offset: self.files.read(key, offset))
        return reader
