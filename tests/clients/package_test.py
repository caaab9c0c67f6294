#!/usr/bin/env python3
"""The installed package, as a strategy's project sees it: found by CMake and by pkg-config, headers
that compile alone, examples that build without a warning and do what they say.

usage: package_test.py PUBLISHER BUILD_DIR SOURCE_DIR CXX CC
"""
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

import support

PUBLISHER, BUILD, SOURCE, CXX, CC = sys.argv[1:6]
SOURCE = pathlib.Path(SOURCE)
EXAMPLES = SOURCE / "clients/cpp/examples"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]


def checked(command, **options):
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True,
                          **options)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Package(support.ClientTest):
    binary = PUBLISHER

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="steelyard-package-"))
        # Installed at one place and moved to another: nothing in it may name where it was.
        checked(["cmake", "--install", BUILD, "--component", "client",
                 "--prefix", cls.work / "staged"])
        (cls.work / "staged").rename(cls.work / "prefix")
        cls.prefix = cls.work / "prefix"
        checked(["cmake", "-S", EXAMPLES, "-B", cls.work / "examples", "-G", "Ninja",
                 f"-DCMAKE_PREFIX_PATH={cls.prefix}", f"-DCMAKE_CXX_COMPILER={CXX}",
                 "-DCMAKE_CXX_FLAGS=-Werror -O0"])
        checked(["cmake", "--build", cls.work / "examples"])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work, ignore_errors=True)

    def example(self, name):
        return self.work / "examples" / name

    def start_example(self, name, *arguments):
        process = subprocess.Popen([self.example(name), *map(str, arguments)], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def pkg_config(self, *arguments):
        folder = next(self.prefix.glob("**/pkgconfig"))
        return checked(["pkg-config", *arguments],
                       env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()

    def test_find_package_takes_the_installed_headers(self):
        cache = (self.work / "examples/CMakeCache.txt").read_text()
        self.assertIn(f"steelyard_DIR:PATH={self.prefix}", cache)
        commands = checked(["ninja", "-C", self.work / "examples", "-t", "commands"])
        self.assertNotIn(str(SOURCE / "include"), commands)

    def test_every_header_compiles_alone_without_a_warning(self):
        headers = sorted((self.prefix / "include/steelyard").glob("*.hpp"))
        self.assertGreater(len(headers), 5)
        for header in headers:
            for compiler in [CXX] + [c for c in ("clang++-19",) if shutil.which(c)]:
                with self.subTest(header=header.name, compiler=compiler):
                    checked([compiler, "-std=c++20", *WARNINGS, f"-I{self.prefix / 'include'}",
                             "-x", "c++", "-fsyntax-only", "-include", header, "/dev/null"])

    def test_pkg_config_is_enough_to_build_in_cxx_and_in_c(self):
        checked([CXX, *WARNINGS, EXAMPLES / "latest_state.cpp", "-o", self.work / "by_pc",
                 *self.pkg_config("--cflags", "--libs", "steelyard")])
        checked([CC, "-std=c11", *WARNINGS, SOURCE / "clients/c/examples/print_signals.c",
                 "-o", self.work / "in_c", *self.pkg_config("--cflags", "--libs", "steelyard-c"),
                 "-Wl,-rpath," + str(next(self.prefix.glob("lib/**/libsteelyard.so")).parent)])

        self.publisher.start()
        self.publisher.tell("beating")
        self.publisher.tell("record 1 0 100.5 0.5 0.25 3 2 0")
        state = support.run([self.work / "by_pc", "test", "BBB-USDT"])
        self.assertEqual(state.returncode, 0, state.stderr)
        printed = subprocess.Popen([self.work / "in_c", "test", "1", "mid", "pbi_10bp"], text=True,
                                   stdout=subprocess.PIPE)
        self.assertIn("mid pbi_10bp", printed.stdout.readline())  # attached
        self.publisher.tell("record 1 0 100.5 0.5 0.25 3 2 0")
        self.assertRegex(printed.communicate(timeout=30)[0],
                         r"binance-spot +BBBUSDT +live +100 +100\.01 +100\.5 +0\.25")
        self.assertEqual(printed.returncode, 0)

    def test_the_strategy_follows_the_regime_and_flees_from_a_cascade(self):
        self.publisher.start()
        self.publisher.tell("beating")
        strategy = self.start_example("regime_strategy", "test", 5)
        self.wait_until_attached(strategy)

        self.publisher.tell("record 0 0 100 0 0 0 2 0")    # extreme: two units
        self.publisher.tell("record 0 2 100 0 0 0 2 0")    # a gap: none
        self.publisher.tell("record 1 0 100 0 0 0 -1 0")   # the other instrument: one short
        self.publisher.tell("record 1 0 100 0 0 0 -1 -1")  # cascade: out
        self.publisher.tell("record 1 0 100 0 0 0 -1 0")   # and out it stays
        self.publisher.tell("record 0 0 100 0 0 0 1 0")    # in step again

        out, err = strategy.communicate(timeout=30)
        self.assertEqual(out.splitlines(), [
            "BUY 2 binance-spot AAAUSDT at 100.01 (regime; now +2)",
            "SELL 2 binance-spot AAAUSDT at 100 (its book is in doubt; now +0)",
            "SELL 1 binance-spot BBBUSDT at 100 (regime; now -1)",
            "BUY 1 binance-spot BBBUSDT at 100.01 (cascade of sales; now +0)",
            "BUY 1 binance-spot AAAUSDT at 100.01 (regime; now +1)"])
        self.assertEqual(strategy.returncode, 0)
        self.assertEqual(err, "")

    def test_the_strategy_says_which_columns_are_missing_and_goes_by_what_there_is(self):
        self.publisher.tell("without_alerts")
        self.publisher.start()
        self.publisher.tell("beating")
        strategy = self.start_example("regime_strategy", "test", 2)
        self.wait_until_attached(strategy)
        self.assertIn('"test" has no column "regime"; going by pbi_10bp',
                      strategy.stderr.readline())
        self.assertIn('"test" has no column "casc_alert"; cascades are not watched',
                      strategy.stderr.readline())

        self.publisher.tell("record 0 0 100 0 0.75 0 0 0")
        self.publisher.stop()

        out, _ = strategy.communicate(timeout=30)
        self.assertEqual(out.splitlines(),
                         ["BUY 1 binance-spot AAAUSDT at 100.01 (imbalance; now +1)",
                          "FLAT, was +1 (the publisher is dead)"])

    def test_the_poller_counts_each_instrument_and_names_those_that_there_are(self):
        self.publisher.start(1, 8192)
        self.publisher.tell("beating")
        poller = self.start_example("instrument_poller", "test", 2, "binance-spot:AAAUSDT",
                                    "BBB-USDT", "okx:NONE")
        self.assertIn("no instrument okx:NONE; there are: binance-spot:AAAUSDT "
                      "binance-spot:BBBUSDT", poller.stderr.readline())
        self.publisher.publish(6)
        self.publisher.tell("record 1 4 100 0 0.75 0 0 0")  # stale

        out, _ = poller.communicate(timeout=30)
        rows = [line.split() for line in out.splitlines()]
        for symbol, records, doubtful, last in (("AAAUSDT", 3, 0, "4.250"),
                                                ("BBBUSDT", 4, 1, "5.250")):
            mine = [row for row in rows if row[1] == symbol]
            self.assertEqual(sum(int(row[3]) for row in mine), records)
            self.assertEqual(sum(int(row[7]) for row in mine), doubtful)
            self.assertIn(last, [row[9] for row in mine])
        self.assertEqual(poller.returncode, 0)

    def test_the_latest_state_has_every_column_and_the_book(self):
        self.publisher.start()
        self.publisher.tell("record 0 0 100.5 0.5 0.25 3 2 0")

        done = support.run([self.example("latest_state"), "test", "binance-spot:AAAUSDT"])

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("AAAUSDT: live, publisher alive", done.stdout)
        self.assertRegex(done.stdout, r"1\.5 +100 \| 100\.01 +2\.5")
        self.assertRegex(done.stdout, r"mid +100\.5 price")
        self.assertRegex(done.stdout, r"regime +2 flag")
        none = support.run([self.example("latest_state"), "test", "CCCUSDT"])
        self.assertIn("has no instrument CCCUSDT", none.stderr)
        quiet = support.run([self.example("latest_state"), "test", "BBBUSDT"])
        self.assertIn("nothing was published of BBBUSDT yet", quiet.stderr)

    def test_the_recorder_writes_every_record_and_marks_what_it_missed(self):
        self.publisher.start()
        self.publisher.tell("beating")
        self.publisher.publish(3)
        path = self.folder / "rows.csv"
        recorder = self.start_example("csv_recorder", "test", path)
        while not path.exists():  # it does once the recorder is attached
            self.assertIsNone(recorder.poll())
        self.publisher.publish(2)
        self.publisher.stop()

        out, err = recorder.communicate(timeout=30)
        self.assertEqual((out, err, recorder.returncode), ("5 rows, 0 records lost\n", "", 0))
        lines = path.read_text().splitlines()
        self.assertEqual(lines[0], "received,venue,symbol,event,validity,bid,ask,mid,qi,pbi_10bp,"
                                   "ofi_1000ms,regime,casc_alert")
        self.assertEqual(lines[2],
                         "3,binance-spot,BBBUSDT,1,0,0.04,0.05,1,1.5,1.25,1.125,1.75,1.875")
        self.assertEqual(len(lines), 6)

    def test_imbalance_watch_says_when_a_book_leans_over(self):
        self.publisher.start()
        self.publisher.tell("beating")
        watch = self.start_example("imbalance_watch", "test", "0.3")
        self.wait_until_attached(watch)
        self.publisher.tell("record 0 0 100 0 0.75 0 0 0")
        self.assertRegex(watch.stdout.readline(), r"AAAUSDT +buyers +pbi \+0\.75")

    def test_each_example_says_why_it_cannot_read(self):
        for refusal in ("of_another_version", "forbidden"):
            text = getattr(self, refusal)()
            for name, arguments in (("regime_strategy", []), ("latest_state", ["X"]),
                                    ("csv_recorder", ["/dev/null"]), ("imbalance_watch", []),
                                    ("instrument_poller", ["1", "X"])):
                with self.subTest(refusal=refusal, example=name):
                    done = support.run([self.example(name), "test", *arguments])
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(text, done.stderr)

    def wait_until_attached(self, process):
        line = process.stdout.readline()
        self.assertEqual(line, "watching 2 instruments of test\n",
                         line or "it ended")


if __name__ == "__main__":
    support.main(Package)
