"""Order-book signals of a steelyard daemon: live from shared memory, and from recordings.

>>> import steelyard
>>> with steelyard.attach("demo") as feed:
...     for tick in feed:
...         if tick.is_live:
...             print(tick.venue, tick.symbol, tick["pbi_10bp"])

`attach` gives a `Feed`: ticks one by one, batches as structured NumPy arrays, the latest state and
the book of each instrument. `replay` gives the whole signal table of recordings as one array.
"""
from ._batch import BatchView, ask_prices, bid_prices, is_live
from ._layout import Column, EventKind, Instrument, Validity
from ._replay import replay
from ._state import Book, State
from ._tick import Tick
from .errors import (AttachError, Damaged, NotFound, NotReady, OtherVersion, PermissionDenied,
                     PublisherDead, ReplayError, SteelyardError)
from .feed import Event, Feed, attach

__version__ = "0.1.0"

__all__ = [
    "AttachError", "BatchView", "Book", "Column", "Damaged", "Event", "EventKind", "Feed",
    "Instrument", "NotFound", "NotReady", "OtherVersion", "PermissionDenied", "PublisherDead",
    "ReplayError", "State", "SteelyardError", "Tick", "Validity", "ask_prices", "attach",
    "bid_prices", "is_live", "replay",
]
