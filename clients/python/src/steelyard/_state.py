"""The latest state of an instrument, and its book."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import numpy as np

from . import _layout as layout
from ._numbers import to_floats
from ._ring import fence
from ._tick import Tick

if TYPE_CHECKING:
    from ._segment import Segment

_TRIES = 1000


@dataclass(frozen=True)
class Book:
    """The top of a book, best first, at most 20 levels a side: arrays with `price` and `qty`.

    Sizes are in base units; of inverse contracts, contracts.
    """
    bids: np.ndarray
    asks: np.ndarray


class State(Tick):
    """The latest of an instrument: `state["mid"]` is any column of the directory.

    `state.record` is all of it as a structured scalar, `state.as_dict()` as a dict.
    """

    __slots__ = ("book",)

    def __init__(self, record: np.void, segment: "Segment", book: Book) -> None:
        super().__init__(record, segment)
        self.book = book


def read_state(segment: "Segment", index: int) -> Optional[State]:
    """A copy of a row that is whole; None if nothing was written, or it could not be had."""
    row = segment.rows[index]
    if not segment.is_whole():
        return None
    for _ in range(_TRIES):
        stamp = int(row[0])
        if stamp == 0:
            return None
        if stamp & 1:
            continue
        fence()
        copy = row.copy()
        fence()
        if int(row[0]) == stamp:
            return _state_of(copy, segment)
    return None  # its writer died in the middle of it


def _state_of(row: np.ndarray, segment: "Segment") -> State:
    record = row.view(segment.row_dtype)[0]
    counts = int(row[layout.ROW_COUNTS_AT])
    return State(record, segment, Book(
        _levels(row, layout.ROW_LEVELS_AT, counts & 0xffff_ffff, record),
        _levels(row, layout.ROW_LEVELS_AT + 2 * layout.VIEW_LEVELS, counts >> 32, record)))


def _levels(row: np.ndarray, at: int, count: int, record: np.void) -> np.ndarray:
    count = min(count, layout.VIEW_LEVELS)
    words = row[at:at + 2 * count].view("<i8").reshape(count, 2)
    levels = np.empty(count, [("price", "<f8"), ("qty", "<f8")])
    levels["price"] = to_floats(words[:, 0], record["price_exponent"])
    levels["qty"] = to_floats(words[:, 1], record["qty_exponent"])
    return levels
