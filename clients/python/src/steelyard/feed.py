"""Attach, read, know when it is over."""
from __future__ import annotations

import asyncio
import enum
import logging
import os
import time
from types import TracebackType
from typing import (AsyncIterator, Callable, Dict, Iterator, List, Optional, Tuple, Type, Union)

import numpy as np

from ._batch import BatchView
from ._layout import Column, Instrument
from ._ring import Ring
from ._segment import Segment, segment_path
from ._state import Book, State, read_state
from ._tick import Tick
from .errors import AttachError, NotFound, NotReady, PublisherDead, SteelyardError

_log = logging.getLogger("steelyard")
_NS = 1_000_000_000


class Event(enum.Enum):
    """What happened beside records; what `on_event` is told."""
    LAPPED = "lapped"  # too slow: `lost` has grown
    RESTARTED = "restarted"  # a new publisher; ids, columns and `dtype` may have changed
    DEAD = "dead"  # the publisher died or stopped; a successor is waited for
    CUT_OFF = "cut off"  # somebody truncated the segment; nothing of it is read any more


InstrumentLike = Union[int, str, Instrument]
EventHandler = Callable[["Feed", Event], None]


def _log_event(feed: "Feed", event: Event) -> None:
    _log.warning("%s: %s (%d records lost so far)", feed.instance, event.value, feed.lost)


def attach(instance: str, *, wait: float = 0.0, from_start: bool = False,
           reattach_within: float = 10.0, dead_after: float = 1.0, check_every: float = 0.05,
           poll_interval: float = 50e-6, on_event: EventHandler = _log_event) -> "Feed":
    """A feed of the daemon's instance of that name.

    wait: seconds to wait for it to be there and alive; 0: it must be readable now.
    from_start: begin with what the ring still holds, else with what comes from now on.
    reattach_within: iteration over a publisher that died goes on with its successor if it comes
        within so many seconds, and else raises PublisherDead.
    dead_after: a heartbeat older than so many seconds means that the publisher is dead.
    check_every: a restart or death is noticed within so many seconds.
    poll_interval: seconds that iteration sleeps when there is nothing; 0 spins.
    on_event: told of loss, restart and death as they are noticed; logs a warning by default.

    Raises an AttachError: NotFound, NotReady, PublisherDead (all of them cured by waiting),
    PermissionDenied, OtherVersion, Damaged.
    """
    feed = Feed(instance, from_start=from_start, reattach_within=reattach_within,
                dead_after=dead_after, check_every=check_every, poll_interval=poll_interval,
                on_event=on_event)
    feed._attach(wait)
    return feed


