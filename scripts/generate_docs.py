#!/usr/bin/env python3
"""Writes into docs/signals.md what `steelyard signals --markdown` says of the columns.

usage: generate_docs.py [--check] STEELYARD [ROOT]

The document has a pair of lines, <!-- columns: NAME --> and <!-- end -->, for each block of that
output; what is between them is the program's, all else is written by hand. With --check nothing is
written, and the exit status is 1 if something would be.
"""
import difflib
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"<!-- columns: ([^>]+) -->\n(.*?)<!-- end -->\n", re.S)


def generated(program):
    text = subprocess.run([program, "signals", "--markdown"], check=True, capture_output=True,
                          text=True).stdout
    return {match.group(1): match.group(0) for match in BLOCK.finditer(text)}


def renewed(document, blocks):
    held = [match.group(1) for match in BLOCK.finditer(document)]
    faults = [f"no place for the columns of {name}: put <!-- columns: {name} --> and <!-- end -->, "
              "a line each, where they belong" for name in blocks if name not in held]
    faults += [f"<!-- columns: {name} -->: there are no such columns" for name in held
               if name not in blocks]
    faults += [f"<!-- columns: {name} --> is there twice" for name in blocks
               if held.count(name) > 1]
    return BLOCK.sub(lambda match: blocks.get(match.group(1), match.group(0)), document), faults


def main(words):
    check = "--check" in words
    words = [word for word in words if word != "--check"]
    if len(words) not in (1, 2):
        print(__doc__)
        return 2
    root = pathlib.Path(words[1]) if len(words) == 2 else pathlib.Path(__file__).parent.parent
    path = root / "docs/signals.md"
    document = path.read_text()
    text, faults = renewed(document, generated(words[0]))
    for fault in faults:
        print(f"docs/signals.md: {fault}")
    if faults:
        return 1
    if check and text != document:
        print("".join(difflib.unified_diff(document.splitlines(True), text.splitlines(True),
                                           "docs/signals.md", "what it should be")))
        print(f"docs/signals.md is out of date: scripts/generate_docs.py {words[0]}")
        return 1
    if not check:
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
