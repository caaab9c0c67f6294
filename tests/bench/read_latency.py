#!/usr/bin/env python3
"""The same through the Python package. scripts/bench_clients runs it.

usage: read_latency.py INSTANCE RECORDS BURST        a line a record: ns; rests after each burst
"""
import sys
import time

import numpy as np

import steelyard


def main() -> None:
    feed = steelyard.attach(sys.argv[1], wait=10.0)
    records, burst = int(sys.argv[2]), int(sys.argv[3])
    print("attached", flush=True)
    took = []
    count = 0
    while count + feed.lost < records:
        batch = feed.read()
        if len(batch):
            took.append(time.time_ns() - batch["published"])
            count += len(batch)
            if count % burst == 0:
                time.sleep(0.2)
        elif not feed.is_alive:
            sys.exit(1)
    print("\n".join(map(str, np.concatenate(took).tolist())))


if __name__ == "__main__":
    main()
