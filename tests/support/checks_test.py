#!/usr/bin/env python3
"""The architecture checks must find what is wrong: each is run on a tree with one fault."""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])


def tree(files):
    directory = tempfile.TemporaryDirectory()
    base = pathlib.Path(directory.name)
    (base / "CMakeLists.txt").write_text((ROOT / "CMakeLists.txt").read_text())
    for name, text in files.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def finds(check, files, words):
    with tree(files) as base:
        done = subprocess.run([sys.executable, ROOT / "scripts" / check, base],
                              capture_output=True, text=True)
    ok = done.returncode == 1 and words in done.stdout
    print(("ok    " if ok else "WRONG ") + check + ": " + words)
    if not ok:
        print(done.stdout)
    return ok


CASES = [
    ("check_includes.py", {"src/book/a.hpp": '#include "venues/venue.hpp"\n'}, "book must not know venues"),
    ("check_includes.py", {"src/net/a.hpp": '#include "venues/json.hpp"\n'}, "net may include only venue.hpp"),
    ("check_includes.py", {"include/steelyard/a.hpp": '#include "core/frame.hpp"\n'}, "standard library only"),
    ("check_hot_path.py", {"src/book/a.cpp": "#include <mutex>\n"}, "lock"),
    ("check_hot_path.py", {"src/engine/a.cpp": "int* p = new int[4];\n"}, "allocation"),
    ("check_hot_path.py", {"src/signals/a.hpp": "throw 1;\n"}, "exception"),
    ("check_hot_path.py", {"src/venues/a.cpp": "std::mutex m;\n"}, "lock"),
    ("check_hot_path.py", {"src/core/a.hpp": "virtual void f();\n"}, "virtual"),
]


# A program that knows two columns, and documents that tell something else.
PROGRAM = """#!/bin/sh
printf '<!-- columns: S1 -->\\n- `qi`\\n<!-- end -->\\n\\n<!-- columns: S2 -->\\n- `di`\\n<!-- end -->\\n'
"""
S1 = "<!-- columns: S1 -->\n- `qi`\n<!-- end -->\n"
S2 = "<!-- columns: S2 -->\n- `di`\n<!-- end -->\n"
DOCUMENTS = [
    (S1 + "text\n" + S2, 0, ""),
    (S1 + S2.replace("di", "dj"), 1, "out of date"),
    (S1, 1, "no place for the columns of S2"),
    (S1 + S2 + S2.replace("S2", "S3"), 1, "there are no such columns"),
    (S1 + S2 + S2, 1, "is there twice"),
]


def documents_are_checked(document, status, words):
    with tree({"docs/signals.md": document, "program": PROGRAM}) as base:
        program = pathlib.Path(base) / "program"
        program.chmod(0o755)
        done = subprocess.run([sys.executable, ROOT / "scripts/generate_docs.py", "--check",
                               program, base], capture_output=True, text=True)
    ok = done.returncode == status and words in done.stdout
    print(("ok    " if ok else "WRONG ") + "generate_docs.py: " + (words or "up to date"))
    if not ok:
        print(done.stdout, done.stderr)
    return ok


sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
import check_instructions  # noqa: E402

BASELINE = check_instructions.read_baseline("# compiler: any\nokx 1000 it parses twice\n")
COUNTS = [
    ({"okx": 1040}, ""),
    ({"okx": 960}, ""),
    ({"okx": 1060}, "+6.0% over the baseline of 1000 (it parses twice)"),
    ({"okx": 900}, "hold what was won"),
    ({"okx": 1000, "kraken": 5}, "kraken: 5 instructions a message and no baseline"),
    ({}, "okx: in the baseline and not measured"),
]


def counts_are_checked(measured, words):
    said = check_instructions.complaints(measured, BASELINE)
    ok = (words in said[0]) if words and len(said) == 1 else (not words and not said)
    print(("ok    " if ok else "WRONG ") + "check_instructions.py: " + (words or "within bounds"))
    return ok


def update_keeps_what_stands():
    """A figure within bounds keeps its value and reason; one beyond, or a new one, takes the new."""
    text = check_instructions.updated({"okx": 1040, "kraken": 7}, BASELINE, "a new venue", "any")
    moved = check_instructions.updated({"okx": 1060}, BASELINE, "exact sums", "any")
    ok = (check_instructions.read_baseline(text) == {"okx": (1000, "it parses twice"),
                                                     "kraken": (7, "a new venue")}
          and check_instructions.read_baseline(moved) == {"okx": (1060, "exact sums")}
          and "# compiler: any" in text)
    print(("ok    " if ok else "WRONG ") + "check_instructions.py: --update")
    return ok


found = [update_keeps_what_stands()] + [counts_are_checked(*case) for case in COUNTS]
found += [finds(*case) for case in CASES] + [documents_are_checked(*case) for case in DOCUMENTS]
sys.exit(0 if all(found) else 1)
