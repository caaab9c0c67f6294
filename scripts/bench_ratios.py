#!/usr/bin/env python3
"""Gathers the figures that the benchmarks wrote, a JSON object a line, into one JSON document.

usage: bench_ratios.py FIGURES

Keys: "ratios", those that goals are set for; "generated", the venues among them whose frames no
venue has sent; "wire_stages", where a frame's time goes, by mode and rate; "figures", every one.
"""
import json
import statistics
import sys

MADE = "/made"  # ends the name of a corpus without a recording
figures = {}
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    figures[entry.pop("figure")] = entry

ratios = {}


def of_corpora(stage, keep):
    """Those that `keep` names: of recordings, or of made frames where none of them is recorded."""
    prefix = f"over_walk.{stage}."
    kept = {name: entry["value"] for name, entry in figures.items()
            if name.startswith(prefix) and keep(name[len(prefix):])}
    recorded = [value for name, value in kept.items() if not name.endswith(MADE)]
    return recorded or list(kept.values())


# The worst, as the goal is meant for every one of them.
binance = of_corpora("core", lambda name: name.startswith("binance-"))
if binance:
    ratios["core_over_walk"] = max(binance)
tier1 = of_corpora("tier1", lambda name: name.startswith("binance-"))
if tier1:
    ratios["t1_over_walk"] = max(tier1)
venues = {name[len("over_walk.core."):].split("/")[0] for name in figures
          if name.startswith("over_walk.core.")}
for venue in sorted(venues):
    values = of_corpora("core", lambda name, venue=venue: name.startswith(venue + "/"))
    ratios[f"venue_core_over_walk.{venue}"] = statistics.median(values)
for key, name in {"ring_over_cacheline": "ring_over_cacheline.192",
                  "wire_over_rawtls.10k": "wire_over_rawtls.10000",
                  "wire_over_rawtls.50k": "wire_over_rawtls.50000",
                  "depth_20000_over_100": "depth_20000_over_100",
                  "instruments_2000_over_1": "instruments_2000_over_1",
                  "book_kib_1000": "book_kib_1000",
                  "usual_over_ours.okx10": "usual_over_ours.okx10",
                  "saturated_mps": "saturated_mps",
                  "saturated_mps.tier1": "saturated_mps.tier1",
                  "saturated_mps.all": "saturated_mps.all",
                  "saturated_mps.usdm_core": "saturated_mps.usdm_core"}.items():
    if name in figures:
        ratios[key] = figures[name]["value"]
generated = sorted(venue for venue in venues
                   if all(name.endswith(MADE) for name in figures
                          if name.startswith(f"over_walk.core.{venue}/")))
stages = {}
for name, entry in figures.items():
    if name.startswith("wire_stage_"):
        of, stage, mode = name.split(".", 2)
        quantile = "p99" if of == "wire_stage_p99_us" else "p50"
        stages.setdefault(mode, {}).setdefault(stage, {})[quantile + "_us"] = entry["value"]
json.dump({"ratios": ratios, "generated": generated, "wire_stages": stages, "figures": figures},
          sys.stdout, indent=1, sort_keys=True)
print()
