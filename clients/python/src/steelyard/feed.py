"""Attach, read, know when it is over."""
from __future__ import annotations

import asyncio
import logging
import time
from types import TracebackType
from typing import AsyncIterator, Callable, Dict, Iterator, List, Optional, Type, Union

import numpy as np

from ._batch import BatchView
from ._events import Event
from ._layout import Column, Instrument
from ._source import Source
from ._state import Book, State, read_state
from ._tick import Tick
from .errors import PublisherDead

_log = logging.getLogger("steelyard")

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


class Feed(Source):
    """Reads one instance. One thread; any number of feeds may read the same instance."""

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

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
