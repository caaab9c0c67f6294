#!/usr/bin/env python3
"""`steelyard.replay` is `steelyard replay --csv`, bit for bit.

usage: replay_test.py PUBLISHER STEELYARD SOURCE_DIR
"""
import csv
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

import support

try:
    import numpy as np
except ImportError:
    support.skip("there is no numpy (scripts/setup --tests installs it)")

import steelyard

BINARY = sys.argv[2]
TEXTS = ("venue", "sym", "t")


def write_capture(path, symbols=("BTC-USDT", "ETH-USDT"), messages=400):
    """Books that move, trades, a gap and a new snapshot: OKX as it is recorded."""
    rng = random.Random(7)
    url = "wss://ws.okx.com:8443/ws/v5/public"
    ts = 1_700_000_000_000_000_000
    lines = [{"ts": ts, "dir": "connect", "conn": "1", "url": url}]
    sequence = {symbol: 0 for symbol in symbols}
    for i in range(messages):
        symbol = rng.choice(symbols)
        ts += rng.randrange(1, 40_000_000)
        ms = str(ts // 1_000_000)
        arg = {"channel": "books", "instId": symbol}
        if sequence[symbol] == 0 or rng.random() < 0.02:
            sequence[symbol] += 100
            data = {"asks": [[f"{100 + k / 10:.1f}", f"{rng.uniform(0.001, 9):.3f}", "0", "1"]
                             for k in range(1, 30)],
                    "bids": [[f"{100 - k / 10:.1f}", f"{rng.uniform(0.001, 9):.3f}", "0", "1"]
                             for k in range(1, 30)],
                    "ts": ms, "prevSeqId": -1, "seqId": sequence[symbol]}
            message = {"arg": arg, "action": "snapshot", "data": [data]}
        elif rng.random() < 0.2:
            message = {"arg": {"channel": "trades", "instId": symbol}, "data": [
                {"instId": symbol, "tradeId": str(i), "px": "100.1", "sz": f"{rng.random():.4f}",
                 "side": rng.choice(["buy", "sell"]), "ts": ms}]}
        else:
            before, sequence[symbol] = sequence[symbol], sequence[symbol] + 1
            gap = 5 if rng.random() < 0.02 else 0
            data = {"asks": [[f"{100 + rng.randrange(1, 30) / 10:.1f}",
                              f"{rng.uniform(0, 9):.3f}", "0", "1"]],
                    "bids": [[f"{100 - rng.randrange(1, 30) / 10:.1f}",
                              f"{rng.uniform(0, 9):.3f}", "0", "1"]],
                    "ts": ms, "prevSeqId": before + gap, "seqId": sequence[symbol] + gap}
            sequence[symbol] += gap
            message = {"arg": arg, "action": "update", "data": [data]}
        lines.append({"ts": ts, "dir": "in", "conn": "1", "url": url, "msg": json.dumps(message)})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="steelyard-replay-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.capture = self.folder / "okx.ndjson"
        write_capture(self.capture)
        warnings.simplefilter("ignore", RuntimeWarning)

    def csv_of(self, *arguments):
        path = self.folder / "rows.csv"
        done = subprocess.run([BINARY, "replay", *map(str, arguments), "--csv", path],
                              capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        return header, rows

    def assert_is_the_csv(self, table, header, rows):
        self.assertEqual(list(table.dtype.names), header)
        self.assertEqual(len(table), len(rows))
        for place, name in enumerate(header):
            cells = [row[place] for row in rows]
            if name in TEXTS:
                self.assertEqual(table[name].tolist(), cells, name)
            elif table[name].dtype.kind in "iu":
                self.assertEqual(table[name].tolist(), [int(cell) for cell in cells], name)
            else:
                wanted = np.array([float(cell) if cell else np.nan for cell in cells])
                undefined = np.isnan(wanted)
                np.testing.assert_array_equal(np.isnan(table[name]), undefined, name)
                np.testing.assert_array_equal(  # the bits: -0.0 is not 0.0
                    np.ascontiguousarray(table[name])[~undefined].view("u8"),
                    wanted[~undefined].view("u8"), name)

    def test_equals_the_csv_bit_for_bit(self):
        table = steelyard.replay(self.capture, binary=BINARY)
        header, rows = self.csv_of(self.capture)
        self.assertGreater(len(rows), 250)
        self.assertEqual({row[4] for row in rows}, {"snapshot", "delta", "trade", "reset"})
        self.assert_is_the_csv(table, header, rows)
        self.assertGreater(int(np.isfinite(table["ofi_1000ms"]).sum()), 100)
        self.assertTrue(table.flags.writeable, "it is the caller's own")
        offsets = [offset for dtype, offset in table.dtype.fields.values() if dtype.itemsize == 8]
        self.assertTrue(all(offset % 8 == 0 for offset in offsets), "aligned")

    def test_takes_a_configuration_as_a_file_or_as_a_dict(self):
        config = {"stale_after_ms": 500, "signals": {"flow_windows_ms": [250, 1000]},
                  "venues": {"okx": {"instruments": ["ETH-*"]}}}
        path = self.folder / "a.toml"
        path.write_text('stale_after_ms = 500\n[signals]\nflow_windows_ms = [250, 1000]\n'
                        '[venues.okx]\ninstruments = ["ETH-*"]\n')
        as_dict = steelyard.replay([self.capture], config, binary=BINARY)
        as_file = steelyard.replay([self.capture], path, binary=BINARY)
        self.assertEqual(as_dict.tobytes(), as_file.tobytes())
        self.assertEqual(set(as_dict["sym"]), {"ETH-USDT"})
        self.assertIn("ofi_250ms", as_dict.dtype.names)
        self.assert_is_the_csv(as_dict, *self.csv_of(self.capture, "--config", path))

    def test_chooses_columns_and_events(self):
        table = steelyard.replay(self.capture, columns=["status", "mid", "sym", "qi"],
                                 only=["trade", "reset"], binary=BINARY)
        self.assert_is_the_csv(table, *self.csv_of(
            self.capture, "--columns", "status,mid,sym,qi", "--only", "trade,reset"))

    def test_merges_several_files(self):
        second = self.folder / "second.ndjson"
        write_capture(second, symbols=("SOL-USDT",), messages=100)
        table = steelyard.replay([self.capture, second], binary=BINARY)
        self.assertEqual(len(set(table["sym"])), 3)
        self.assertTrue((np.diff(table["ts"]) >= 0).all())
        self.assert_is_the_csv(table, *self.csv_of(self.capture, second))

    def test_a_table_without_rows_has_its_columns(self):
        table = steelyard.replay(self.capture, only=["liq"], binary=BINARY)
        self.assertEqual(len(table), 0)
        self.assertIn("mid", table.dtype.names)

    def test_what_is_wrong_is_said_in_the_programs_words(self):
        for problem, arguments in (
                ("none.ndjson: cannot be opened: No such file", dict(files=self.folder / "none.ndjson")),
                ("there is no column \"nope\"", dict(files=self.capture, columns=["nope"])),
                ("whatever", dict(files=self.capture, only=["whatever"])),
                ("instrument", dict(files=self.capture,
                                    config={"venues": {"okx": {"instruments": ["NO-SUCH"]}}})),
                ("did you mean venues.okx.channel", dict(files=self.capture, config={
                    "venues": {"okx": {"instruments": ["*"], "chanel": "books"}}}))):
            with self.subTest(problem):
                with self.assertRaisesRegex(steelyard.ReplayError, problem):
                    steelyard.replay(binary=BINARY, **arguments)

    def test_a_program_that_is_not_there_is_said(self):
        with self.assertRaisesRegex(steelyard.ReplayError, "/none/steelyard: No such file"):
            steelyard.replay(self.capture, binary="/none/steelyard")

    def test_the_program_writes_an_npy_file_or_says_why_not(self):
        path = self.folder / "rows.npy"
        both = self.folder / "both.csv"
        done = support.run([BINARY, "replay", self.capture, "--npy", path, "--csv", both])
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(np.load(path).tobytes(), steelyard.replay(self.capture,
                                                                   binary=BINARY).tobytes())
        self.assertEqual(both.read_text().count("\n"), len(np.load(path)) + 1)
        for target, problem in ((self.folder / "none/rows.npy", "No such file or directory"),
                                ("/dev/stdout", "needs a file, not a pipe"),
                                ("/dev/full", "not everything could be written")):
            with self.subTest(target):
                done = support.run([BINARY, "replay", self.capture, "--npy", target])
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{target}: ", done.stderr)
                self.assertIn(problem, done.stderr)

    def test_a_book_that_ends_broken_is_a_warning(self):
        lines = self.capture.read_text().splitlines()
        gap = json.loads(lines[-1])
        gap["msg"] = json.dumps({"arg": {"channel": "books", "instId": "BTC-USDT"},
                                 "action": "update", "data": [
                                     {"asks": [], "bids": [["99", "1", "0", "1"]], "ts": "1",
                                      "prevSeqId": 99_999, "seqId": 100_000}]})
        self.capture.write_text("\n".join(lines + [json.dumps(gap)]) + "\n")
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            with self.assertRaisesRegex(RuntimeWarning, "okx BTC-USDT had a book and ends without"):
                steelyard.replay(self.capture, binary=BINARY)

    def test_recorded_captures_equal_their_csv(self):
        captures = pathlib.Path(os.environ.get("STEELYARD_CAPTURES", "/nonexistent"))
        files = sorted(captures.glob("*/*.ndjson.zst"))
        if not files:
            self.skipTest("no recordings at $STEELYARD_CAPTURES")
        # The smallest of each venue: quotes of many exponents, inverse contracts, options.
        smallest = {}
        for file in files:
            venue = file.parent.name
            if venue not in smallest or file.stat().st_size < smallest[venue].stat().st_size:
                smallest[venue] = file
        compared = 0
        for venue, file in smallest.items():
            with self.subTest(venue):
                try:
                    table = steelyard.replay(file, binary=BINARY)
                except steelyard.ReplayError:
                    continue  # of a venue that this build does not know
                if len(table) > 20_000:  # the text of more takes too long to read
                    continue
                self.assert_is_the_csv(table, *self.csv_of(file))
                compared += len(table)
        self.assertGreater(compared, 1000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
