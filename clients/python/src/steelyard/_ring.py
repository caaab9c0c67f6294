"""One reader's place in one ring."""
from __future__ import annotations

import platform
import threading
from typing import Optional, Tuple

import numpy as np

_STRONG_ORDER = platform.machine() in ("x86_64", "AMD64")
_fence_lock = threading.Lock()


def fence() -> None:
    """What was loaded before is loaded before what is loaded after. x86-64 keeps that order by
    itself; elsewhere taking and releasing a lock, which is a release and an acquire, makes it."""
    if not _STRONG_ORDER:
        with _fence_lock:
            pass
        with _fence_lock:
            pass


class Ring:
    """Record n (counted from 0) is in slot n mod the number of slots. The words of record n are
    written while `published` is n: so what was copied of record r is whole if `published` is less
    than r + slots once the copy is done."""

    def __init__(self, published: np.ndarray, slots: np.ndarray, position: Optional[int],
                 from_start: bool) -> None:
        self._published = published
        self._slots = slots
        self._count = len(slots)
        self.lost = 0
        if position is None:
            newest = self.newest()
            position = newest - min(newest, self._count - 1) if from_start else newest
        self.position = position

    def newest(self) -> int:
        """Records published. One more than is counted, if the publisher was killed in between."""
        counted = int(self._published[0])
        fence()
        stamp = int(self._slots[counted & (self._count - 1), 0])
        return counted + 1 if stamp == 2 * counted + 2 else counted

    def lag(self) -> int:
        return max(0, self.newest() - self.position)

    def ready(self) -> int:
        """How many records can be taken. Skips what is lost, and counts it."""
        newest = int(self._published[0])
        if newest == self.position:
            newest = self.newest()
        fence()
        behind = newest - self.position
        if behind < self._count:
            return max(0, behind)
        # Half a ring behind the newest: not lapped again at once.
        resume = newest - self._count // 2
        self.lost += resume - self.position
        self.position = resume
        return newest - resume

    def copy_to(self, out: np.ndarray, count: int) -> int:
        """The next `count` records into `out`; returns how many of the first are not whole, because
        the publisher came round meanwhile. They are counted as lost."""
        start = self.position & (self._count - 1)
        first = min(count, self._count - start)
        out[:first] = self._slots[start:start + first]
        if first < count:
            out[first:count] = self._slots[:count - first]
        torn = min(count, self.overwritten(self.position))
        self.position += count
        self.lost += torn
        return torn

    def overwritten(self, record: int) -> int:
        """How many records, from this one on, the publisher may have overwritten by now."""
        fence()
        return max(0, int(self._published[0]) - self._count + 1 - record)

    def view(self, most: int) -> Tuple[np.ndarray, int]:
        """The next records where they lie, as far as they lie in one piece, and the first's number."""
        count = min(self.ready(), most)
        start = self.position & (self._count - 1)
        count = min(count, self._count - start)
        first = self.position
        self.position += count
        return self._slots[start:start + count], first
