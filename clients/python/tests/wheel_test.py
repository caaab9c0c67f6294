#!/usr/bin/env python3
"""The wheel that the standard backend builds, alone in a folder: it has all that is needed.

usage: wheel_test.py PUBLISHER STEELYARD SOURCE_DIR
"""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

import support

for needed in ("numpy", "pip", "setuptools", "wheel"):
    if importlib.util.find_spec(needed) is None:
        support.skip(f"there is no {needed} (scripts/setup --tests installs it)")

SOURCE = pathlib.Path(sys.argv[3])


class Wheel(support.ClientTest):
    binary = sys.argv[1]

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="steelyard-wheel-"))
        # Of a copy: the backend leaves its workings beside the sources.
        shutil.copytree(SOURCE / "clients/python", cls.work / "source")
        done = subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
             "--quiet", "--wheel-dir", cls.work, cls.work / "source"],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.wheel = next(cls.work.glob("*.whl"))
        zipfile.ZipFile(cls.wheel).extractall(cls.work / "site")
        cls.environment = {**os.environ, "PYTHONPATH": str(cls.work / "site")}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work)

    def test_it_is_pure_and_typed_and_of_the_projects_version(self):
        version = re.search(r"project\(steelyard VERSION ([\d.]+)",
                            (SOURCE / "CMakeLists.txt").read_text())[1]
        self.assertEqual(self.wheel.name, f"steelyard-{version}-py3-none-any.whl")
        names = zipfile.ZipFile(self.wheel).namelist()
        self.assertIn("steelyard/py.typed", names)
        here = {f"steelyard/{path.name}"
                for path in (SOURCE / "clients/python/src/steelyard").glob("*.py")}
        self.assertLessEqual(here, set(names))
        metadata = (self.work / f"site/steelyard-{version}.dist-info/METADATA").read_text()
        self.assertEqual(re.findall(r"^Requires-Dist: (\w+)", metadata, re.M), ["numpy"])
        out = subprocess.run([sys.executable, "-c", "import steelyard; print(steelyard.__version__, "
                              "steelyard.__file__)"], env=self.environment, check=True,
                             capture_output=True, text=True).stdout.split()
        self.assertEqual(out, [version, str(self.work / "site/steelyard/__init__.py")])

    def test_the_example_prints_live_signals_with_it(self):
        self.publisher.start()
        self.publisher.tell("beating")
        example = SOURCE / "clients/python/examples/print_signals.py"
        process = subprocess.Popen([sys.executable, example, "test", "1", "mid", "regime"], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={**self.environment, **{"STEELYARD_SHM_DIR": str(self.folder)}})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        self.assertIn("mid regime", process.stdout.readline())  # attached
        self.publisher.tell("record 1 0 100.5 0.5 0.25 3 2 0")
        out, err = process.communicate(timeout=60)
        self.assertRegex(out, r"binance-spot +BBBUSDT +live +100 +100\.01 +100\.5 +2")
        self.assertEqual((process.returncode, err), (0, ""))

    def test_the_example_says_why_it_cannot_read(self):
        text = self.of_another_version()
        done = support.run([sys.executable, SOURCE / "clients/python/examples/print_signals.py",
                            "test"], env={**self.environment, "STEELYARD_SHM_DIR": str(self.folder)})
        self.assertEqual(done.returncode, 1)
        self.assertIn(text, done.stderr)


if __name__ == "__main__":
    support.main(Wheel)
