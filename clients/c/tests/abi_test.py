#!/usr/bin/env python3
"""The ABI that was published stays: symbols, their versions, prototypes, structs and constants.

usage: abi_test.py PUBLISHER LIBRARY SOURCE_DIR CC
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LIBRARY, SOURCE, CC = sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
TESTS = SOURCE / "clients/c/tests"
HEADER = SOURCE / "clients/c/include/steelyard/steelyard.h"
FROZEN = sorted(TESTS.glob("frozen_abi_*.c"))


def exported():
    """{symbol: version node} of the library."""
    lines = subprocess.run(["nm", "--dynamic", "--defined-only", "--with-symbol-versions", LIBRARY],
                           check=True, text=True, capture_output=True).stdout.splitlines()
    symbols = {}
    for line in lines:
        kind, name = line.split()[1:3]
        if kind == "A":  # a version node itself
            continue
        name, _, version = name.partition("@@")
        symbols[name] = version
    return symbols


def published():
    symbols = {}
    for path in TESTS.glob("symbols_*.txt"):
        version = "STEELYARD_" + path.stem.removeprefix("symbols_").replace("_", ".")
        symbols.update({name: version for name in path.read_text().split()})
    return symbols


def compile_frozen(header):
    """The complaints of the compiler about every frozen file with this header in place of ours."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "steelyard").mkdir()
        (pathlib.Path(folder) / "steelyard/steelyard.h").write_text(header)
        return "".join(
            subprocess.run([CC, "-std=c11", "-Werror", f"-I{folder}", "-fsyntax-only", file],
                           text=True, capture_output=True).stderr for file in FROZEN)


class Abi(unittest.TestCase):
    def test_the_library_exports_what_was_published_and_nothing_else(self):
        self.assertEqual(exported(), published())

    def test_the_library_names_its_major_version(self):
        text = subprocess.run(["readelf", "-d", LIBRARY], check=True, text=True,
                              capture_output=True).stdout
        self.assertIn("Library soname: [libsteelyard.so.1]", text)

    def test_the_header_declares_what_was_published(self):
        self.assertEqual(compile_frozen(HEADER.read_text()), "")

    def test_a_changed_header_is_found(self):
        header = HEADER.read_text()
        changes = {
            "a field grows": ("uint32_t validity;", "uint64_t validity;"),
            "a field is added": ("  sy_tick tick;\n", "  sy_tick tick;\n  uint64_t more;\n"),
            "fields change places": ("  int64_t best_bid;", "  int64_t best_ask_;\n"
                                                            "  int64_t best_bid;"),
            "a parameter is added": ("sy_attach(sy_reader* reader,", "sy_attach(sy_reader* r, int x,"),
            "a result changes": ("uint64_t sy_lost(", "uint32_t sy_lost("),
            "a function goes": ("int sy_is_live(const sy_tick* tick);", ""),
            "a constant changes": ("SY_DEAD = 4", "SY_DEAD = 5"),
        }
        for what, (old, new) in changes.items():
            with self.subTest(what):
                self.assertIn(old, header)
                self.assertNotEqual(compile_frozen(header.replace(old, new)), "")

    def test_every_declared_function_is_frozen(self):
        code = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
        declared = set(re.findall(r"^[a-z][\w* ]*?\b(sy_[a-z_]+)\(", code, re.M))
        frozen = set(re.findall(r"^FUNCTION\([^,]+, (sy_[a-z_]+),",
                                "".join(file.read_text() for file in FROZEN), re.M))
        self.assertEqual(declared, frozen)
        self.assertEqual(declared, set(published()))


if __name__ == "__main__":
    if shutil.which("nm") is None:
        print("SKIPPED: there is no nm")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
