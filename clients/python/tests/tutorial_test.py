#!/usr/bin/env python3
"""Every cell of docs/clients-python.md runs, one after another.

usage: tutorial_test.py PUBLISHER STEELYARD SOURCE_DIR
"""
import contextlib
import io
import os
import pathlib
import re
import sys
import threading

import support

try:
    import numpy
except ImportError:
    support.skip("there is no numpy (scripts/setup --tests installs it)")
del numpy

from replay_test import write_capture

SOURCE = pathlib.Path(sys.argv[3])


class Tutorial(support.ClientTest):
    binary = sys.argv[1]

    def new_publisher(self):
        self.publishers.append(support.Publisher(self.binary, self.folder, "demo"))
        return self.publishers[-1]

    def test_every_cell_runs(self):
        text = (SOURCE / "docs/clients-python.md").read_text()
        cells = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
        self.assertGreater(len(cells), 9)
        # The names of columns that the daemon has and the test's publisher has not.
        cells = [cell.replace('"spread_bps"', '"qi"').replace('"cost_buy_100000"', '"extra"')
                 .replace('"e"', '"ofi_1000ms"') for cell in cells]
        write_capture(self.folder / "session.sly", symbols=("BTC-USDT",))
        os.environ["STEELYARD_BIN"] = sys.argv[2]
        self.publisher.start(1, 65_536)
        self.publisher.tell("beating")
        over = threading.Event()

        def publish():
            while not over.wait(0.001):
                self.publisher.publish(5)

        publishing = threading.Thread(target=publish)
        publishing.start()
        printed = io.StringIO()
        there = os.getcwd()
        os.chdir(self.folder)
        try:
            names = {}
            for cell in cells:
                with self.subTest(cell), contextlib.redirect_stdout(printed):
                    exec(compile(cell, "docs/clients-python.md", "exec"), names)
        finally:
            os.chdir(there)
            over.set()
            publishing.join()
        said = printed.getvalue()
        for expected in (" True 2 7", "binance-spot ", "records, 0 lost", "order flow",
                         "rows of ", "\n500 "):
            self.assertIn(expected, said)


if __name__ == "__main__":
    support.main(Tutorial)
