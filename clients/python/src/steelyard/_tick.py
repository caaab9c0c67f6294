"""One record."""
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Dict

import numpy as np

from ._layout import TICK_NAMES, EventKind, Instrument, Validity
from ._numbers import to_float

if TYPE_CHECKING:
    from ._segment import Segment


class Tick:
    """A record of the ring, or the head of a latest state.

    `tick["mid"]` is the value of a column (NaN where undefined) or a raw field of the tick.
    """

    __slots__ = ("record", "_segment")

    def __init__(self, record: np.void, segment: "Segment") -> None:
        self.record = record  # structured: fields of the tick, then columns
        self._segment = segment

    def __getitem__(self, column: str) -> float:
        try:
            value: float = self.record[column].item()
            return value
        except ValueError:
            raise KeyError(self._missing(column)) from None

    def _missing(self, column: str) -> str:
        if any(known.name == column for known in self._segment.columns):
            return (f'"{column}" is not among the headline columns of the ring: use '
                    f"Feed.latest(), or name it in segment.headline of the daemon")
        return f'there is no column "{column}"; there are: ' + ", ".join(
            known.name for known in self._segment.columns)

    def get(self, column: str, default: float = math.nan) -> float:
        """As `tick[column]`, with a default for a column that there is not."""
        names = self.record.dtype.names or ()
        return self[column] if column in names else default

    @property
    def instrument(self) -> Instrument:
        return self._segment.instruments[int(self.record["instrument"])]

    @property
    def venue(self) -> str:
        return self.instrument.venue

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def validity(self) -> Validity:
        return Validity(int(self.record["validity"]))

    @property
    def is_live(self) -> bool:
        """The book is in step with its venue. It may still be shallow."""
        return int(self.record["validity"]) & ~int(Validity.SHALLOW) == 0

    @property
    def event(self) -> EventKind:
        return EventKind(int(self.record["event"]))

    @property
    def received(self) -> int:
        """ns since the Unix epoch, UTC; the kernel's receive time where there is one."""
        return int(self.record["received"])

    @property
    def published(self) -> int:
        """ns since the Unix epoch, UTC; 0 where nobody looked at the clock."""
        return int(self.record["published"])

    @property
    def bid(self) -> float:
        """Best bid; NaN if there is none."""
        return self._price("best_bid", "bid_qty")

    @property
    def ask(self) -> float:
        """Best ask; NaN if there is none."""
        return self._price("best_ask", "ask_qty")

    def _price(self, price: str, qty: str) -> float:
        if int(self.record[qty]) == 0:
            return math.nan
        return to_float(int(self.record[price]), int(self.record["price_exponent"]))

    def as_dict(self) -> Dict[str, float]:
        """Names, fields and columns; one row of a table."""
        names = self.record.dtype.names or ()
        row: Dict[str, float] = {"venue": self.venue, "symbol": self.symbol}  # type: ignore
        row.update({name: self.record[name].item() for name in names})
        return row

    def __repr__(self) -> str:
        values = {name: self.record[name].item() for name in (self.record.dtype.names or ())
                  if name not in TICK_NAMES}
        verdict = "live" if self.is_live else str(self.validity)
        return f"<Tick {self.venue} {self.symbol} {verdict} {self.bid}/{self.ask} {values}>"
