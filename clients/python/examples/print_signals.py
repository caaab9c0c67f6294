#!/usr/bin/env python3
"""Prints live signals.

usage: print_signals.py [INSTANCE [RECORDS [COLUMN...]]]      default: demo 20 pbi_10bp ofi_1000ms
"""
import os
import sys

import steelyard


def main() -> int:
    instance, records, *columns = sys.argv[1:] + ["demo", "20"][len(sys.argv[1:]):]
    columns = columns or ["pbi_10bp", "ofi_1000ms"]
    try:
        with steelyard.attach(instance, wait=10.0) as feed:
            print("venue symbol verdict bid ask", *columns, flush=True)
            for count, tick in enumerate(feed, 1):
                verdict = "live" if tick.is_live else str(tick.validity)
                print(f"{tick.venue:14} {tick.symbol:16} {verdict:8} {tick.bid:10.10g} "
                      f"{tick.ask:10.10g}", *(f"{tick[name]:8.4g}" for name in columns))
                if count == int(records):
                    break
    except (steelyard.SteelyardError, KeyError) as error:
        print(f"print_signals: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # of `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
