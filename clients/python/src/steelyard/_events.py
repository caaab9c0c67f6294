"""What happens beside records."""
from __future__ import annotations

import enum


class Event(enum.Enum):
    """What happened beside records; what `on_event` is told."""
    LAPPED = "lapped"  # too slow: `lost` has grown
    RESTARTED = "restarted"  # a new publisher; ids, columns and `dtype` may have changed
    DEAD = "dead"  # the publisher died or stopped; a successor is waited for
    CUT_OFF = "cut off"  # somebody truncated the segment; nothing of it is read any more
