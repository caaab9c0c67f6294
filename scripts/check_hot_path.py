#!/usr/bin/env python3
"""Greps the hot modules for what must not be there after start: locks, allocation, exceptions, logs.

A line that is on the cold side says so: `// cold: reason`.
usage: check_hot_path.py ROOT
"""
import pathlib
import re
import sys

HOT_MODULES = ("core", "book", "signals", "engine")
HOT_FILES = ("include/steelyard/broadcast_ring.hpp", "include/steelyard/state_table.hpp")
# Decoders are hot; what asks venues for something lies in files of its own.
COLD_VENUE_FILES = re.compile(r"_requests\.[ch]pp$|/(registry\.cpp|metadata_text\.[ch]pp|venue\.hpp)$")
BANNED = {
    r"#include <(mutex|shared_mutex|condition_variable|iostream|fstream|sstream|functional)>": "lock, stream or std::function",
    r"\bstd::(mutex|lock_guard|unique_lock|function|shared_ptr|make_shared)\b": "lock, std::function or shared_ptr",
    r"\bspdlog\b|\bprintf\(|\bfprintf\(": "log",
    r"\bthrow\b": "exception",
    r"\bvirtual\b": "virtual call",
    r"\bnew \(|\bnew [A-Za-z_]|\bdelete\b(?!;)": "allocation",
    r"\bmalloc\(|\bcalloc\(": "allocation",
    r"\bstd::string\(": "string construction",
    r"\bwall_clock\(\)|\bclock_gettime\(": "clock",
    r"\bnanosleep\(|\bsleep_for\(|\bsched_yield\(": "wait",
}
# Files that are cold as a whole: they run at start, or on no hot thread.
COLD_FILES = {"src/core/agent.hpp", "src/core/agent.cpp", "src/core/clock.hpp",
              "src/core/symbol_table.cpp", "src/signals/signal_params.cpp",
              "src/signals/signal_set.cpp"}


def strip(line):
    return re.sub(r'"(\\.|[^"\\])*"', '""', line.split("//")[0])


def check(root):
    files = [p for m in HOT_MODULES for p in sorted((root / "src" / m).glob("*.[ch]pp"))]
    files += [root / f for f in HOT_FILES if (root / f).exists()]
    files += [p for p in sorted((root / "src" / "venues").glob("*.[ch]pp"))
              if not COLD_VENUE_FILES.search(p.as_posix())]
    faults, allowed = [], 0
    for path in files:
        relative = str(path.relative_to(root))
        if relative in COLD_FILES:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = strip(line)
            if re.search(r"=\s*delete", code):
                continue
            for pattern, what in BANNED.items():
                if not re.search(pattern, code):
                    continue
                if re.search(r"::new \(", code):  # placement: no allocation
                    continue
                if "// cold:" in line:
                    allowed += 1
                else:
                    faults.append(f"{relative}:{number}: {what}: {line.strip()}")
    return faults, allowed


if __name__ == "__main__":
    found, exceptions = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or f"the hot path is clean ({exceptions} lines marked cold)")
    sys.exit(1 if found else 0)
