#!/usr/bin/env python3
"""Counts the instructions of recorded frames, a message, stage by stage, with callgrind.

usage: count_instructions.py PIPELINE_BENCH [--json FILE] NAME=RECORDING...

Counts are the same for the same binary every time, whatever else the machine does; a recording takes
from some seconds to a minute a stage. Only what the figures of pipeline_bench are about is counted:
book frames of the second pass. With --json, figures are appended to FILE, an object a line. Ends with
77 (skipped) where there is no valgrind.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

STAGES = ("walk", "decode", "book", "core", "tier1", "tier2", "all")
SKIPPED = 77


def count(binary, stage, recording):
    """Instructions a message; None where the second pass is not the one that counts."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             "--toggle-collect=*Walk::pass*", "--toggle-collect=*put_through_counted*",
             f"--callgrind-out-file={folder}/out", binary, "--count", stage, recording],
            capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    frames = re.search(r"^(\d+) frames", run.stdout, re.MULTILINE)
    if run.returncode != 0 or collected is None or frames is None:
        sys.exit(f"count_instructions: {recording}, {stage}: no count\n{run.stdout}{run.stderr}")
    if "first passes are counted" in run.stdout:
        return None
    return int(collected.group(1)) / int(frames.group(1))


def main():
    words = sys.argv[1:]
    out = None
    if "--json" in words:
        at = words.index("--json")
        out = words[at + 1] if at + 1 < len(words) else sys.exit(__doc__)
        del words[at:at + 2]
    if len(words) < 2 or any("=" not in word for word in words[1:]):
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("SKIPPED: instructions are not counted: no valgrind (scripts/setup installs it)")
        sys.exit(SKIPPED)
    binary, recordings = words[0], words[1:]
    print("instructions a message (callgrind)" + "".join(f"{stage:>9}" for stage in STAGES))
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        counts = {recording: [pool.submit(count, binary, stage, recording) for stage in STAGES]
                  for recording in recordings}
        for recording, stages in counts.items():
            name = recording.split("=", 1)[0]
            found = [stage.result() for stage in stages]
            print(f"  {name:<32}" + "".join(f"{'-':>9}" if value is None else f"{value:9.0f}"
                                            for value in found), flush=True)
            if out is None:
                continue
            with open(out, "a", encoding="utf-8") as figures:
                for stage, value in zip(STAGES, found):
                    if value is None:
                        continue
                    entry = {"figure": f"instructions.{stage}.{name}", "value": value,
                             "low": value, "high": value}
                    figures.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
