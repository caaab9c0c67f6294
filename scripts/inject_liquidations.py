#!/usr/bin/env python3
"""Puts bursts of liquidations into a recording of Binance USD-M futures, to see what they set off.

usage: inject_liquidations.py --burst SECONDS,SIDE,COUNT,EVERY_MS,NOTIONAL ... <in.ndjson >out.ndjson

  zstd -dc RECORDING | scripts/inject_liquidations.py --burst 120,sell,20,100,80000 >burst.ndjson
  steelyard replay burst.ndjson --csv burst.csv

SECONDS are since the first line; SIDE is that of the forced orders (sell: longs are closed);
NOTIONAL is in quote units, each. Prices are those of the last trade of the recording. Nothing else
of the recording is touched.
"""
import argparse
import json
import re
import sys
from decimal import Decimal

TRADE = re.compile(r'"e":"(?:trade|aggTrade)".*?"s":"(\w+)".*?"p":"([\d.]+)"')


def parse_burst(text):
    parts = text.split(",")
    if len(parts) != 5 or parts[1] not in ("buy", "sell"):
        raise argparse.ArgumentTypeError(f"{text}: SECONDS,buy|sell,COUNT,EVERY_MS,NOTIONAL")
    try:
        return (float(parts[0]), parts[1].upper(), int(parts[2]), float(parts[3]),
                Decimal(parts[4]))
    except ArithmeticError as error:
        raise argparse.ArgumentTypeError(f"{text}: NOTIONAL is no number") from error


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--burst", type=parse_burst, action="append", required=True)
    due = []
    for seconds, side, count, every_ms, notional in parser.parse_args().burst:
        due += [(int(seconds * 1e9 + i * every_ms * 1e6), side, notional) for i in range(count)]
    due.sort()

    began = symbol = price = None
    injected = 0
    for line in sys.stdin:
        entry = json.loads(line)
        began = began or entry["ts"]
        while due and began + due[0][0] <= entry["ts"] and price is not None:
            after, side, notional = due.pop(0)
            qty = (notional / Decimal(price)).quantize(Decimal("0.001"))
            stamp = (began + after) // 1_000_000
            order = {"s": symbol, "S": side, "o": "LIMIT", "f": "IOC", "q": str(qty), "p": price,
                     "ap": price, "X": "FILLED", "l": str(qty), "z": str(qty), "T": stamp}
            message = {"stream": f"{symbol.lower()}@forceOrder",
                       "data": {"e": "forceOrder", "E": stamp, "o": order}}
            print(json.dumps({"ts": began + after, "dir": "in", "conn": entry["conn"],
                              "url": stream, "msg": json.dumps(message, separators=(",", ":"))},
                             separators=(",", ":")))
            injected += 1
        if match := TRADE.search(entry["msg"]):
            symbol, price = match[1], match[2]
            stream = entry["url"]
        sys.stdout.write(line)
    if due:
        sys.exit(f"inject_liquidations.py: {len(due)} of {injected + len(due)} come after the end "
                 "of the recording, or before its first trade")


if __name__ == "__main__":
    main()
