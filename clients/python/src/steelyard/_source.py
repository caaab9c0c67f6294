"""The life of a feed: attached, lapped, restarted, dead. What is read, feed.py says."""
from __future__ import annotations

import os
import time
from typing import Any, Callable, List, Optional, Tuple

import numpy as np

from ._batch import BatchView
from ._events import Event
from ._ring import Ring
from ._segment import Segment, segment_path
from .errors import AttachError, NotFound, NotReady, PublisherDead, SteelyardError

_NS = 1_000_000_000


class Source:
    """One instance, over restarts: what its rings hold, and what became of its publisher."""

    def __init__(self, instance: str, *, from_start: bool, reattach_within: float,
                 dead_after: float, check_every: float, poll_interval: float,
                 on_event: Callable[[Any, Event], None]) -> None:
        self.instance = instance
        self.restarts = 0  # followed so far
        self._from_start = from_start
        self._reattach_within = reattach_within
        self._dead_after_ns = int(dead_after * _NS)
        self._check_every_ns = int(check_every * _NS)
        self._poll_interval = poll_interval
        self._on_event = on_event
        self._segment: Optional[Segment] = None
        self._successor: Optional[Segment] = None  # seen, and not followed yet
        self._rings: List[Ring] = []
        self._lost_before = 0
        self._told_lost = 0
        # Under this name, up to the end of a segment that was cut off.
        self._seen: Optional[int] = None
        self._turn = 0
        self._dead = False
        self._dead_since: Optional[float] = None
        self._next_check_ns = 0
        self._closed = False
        self._why: Optional[AttachError] = None

    def _attach(self, wait: float) -> None:
        deadline = time.monotonic() + wait
        while True:
            try:
                segment = Segment(segment_path(self.instance))
                if wait <= 0.0 or segment.is_alive(self._dead_after_ns):
                    return self._follow(segment)
                raise PublisherDead(f"{segment.path}: its publisher is dead")
            except (NotFound, NotReady, PublisherDead):
                if time.monotonic() >= deadline:
                    raise
            time.sleep(0.01)

    def close(self) -> None:
        """Lets go of the segment. Arrays that were handed out stay good."""
        self._segment = self._successor = None
        self._rings = []
        self._closed = True

    @property
    def is_alive(self) -> bool:
        """The publisher's heartbeat is young, and it has not stopped."""
        return self._segment is not None and self._segment.is_alive(self._dead_after_ns)

    @property
    def lost(self) -> int:
        """Records that were published since this feed attached and are not delivered, exactly; over
        all rings and restarts, those included that came and went unseen."""
        return self._lost_before + sum(ring.lost for ring in self._rings)

    @property
    def lag(self) -> int:
        """Records published and not read yet."""
        return sum(ring.lag() for ring in self._rings) if self._is_whole() else 0

    @property
    def generation(self) -> int:
        """New with every publisher; 0: not attached."""
        return 0 if self._segment is None else self._segment.generation

    def _attached(self) -> Segment:
        if self._segment is None:
            raise SteelyardError("the feed is closed" if self._closed else
                                 f"{self.instance}: nothing is attached")
        return self._segment

    def _poll(self, take: Callable[[], Any]) -> Any:
        """What `take` finds; follows restarts, notices death. None: nothing."""
        if self._closed:
            raise SteelyardError("the feed is closed")
        over = False
        while True:
            self._is_whole()
            taken = take()
            self._tell_lost()
            if taken is not None:
                return taken
            # The end, or a successor, had been seen before the rings were drained: this was all.
            if self._successor is not None:
                self._follow(self._successor)
                self._successor = None
                self._on_event(self, Event.RESTARTED)
                self._tell_lost()
                continue
            if over:
                if not self._dead:
                    self._dead = True
                    self._on_event(self, Event.DEAD)
                return None
            now = time.monotonic_ns()
            if now < self._next_check_ns:
                return None
            self._next_check_ns = now + self._check_every_ns
            if self._look_for_successor():
                continue
            if self.is_alive:
                self._dead, self._dead_since = False, None
                return None
            over = True

    def _tell_lost(self) -> None:
        if self.lost != self._told_lost:
            self._told_lost = self.lost
            self._on_event(self, Event.LAPPED)

    def _is_whole(self) -> bool:
        """False: there is nothing that can be read without a bus error."""
        if self._segment is None:
            return False
        if self._segment.is_whole():
            return True
        self._seen = self._segment.records_before + sum(ring.position for ring in self._rings)
        self._lost_before = self.lost
        self._rings, self._segment = [], None
        self._on_event(self, Event.CUT_OFF)
        return False

    def _copy(self, most: int) -> Optional[np.ndarray]:
        parts: List[Tuple[Ring, int]] = []
        total = 0
        for i in range(len(self._rings)):
            ring = self._rings[(self._turn + i) % len(self._rings)]
            count = min(ring.ready(), most - total)
            if count > 0:
                parts.append((ring, count))
                total += count
        if total == 0:
            return None
        self._turn += 1
        segment = self._attached()
        words = np.empty((total, segment.slot_words), "<u8")
        whole: List[np.ndarray] = []
        at = 0
        for ring, count in parts:
            torn = ring.copy_to(words[at:at + count], count)
            whole.append(words[at + torn:at + count])
            at += count
        kept = words if sum(map(len, whole)) == total else np.concatenate(whole)
        return kept.view(segment.slot_dtype).reshape(len(kept)) if len(kept) else None

    def _look(self, most: int) -> Optional[BatchView]:
        for i in range(len(self._rings)):
            ring = self._rings[(self._turn + i) % len(self._rings)]
            words, first = ring.view(most)
            if len(words):
                self._turn += 1
                rows = words.view(self._attached().slot_dtype).reshape(len(words))
                return BatchView(rows, ring, first)
        return None

    def _look_for_successor(self) -> bool:
        """Does the name lead to another segment than ours? One that cannot be read is not followed."""
        path = segment_path(self.instance)
        try:
            if self._segment is not None and os.stat(path).st_ino == self._segment.inode:
                self._why = None
                return False
            self._successor = Segment(path)
            self._why = None
            return True
        except OSError as error:
            self._why = NotFound(f"{path}: {error.strerror}")
        except AttachError as error:
            self._why = error
        return False

    def _follow(self, segment: Segment) -> None:
        """Goes on in `segment`: after a restart with its very first record, so that none is missed."""
        seen = self._seen
        if self._segment is not None:
            seen = self._segment.records_before + sum(ring.position for ring in self._rings)
        self._lost_before = self.lost
        if seen is not None:
            self.restarts += 1
            self._lost_before += max(0, segment.records_before - seen)
        self._segment, self._seen = segment, None
        self._rings = [Ring(published, slots, None if seen is None else 0, self._from_start)
                       for published, slots in segment.rings]
        self._dead, self._dead_since = False, None
        self._next_check_ns = 0
