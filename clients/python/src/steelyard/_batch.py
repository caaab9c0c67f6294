"""Many records at once: structured arrays, copied or where they lie."""
from __future__ import annotations

from typing import Optional

import numpy as np

from ._layout import Validity
from ._numbers import to_floats
from ._ring import Ring


class BatchView:
    """Records where they lie in shared memory: nothing was copied, and `rows` cannot be written to.

    The publisher waits for nobody: it overwrites them when it comes round. Compute, then ask
    `intact`; if it is false, throw the result away. A batch that is to be kept: `Feed.read()`.
    """

    __slots__ = ("rows", "_ring", "_first")

    def __init__(self, rows: np.ndarray, ring: Optional[Ring], first: int) -> None:
        self.rows = rows  # structured: fields of the tick, then the headline columns by name
        self._ring = ring
        self._first = first

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def intact(self) -> bool:
        """None of the records was overwritten up to now."""
        return self._ring is None or len(self.rows) == 0 or \
            self._ring.overwritten(self._first) == 0


def is_live(batch: np.ndarray) -> np.ndarray:
    """Which records are of books that are in step with their venue."""
    live: np.ndarray = (batch["validity"] & ~np.uint32(Validity.SHALLOW)) == 0
    return live


def bid_prices(batch: np.ndarray) -> np.ndarray:
    """The best bids as doubles; NaN where there is none."""
    return _prices(batch, "best_bid", "bid_qty")


def ask_prices(batch: np.ndarray) -> np.ndarray:
    """The best asks as doubles; NaN where there is none."""
    return _prices(batch, "best_ask", "ask_qty")


def _prices(batch: np.ndarray, price: str, qty: str) -> np.ndarray:
    return np.where(batch[qty] == 0, np.nan, to_floats(batch[price], batch["price_exponent"]))