class Feed:
    """Reads one instance. One thread; any number of feeds may read the same instance."""

    def __init__(self, instance: str, *, from_start: bool, reattach_within: float,
                 dead_after: float, check_every: float, poll_interval: float,
                 on_event: EventHandler) -> None:
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
        self._seen = 0  # under this name, up to the end of a segment that was cut off
        self._turn = 0
        self._dead = False
        self._dead_since: Optional[float] = None
        self._next_check_ns = 0
        self._closed = False
        self._why: Optional[AttachError] = None

    # -- life ----------------------------------------------------------------------------------

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

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

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

    # -- directories ---------------------------------------------------------------------------

    def _attached(self) -> Segment:
        if self._segment is None:
            raise SteelyardError("the feed is closed" if self._closed else
                                 f"{self.instance}: nothing is attached")
        return self._segment

    @property
    def version(self) -> str:
        """Of the daemon."""
        return self._attached().version

    @property
    def instruments(self) -> List[Instrument]:
        return self._attached().instruments

    @property
    def columns(self) -> List[Column]:
        return self._attached().columns

    @property
    def dtype(self) -> np.dtype:
        """Of batches: fields of the tick, then the headline columns by name."""
        return self._attached().slot_dtype

    @property
    def counters(self) -> Dict[str, int]:
        """The daemon's counters, as they are now."""
        return self._attached().counters()

    def instrument(self, which: InstrumentLike, venue: Optional[str] = None) -> Instrument:
        """By id, symbol, normalised name, or "venue:symbol". Raises KeyError."""
        known = self._attached().instruments
        if isinstance(which, Instrument):
            which, venue = which.symbol, which.venue
        if isinstance(which, (int, np.integer)):
            if 0 <= which < len(known):
                return known[int(which)]
            raise KeyError(f"there is no instrument {which}; there are {len(known)}")
        for one in known:
            if venue is not None and one.venue != venue:
                continue
            if which in (one.symbol, one.name) or (
                    venue is None and which in (f"{one.venue}:{one.symbol}",
                                                f"{one.venue}:{one.name}")):
                return one
        raise KeyError(f'there is no instrument "{which}"' + (f" of {venue}" if venue else "") +
                       "; there are: " + ", ".join(f"{one.venue}:{one.symbol}" for one in known))

    # -- the latest state ----------------------------------------------------------------------

    def latest(self, which: InstrumentLike, venue: Optional[str] = None) -> Optional[State]:
        """Every column and the book of one instrument, as they are now. Never waits. None: nothing
        was published of it yet."""
        return read_state(self._attached(), self.instrument(which, venue).id)

    def book(self, which: InstrumentLike, venue: Optional[str] = None) -> Optional[Book]:
        """The top of its book."""
        state = self.latest(which, venue)
        return None if state is None else state.book

    def table(self) -> np.ndarray:
        """The latest of all instruments of which there is something: `venue`, `symbol`, the fields
        of the tick and every column."""
        segment = self._attached()
        found = [read_state(segment, one.id) for one in segment.instruments]
        states = [state for state in found if state is not None]
        names = segment.row_dtype.names or ()
        table = np.empty(len(states), [("venue", "U24"), ("symbol", "U64")] + [
            (name, segment.row_dtype[name].str) for name in names])
        table["venue"] = [state.venue for state in states]
        table["symbol"] = [state.symbol for state in states]
        for name in names:
            table[name] = [state.record[name] for state in states]
        return table

    # -- records -------------------------------------------------------------------------------

    def read(self, most: int = 65_536) -> np.ndarray:
        """What is there, up to `most` records, copied out and checked to be whole: yours to keep.
        Never waits: an empty array if there is nothing. Records of one ring are in order; those of
        several follow one another ring by ring."""
        batch = self._poll(lambda: self._copy(most))
        return np.empty(0, self._empty_dtype()) if batch is None else batch

    def view(self, most: int = 65_536) -> BatchView:
        """The same without copying: see BatchView. Of one ring at a time, as far as the records lie
        in one piece."""
        view = self._poll(lambda: self._look(most))
        return BatchView(np.empty(0, self._empty_dtype()), None, 0) if view is None else view

    def batches(self, most: int = 65_536, timeout: Optional[float] = None) -> Iterator[np.ndarray]:
        """Waits for records; each batch as read() gives it, never empty. Ends after `timeout` seconds
        without any (None: never). Raises PublisherDead as `reattach_within` says."""
        quiet_since = time.monotonic()
        while True:
            batch = self.read(most)
            if len(batch):
                yield batch
                quiet_since = time.monotonic()
                continue
            if self._must_stop(quiet_since, timeout):
                return
            time.sleep(self._poll_interval)

    async def abatches(self, most: int = 65_536,
                       timeout: Optional[float] = None) -> AsyncIterator[np.ndarray]:
        """The same for asyncio: sleeps at least a millisecond when there is nothing."""
        quiet_since = time.monotonic()
        while True:
            batch = self.read(most)
            if len(batch):
                yield batch
                quiet_since = time.monotonic()
                await asyncio.sleep(0)
                continue
            if self._must_stop(quiet_since, timeout):
                return
            await asyncio.sleep(max(self._poll_interval, 0.001))

    def ticks(self, timeout: Optional[float] = None) -> Iterator[Tick]:
        """Waits for records, one by one. As batches()."""
        for batch in self.batches(4096, timeout):
            segment = self._attached()
            for record in batch:
                yield Tick(record, segment)

    def __iter__(self) -> Iterator[Tick]:
        return self.ticks()

    async def __aiter__(self) -> AsyncIterator[Tick]:
        async for batch in self.abatches(4096):
            segment = self._attached()
            for record in batch:
                yield Tick(record, segment)

    # -- inside --------------------------------------------------------------------------------

    def _empty_dtype(self) -> np.dtype:
        return self._segment.slot_dtype if self._segment is not None else np.dtype([])

    def _must_stop(self, quiet_since: float, timeout: Optional[float]) -> bool:
        now = time.monotonic()
        if self._dead:
            if self._dead_since is None:
                self._dead_since = now
            if now - self._dead_since >= self._reattach_within:
                why = f": {self._why}" if self._why is not None else ""
                raise PublisherDead(f'the publisher of "{self.instance}" is dead, and no other came '
                                    f"within {self._reattach_within:g} s{why}")
        return timeout is not None and now - quiet_since >= timeout

    def _poll(self, take):  # type: ignore[no-untyped-def]
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
                restart = self._segment is not None or self._seen != 0
                self._follow(self._successor)
                self._successor = None
                if restart:
                    self.restarts += 1
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
        restart = self._segment is not None or self._seen != 0
        self._lost_before = self.lost
        if restart and segment.records_before > seen:
            self._lost_before += segment.records_before - seen
        self._segment, self._seen = segment, 0
        self._rings = [Ring(published, slots, 0 if restart else None, self._from_start)
                       for published, slots in segment.rings]
        self._dead, self._dead_since = False, None
        self._next_check_ns = 0
