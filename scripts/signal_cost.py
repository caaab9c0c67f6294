#!/usr/bin/env python3
"""One table of what signals cost, from the figures of signals_bench and callgrind's annotation.

usage: signal_cost.py FIGURES ANNOTATED EVENTS
"""
import json
import re
import sys

figures = {}
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    figures[entry["figure"]] = entry["value"]
events = int(sys.argv[3])

# "123,456 (12.3%)  file:steelyard::make_ops<steelyard::PriceBand<steelyard::LinearUnits> >()::..."
pattern = re.compile(r"^\s*([\d,]+) .*make_ops<steelyard::(\w+)<steelyard::LinearUnits> ?>\(\)"
                     r".*")
instructions = {}
for line in open(sys.argv[2], encoding="utf-8"):
    # Building is not of an event, and what the group is told is in the cost of who asked.
    if not (match := pattern.match(line)) or re.search("SignalContext|GroupBand|GroupFlow", line):
        continue
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", match[2]).lower()
    instructions[name] = instructions.get(name, 0) + int(match[1].replace(",", ""))

names = [name[len("signal_ns."):] for name in figures if name.startswith("signal_ns.")]
missing = [name for name in names if name not in instructions]
if missing:
    sys.exit("signal_cost.py: callgrind saw nothing of " + ", ".join(missing))
print(f"{'signal':20} {'ns':>8} {'instructions':>14}   an event, on average")
for name in names:
    print(f"{name:20} {figures['signal_ns.' + name]:8.0f} {instructions[name] / events:14.0f}")
print(f"{'all':20} {sum(figures['signal_ns.' + name] for name in names):8.0f} "
      f"{sum(instructions[name] for name in names) / events:14.0f}")
for tier, title in enumerate(("tier 1", "tiers 1 and 2", "all tiers"), 1):
    print(f"{title:20} {figures[f'signals_ns.tier{tier}']:8.0f}   median of an event, all at once")
