"""Recordings through the daemon's own engine, into one array."""
from __future__ import annotations

import io
import json
import mmap
import os
import pathlib
import shutil
import subprocess
import tempfile
import warnings
from typing import Any, Iterable, List, Mapping, Optional, Sequence, Union

import numpy as np

from .errors import ReplayError

Path = Union[str, "os.PathLike[str]"]


def replay(files: Union[Path, Sequence[Path]], config: Union[Path, Mapping[str, Any], None] = None,
           *, venue: Optional[str] = None, columns: Optional[Iterable[str]] = None,
           only: Optional[Iterable[str]] = None, binary: Optional[Path] = None) -> np.ndarray:
    """The signal table of recordings: exactly the rows of `steelyard replay --csv`, computed by that
    program, as a structured array. `pandas.DataFrame(table)` and `polars.from_numpy(table)` take it
    as it is.

    files: recordings, ndjson captures or tardis.dev files; several are merged by receive time.
    config: a configuration file, or its content as a dict ({"venues": {"okx": {"instruments": ["*"]}},
        "signals": {...}}): which instruments, and the parameters of the signals.
    venue: of files that name none. columns: only these. only: rows of these events only
        (book, snapshot, delta, trade, liq, reset, timer).
    binary: the `steelyard` program; else $STEELYARD_BIN, else the one on PATH, else the one that was
        built in the repository that this package lies in.

    Prices and sizes are the doubles that the CSV's text reads as; undefined is NaN. A book that had a
    gap and ends without one is a warning. Raises ReplayError with what the program said.
    """
    paths = [files] if isinstance(files, (str, os.PathLike)) else list(files)
    command: List[str] = [str(_find_binary(binary)), "replay", *[os.fspath(path) for path in paths]]
    if venue is not None:
        command += ["--venue", venue]
    if columns is not None:
        command += ["--columns", ",".join(columns)]
    if only is not None:
        command += ["--only", ",".join(only)]
    with tempfile.TemporaryDirectory(prefix="steelyard-") as folder:
        if isinstance(config, Mapping):
            path = pathlib.Path(folder) / "config.toml"
            path.write_text(_toml(config), encoding="utf-8")
            config = path
        if config is not None:
            command += ["--config", os.fspath(config)]
        table = os.memfd_create("steelyard-replay")
        try:
            command += ["--npy", f"/proc/self/fd/{table}"]
            try:
                done = subprocess.run(command, pass_fds=[table], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                      check=False)
            except OSError as error:
                raise ReplayError(f"{command[0]}: {error.strerror}") from None
            said = done.stderr.decode("utf-8", "replace").strip()
            if done.returncode not in (0, 1):
                raise ReplayError(said or f"{command[0]} ended with {done.returncode}")
            rows = _array_in(table)
            if rows is None:
                raise ReplayError(said or f"{command[0]} wrote nothing")
            if done.returncode == 1:
                warnings.warn(said, RuntimeWarning, stacklevel=2)
            return rows
        finally:
            os.close(table)


def _find_binary(binary: Optional[Path]) -> Path:
    if binary is not None:
        return binary
    chosen = os.environ.get("STEELYARD_BIN") or shutil.which("steelyard")
    if chosen:
        return chosen
    for parent in pathlib.Path(__file__).resolve().parents:
        built = parent / "build/release/bin/steelyard"
        if built.exists():
            return built
    raise ReplayError("the steelyard program is not on PATH: build or install it, or name it with "
                      "binary= or $STEELYARD_BIN")


def _array_in(file: int) -> Optional[np.ndarray]:
    """The .npy file that `file` holds, mapped where it is: private to this process."""
    size = os.fstat(file).st_size
    if size == 0:
        return None
    memory = mmap.mmap(file, size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    head = io.BytesIO(memory[:min(size, 1 << 16)])
    np.lib.format.read_magic(head)
    shape, _, dtype = np.lib.format.read_array_header_1_0(head)
    return np.ndarray(shape, dtype, memory, head.tell())


def _toml(config: Mapping[str, Any]) -> str:
    """Plain values first, then tables, as TOML wants it. Its strings are those of JSON."""
    return "\n".join(_table("", config)) + "\n"


def _table(name: str, table: Mapping[str, Any]) -> List[str]:
    lines = [f"[{name}]"] if name else []
    for key, value in table.items():
        if not isinstance(value, Mapping) and not _is_tables(value):
            lines.append(f"{json.dumps(key)} = {_value(value)}")
    for key, value in table.items():
        path = f"{name}.{json.dumps(key)}" if name else json.dumps(key)
        if isinstance(value, Mapping):
            lines += _table(path, value)
        elif _is_tables(value):
            for one in value:
                lines += [f"[[{path}]]"] + _table("", one)
    return lines


def _is_tables(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and isinstance(value[0], Mapping)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bool, int, str)):
        return json.dumps(value)
    if isinstance(value, float):
        return repr(value)
    raise TypeError(f"a configuration holds no {type(value).__name__}: {value!r}")
