"""A segment mapped read-only, and believed only after checks."""
from __future__ import annotations

import errno
import mmap
import os
import struct
import time
from typing import Dict, List, NamedTuple, NoReturn

import numpy as np

from . import _layout as layout
from .errors import AttachError, Damaged, NotFound, NotReady, OtherVersion, PermissionDenied


class Region(NamedTuple):
    count: int
    offset: int
    stride: int


def segment_path(instance: str) -> str:
    """Where the segment of an instance lies. STEELYARD_SHM_DIR overrides the directory."""
    return f"{os.environ.get('STEELYARD_SHM_DIR') or '/dev/shm'}/steelyard.{instance}"


class Segment:
    """One mapping. Views into it stay good for as long as somebody holds them."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            kind = {errno.ENOENT: NotFound, errno.EACCES: PermissionDenied}.get(
                error.errno or 0, AttachError)
            raise kind(f"{path}: {error.strerror}") from None
        try:
            status = os.fstat(self._file)
            self.inode = status.st_ino
            self.bytes = status.st_size
            if self.bytes < layout.HEADER_BYTES:
                self._refuse(f"{self.bytes} bytes, too short for a header")
            try:
                mapped = mmap.mmap(self._file, self.bytes, mmap.MAP_SHARED, mmap.PROT_READ)
            except (OSError, ValueError) as error:
                raise AttachError(f"{path}: cannot be mapped: {error}") from None
            self._memory = np.frombuffer(mapped, np.uint8)
            self._read_header(mapped)
            self._read_directories(mapped)
        except BaseException:
            os.close(self._file)
            self._file = -1
            raise

    def __del__(self) -> None:
        if getattr(self, "_file", -1) >= 0:
            os.close(self._file)

    def _refuse(self, why: str) -> NoReturn:
        raise Damaged(f"{self.path}: {why}")

    def _read_header(self, mapped: mmap.mmap) -> None:
        (magic, version, header_bytes, self.generation, file_bytes, self.publisher_pid,
         self.started, _, _, _) = layout.HEADER.unpack_from(mapped, 0)
        if magic != layout.MAGIC:
            self._refuse("not a steelyard segment")
        if version == 0:
            raise NotReady(f"{self.path}: not ready yet")
        if version >> 16 != layout.MAJOR:
            raise OtherVersion(f"{self.path}: layout {version >> 16}, this reader knows "
                               f"{layout.MAJOR}")
        if header_bytes < layout.HEADER_BYTES:
            self._refuse("its header is too short")
        if file_bytes > self.bytes:
            self._refuse(f"cut off: {self.bytes} of {file_bytes} bytes")
        self.regions: Dict[str, Region] = {}
        for i, name in enumerate(layout.REGIONS):
            kind, count, offset, stride = layout.REGION.unpack_from(
                mapped, layout.REGIONS_AT + i * layout.REGION.size)
            if kind != i + 1:
                self._refuse(f"region {i + 1} is of another kind")
            if offset % 64 != 0 or stride % 64 != 0:
                self._refuse(f"region {i + 1} is not aligned")
            if stride < layout.LEAST_STRIDE[name]:
                self._refuse(f"region {i + 1} has elements that are too small")
            if offset < header_bytes or offset + count * stride > self.bytes:
                self._refuse(f"region {i + 1} lies outside")
            self.regions[name] = Region(count, offset, stride)
        self.version = layout.text(mapped[layout.VERSION_AT:layout.VERSION_AT + 32])
        (self.records_before,) = struct.unpack_from("<Q", mapped, layout.RECORDS_BEFORE_AT)
        self._heartbeat = self._words(layout.HEARTBEAT_AT, 1).view(np.int64)
        self._state = self._memory[layout.STATE_AT:layout.STATE_AT + 4].view("<u4")

    def _read_directories(self, mapped: mmap.mmap) -> None:
        def elements(name: str) -> List[bytes]:
            region = self.regions[name]
            return [mapped[region.offset + i * region.stride:region.offset + (i + 1) * region.stride]
                    for i in range(region.count)]

        self.instruments = [layout.parse_instrument(i, entry)
                            for i, entry in enumerate(elements("instruments"))]
        self.columns = [layout.parse_column(entry) for entry in elements("columns")]
        states = self.regions["states"]
        if states.count != len(self.instruments):
            self._refuse("as many state rows as instruments are needed")
        if states.stride < 8 * (layout.ROW_VALUES_AT + len(self.columns)):
            self._refuse("its state rows cannot hold its columns")
        self.row_dtype = layout.row_dtype(self.columns, states.stride // 8)
        self.rows = self._words(states.offset, states.count * states.stride // 8).reshape(
            states.count, states.stride // 8)

        self.rings = []
        region = self.regions["rings"]
        for i in range(region.count):
            at = region.offset + i * region.stride
            slot_words, slot_count, values = layout.RING_HEADER.unpack_from(mapped, at)
            if slot_count == 0 or slot_count & (slot_count - 1) != 0:
                self._refuse(f"ring {i} has a slot count that is no power of two")
            if values > len(self.columns) or 8 * slot_words < layout.SLOT_VALUES_AT + 8 * values:
                self._refuse(f"ring {i} has slots that cannot hold its values")
            if self.rings and (values, slot_words) != (self.values, self.slot_words):
                self._refuse(f"ring {i} has other values than ring 0")
            if layout.RING_SLOTS_AT + 8 * slot_words * slot_count > region.stride:
                self._refuse(f"ring {i} lies outside")
            self.values, self.slot_words = values, slot_words
            published = self._words(at + layout.RING_PUBLISHED_AT, 1)
            slots = self._words(at + layout.RING_SLOTS_AT, slot_words * slot_count).reshape(
                slot_count, slot_words)
            self.rings.append((published, slots))
        if not self.rings:
            self.values, self.slot_words = 0, layout.SLOT_VALUES_AT // 8 + 1
        if any(column.headline >= self.values for column in self.columns):
            self._refuse("a column has no place in the slot")
        self.slot_dtype = layout.slot_dtype(self.columns, self.values, self.slot_words)

    def _words(self, at: int, count: int) -> np.ndarray:
        return self._memory[at:at + 8 * count].view("<u8")

    def is_whole(self) -> bool:
        """Whether the file is still as long as the mapping: beyond its end lies a bus error."""
        return os.fstat(self._file).st_size >= self.bytes

    def is_alive(self, dead_after_ns: int) -> bool:
        if not self.is_whole() or int(self._state[0]) != layout.RUNNING:
            return False
        return int(self._heartbeat[0]) > time.monotonic_ns() - dead_after_ns

    def counters(self) -> Dict[str, int]:
        if not self.is_whole():
            return {}
        region = self.regions["counters"]
        values: Dict[str, int] = {}
        for i in range(region.count):
            at = region.offset + i * region.stride
            label = layout.text(self._memory[at:at + 120].tobytes())
            values[label] = int(self._words(at + 120, 1)[0])
        return values
