#!/usr/bin/env python3
"""Builds the crate without the network, runs its tests, and its example as a user would.

usage: run.py PUBLISHER BUILD_DIR
"""
import os
import pathlib
import shutil
import subprocess
import sys

import support

CRATE = pathlib.Path(__file__).resolve().parents[1]
if shutil.which("cargo") is None:
    support.skip("there is no cargo (scripts/setup --tests installs it)")
ENVIRONMENT = {**os.environ, "CARGO_TARGET_DIR": str(pathlib.Path(sys.argv[2]) / "rust"),
               "STEELYARD_TEST_PUBLISHER": sys.argv[1], "RUSTFLAGS": "-D warnings"}


class Crate(support.ClientTest):
    binary = sys.argv[1]

    @classmethod
    def setUpClass(cls):
        for command in (["cargo", "test", "--offline", "--quiet"],
                        ["cargo", "build", "--offline", "--quiet", "--examples"]):
            done = subprocess.run(support.as_ordinary_user() + command, cwd=CRATE, env=ENVIRONMENT)
            if done.returncode != 0:
                raise AssertionError(" ".join(command))

    @property
    def example(self):
        return pathlib.Path(ENVIRONMENT["CARGO_TARGET_DIR"]) / "debug/examples/print_signals"

    def test_the_crate_depends_on_nothing(self):
        locked = (CRATE / "Cargo.lock").read_text()
        self.assertEqual(locked.count("[[package]]"), 1)

    def test_the_example_prints_live_signals(self):
        self.publisher.start()
        self.publisher.tell("beating")
        process = subprocess.Popen([self.example, "test", "1", "mid", "regime"], text=True,
                                   stdout=subprocess.PIPE)
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
            done = support.run([self.example, "test"])
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)
        self.fresh_segment()
        self.publisher.tell("beating")
        self.assertIn("there is no column none",
                      support.run([self.example, "test", "1", "none"]).stderr)


if __name__ == "__main__":
    support.main(Crate)
