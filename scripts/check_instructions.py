#!/usr/bin/env python3
"""Holds the instructions of the hot path, a message, against those of tests/bench/instructions.txt.

usage: check_instructions.py PIPELINE_BENCH BASELINE [--update REASON]

Made frames of every venue: decode, sync, book, core signals, publish. Callgrind counts the same for
the same binary every time, whatever else the machine does. More than 5 % above the baseline fails;
more than 5 % below asks for the baseline to be lowered. Raising it takes --update with the reason,
which stands in the file from then on; a figure that has not moved by 5 % keeps the reason it has.
Ends with 77 (skipped) where the count would not mean the same: no valgrind, another compiler, no
AVX2.
"""
import pathlib
import re
import subprocess
import shutil
import sys

import callgrind

TOLERANCE = 0.05
FRAMES = 300
SKIPPED = 77
HEAD = """# Instructions a message of made frames (tests/bench/made_corpus.hpp): decode, sync, book, core
# signals, publish. Written by scripts/check_instructions.py --update REASON.
"""


def read_baseline(text):
    """{venue: (instructions, reason)}; lines of a number sign are remarks."""
    baseline = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(None, 2)
        if len(words) != 3 or not words[1].isdigit():
            raise ValueError(f"line {number}: venue, instructions and reason are wanted: {line}")
        baseline[words[0]] = (int(words[1]), words[2])
    return baseline


def complaints(measured, baseline):
    """What is wrong, a line each; empty if nothing is."""
    found = []
    for venue, count in measured.items():
        if venue not in baseline:
            found.append(f"{venue}: {count} instructions a message and no baseline: --update REASON")
            continue
        held, reason = baseline[venue]
        if count > held * (1 + TOLERANCE):
            found.append(f"{venue}: {count} instructions a message, {count / held - 1:+.1%} over the "
                         f"baseline of {held} ({reason}); make it cheaper, or say why it must be: "
                         "--update REASON")
        elif count < held * (1 - TOLERANCE):
            found.append(f"{venue}: {count} instructions a message, {count / held - 1:+.1%} against the "
                         f"baseline of {held}: hold what was won with --update REASON")
    return found + [f"{venue}: in the baseline and not measured"
                    for venue in baseline if venue not in measured]


def updated(measured, baseline, reason, compiler):
    """The baseline's new text."""
    lines = [f"# compiler: {compiler}"]
    for venue, count in measured.items():
        moved = venue not in baseline or abs(count / baseline[venue][0] - 1) > TOLERANCE
        lines.append(f"{venue} {count} {reason}" if moved
                     else f"{venue} {baseline[venue][0]} {baseline[venue][1]}")
    return HEAD + "\n".join(lines) + "\n"


def why_not(text):
    """Why counts here would mean something else than in the baseline; empty if they do not."""
    if shutil.which("valgrind") is None:
        return "no valgrind (scripts/setup installs it)"
    if " avx2 " not in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii"):
        return "a processor without AVX2"
    compiler = re.search(r"^# compiler: (.+)$", text, re.MULTILINE)
    present = compiler_here()
    if compiler and compiler.group(1) != present:
        return f"the baseline is of {compiler.group(1)}, here is {present}"
    return ""


def compiler_here():
    run = subprocess.run(["c++", "-dumpfullversion"], capture_output=True, text=True, check=False)
    return "g++ " + run.stdout.strip()


def main():
    if len(sys.argv) not in (3, 5) or (len(sys.argv) == 5 and sys.argv[3] != "--update"):
        sys.exit(__doc__)
    binary, path = sys.argv[1], pathlib.Path(sys.argv[2])
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    update = sys.argv[4].strip() if len(sys.argv) == 5 else ""
    if len(sys.argv) == 5 and not update:
        sys.exit("check_instructions: --update wants the reason")
    reason = why_not("" if update else text)
    if reason:
        print(f"SKIPPED: instructions are not counted: {reason}")
        sys.exit(SKIPPED)
    measured = {name.split("/")[0]: round(value)
                for name, value in callgrind.count_made(binary, "core", FRAMES).items()}
    for venue, instructions in measured.items():
        print(f"{venue}: {instructions} instructions a message")
    if update:
        path.write_text(updated(measured, read_baseline(text), update, compiler_here()),
                        encoding="utf-8")
        return
    found = complaints(measured, read_baseline(text))
    for complaint in found:
        print(complaint)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
