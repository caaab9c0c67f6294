#!/usr/bin/env python3
"""Counts the instructions of recorded and of made frames, a message, stage by stage, with callgrind.

usage: count_instructions.py PIPELINE_BENCH [--json FILE] NAME=RECORDING...

Counts are the same for the same binary every time, whatever else the machine does; a recording takes
from some seconds to a minute a stage, the made frames of all venues together some seconds. Only what
the figures of pipeline_bench are about is counted: book frames of the second pass. With --json,
figures are appended to FILE, an object a line. Ends with 77 (skipped) where there is no valgrind.
"""
import concurrent.futures
import json
import os
import re
import shutil
import sys

import callgrind

STAGES = ("walk", "decode", "book", "core_unpublished", "core", "tier1", "tier2", "all")
HEADS = ("walk", "decode", "book", "core", "publish", "tier 1", "tier 2", "all")
MADE_FRAMES = 1000
SKIPPED = 77


def count(binary, stage, recording):
    """Instructions a message; None where the second pass is not the one that counts."""
    stdout, stderr = callgrind.run([binary, "--count", stage, recording], "/dev/null")
    collected = re.search(r"Collected : (\d+)", stderr)
    frames = re.search(r"^(\d+) frames", stdout, re.MULTILINE)
    if collected is None or frames is None:
        sys.exit(f"count_instructions: {recording}, {stage}: no count\n{stdout}{stderr}")
    if "first passes are counted" in stdout:
        return None
    return int(collected.group(1)) / int(frames.group(1))


def show(name, found, out):
    """A line of the table, and the figures of it."""
    print(f"  {name:<32}" + "".join(f"{'-':>9}" if value is None else f"{value:9.0f}"
                                    for value in found), flush=True)
    if out is None:
        return
    with open(out, "a", encoding="utf-8") as figures:
        for stage, value in zip(STAGES, found):
            if value is None:
                continue
            entry = {"figure": f"instructions.{stage}.{name}", "value": value,
                     "low": value, "high": value}
            figures.write(json.dumps(entry) + "\n")


def main():
    words = sys.argv[1:]
    out = None
    if "--json" in words:
        at = words.index("--json")
        out = words[at + 1] if at + 1 < len(words) else sys.exit(__doc__)
        del words[at:at + 2]
    if not words or any("=" not in word for word in words[1:]):
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("SKIPPED: instructions are not counted: no valgrind (scripts/setup installs it)")
        sys.exit(SKIPPED)
    binary, recordings = words[0], words[1:]
    print("instructions a message (callgrind)" + "".join(f"{head:>9}" for head in HEADS))
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        counts = {recording: [pool.submit(count, binary, stage, recording) for stage in STAGES]
                  for recording in recordings}
        made = [pool.submit(callgrind.count_made, binary, stage, MADE_FRAMES) for stage in STAGES]
        for recording, stages in counts.items():
            show(recording.split("=", 1)[0], [stage.result() for stage in stages], out)
        made = [stage.result() for stage in made]
        for name in made[0]:
            show(name, [stage[name] for stage in made], out)


if __name__ == "__main__":
    main()
