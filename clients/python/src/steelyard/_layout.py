"""The segment byte by byte, as docs/shared-memory.md describes it."""
from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

import numpy as np

MAGIC = 0x3144_5259_4C45_5453  # "STELYRD1"
MAJOR = 1
HEADER_BYTES = 448
REGIONS = ("instruments", "columns", "states", "counters", "histograms", "rings")
LEAST_STRIDE = {"instruments": 192, "columns": 256, "states": 92 * 8, "counters": 128,
                "histograms": 5184, "rings": 128}
HEADER = struct.Struct("<QIIQQqqqII")  # up to the regions
REGION = struct.Struct("<IIQQ")
REGIONS_AT = 64
VERSION_AT = 208
RECORDS_BEFORE_AT = 256
HEARTBEAT_AT = 48
STATE_AT = 56
RING_HEADER = struct.Struct("<III")
RING_PUBLISHED_AT = 64
RING_SLOTS_AT = 128
SLOT_VALUES_AT = 11 * 8  # behind stamp and tick
ROW_COUNTS_AT = 11
ROW_LEVELS_AT = 12
ROW_VALUES_AT = 92
VIEW_LEVELS = 20
RUNNING = 1

TICK_FIELDS = [  # name, type, offset in the tick
    ("book_sequence", "<u8", 0), ("venue_time", "<i8", 8), ("received", "<i8", 16),
    ("published", "<i8", 24), ("best_bid", "<i8", 32), ("best_ask", "<i8", 40),
    ("bid_qty", "<i8", 48), ("ask_qty", "<i8", 56), ("instrument", "<u4", 64),
    ("validity", "<u4", 68), ("event", "u1", 72), ("status", "u1", 73),
    ("price_exponent", "i1", 74), ("qty_exponent", "i1", 75),
]
TICK_NAMES = tuple(name for name, _, _ in TICK_FIELDS)


class EventKind(enum.IntEnum):
    """What a record is about."""
    SNAPSHOT = 0
    DELTA = 1
    TRADE = 2
    LIQUIDATION = 3
    RESET = 4
    TIMER = 5


class Validity(enum.IntFlag):
    """The verdict on a record. Live: none of these bits, or SHALLOW alone."""
    SYNCING = 1
    GAP = 2
    STALE = 4
    CROSSED = 8
    SHALLOW = 16
    LINK_DOWN = 32
    BAD_CHECKSUM = 64
    OVERRUN = 128
    BAD_FRAME = 256
    DIVERGED = 512


@dataclass(frozen=True)
class Instrument:
    """An instrument of the segment. `id` is what `instrument` in records is."""
    id: int
    venue: str
    symbol: str  # the venue's own
    name: str  # normalised
    channel: str
    contract_size: float  # inverse contracts: quote units a contract; else 0
    shard: int
    kind: str  # spot, linear, inverse, quanto, option
    price_exponent: int  # at start; a record carries its own
    qty_exponent: int
    # What would tell that a change of the book was lost: "ids", "checksum", "count", "whole" (each
    # message is the whole book), or "unproven"; empty where the daemon is too old to say.
    proof: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of the segment: no value is less than `low` or greater than `high`."""
    name: str
    unit: str
    description: str
    low: float
    high: float
    headline: int  # its place among the values of a record; -1: only in states


PROOFS = ((1, "ids"), (2, "checksum"), (4, "count"), (8, "whole"), (128, "unproven"))
KINDS = ("spot", "linear", "inverse", "quanto", "option")


def text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")


def parse_instrument(index: int, entry: bytes) -> Instrument:
    contract_size, shard, kind, price_exponent, qty_exponent, proof = struct.unpack_from(
        "<dIBbbB", entry, 176)
    return Instrument(index, text(entry[:24]), text(entry[24:88]), text(entry[88:152]),
                      text(entry[152:176]), contract_size, shard,
                      KINDS[kind] if kind < len(KINDS) else str(kind), price_exponent,
                      qty_exponent, tuple(name for bit, name in PROOFS if proof & bit))


def parse_column(entry: bytes) -> Column:
    low, high, headline = struct.unpack_from("<ddi", entry, 232)
    return Column(text(entry[:40]), text(entry[40:56]), text(entry[56:232]), low, high, headline)


def _record_dtype(columns: Sequence[str], values_at: int, itemsize: int) -> np.dtype:
    names: List[str] = list(TICK_NAMES)
    formats: List[str] = [kind for _, kind, _ in TICK_FIELDS]
    offsets: List[int] = [8 + at for _, _, at in TICK_FIELDS]
    taken = set(names)
    for place, name in enumerate(columns):
        # A signal never hides a field of the tick, nor another signal.
        while name in taken or not name:
            name += "_"
        taken.add(name)
        names.append(name)
        formats.append("<f8")
        offsets.append(values_at + 8 * place)
    layout: Dict[str, object] = {"names": names, "formats": formats, "offsets": offsets,
                                 "itemsize": itemsize}
    return np.dtype(layout)


def slot_dtype(columns: Sequence[Column], values: int, slot_words: int) -> np.dtype:
    """Of a ring slot: the fields of the tick, then the headline columns by name."""
    names = [""] * values
    for column in columns:
        if column.headline >= 0:
            names[column.headline] = column.name
    return _record_dtype(names, SLOT_VALUES_AT, 8 * slot_words)


def row_dtype(columns: Sequence[Column], row_words: int) -> np.dtype:
    """Of a state row: the fields of the tick, then every column by name."""
    return _record_dtype([column.name for column in columns], 8 * ROW_VALUES_AT, 8 * row_words)
