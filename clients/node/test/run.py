#!/usr/bin/env python3
"""Runs the tests of the Node package, and its example as a user would.

usage: run.py PUBLISHER
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import support

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
NODE = shutil.which("node") or shutil.which("nodejs")
if NODE is None:
    support.skip("there is no node (scripts/setup --tests installs it)")


class Package(support.ClientTest):
    binary = sys.argv[1]

    def test_the_tests_of_the_package(self):
        done = subprocess.run([NODE, "--test", *sorted((PACKAGE / "test").glob("*.test.js"))], text=True,
                              capture_output=True,
                              env={**os.environ, "STEELYARD_TEST_PUBLISHER": sys.argv[1]})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"pass 1[0-9]\n")

    def test_the_package_depends_on_nothing(self):
        package = json.loads((PACKAGE / "package.json").read_text())
        self.assertEqual([key for key in package if "ependencies" in key], [])

    def test_the_example_prints_live_signals(self):
        self.publisher.start()
        self.publisher.tell("beating")
        process = subprocess.Popen([NODE, PACKAGE / "examples/print_signals.js", "test", "1", "mid",
                                    "regime"], text=True, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertIn("mid regime", process.stdout.readline())  # attached
        self.publisher.tell("record 1 0 100.5 0.5 0.25 3 2 0")
        self.assertRegex(process.communicate(timeout=60)[0],
                         r"binance-spot +BBBUSDT +live +100 100\.01 100\.5000 2\.0000")
        self.assertEqual(process.returncode, 0)

    def test_the_example_says_why_it_cannot_read(self):
        for refusal in ("of_another_version", "forbidden"):
            text = getattr(self, refusal)()
            done = support.run([NODE, PACKAGE / "examples/print_signals.js", "test"])
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)


if __name__ == "__main__":
    support.main(Package)
