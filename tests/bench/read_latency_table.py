#!/usr/bin/env python3
"""Publish-to-read latency of each reader, as one table. scripts/bench_clients builds and runs it.

A publisher on one core stamps a record with the clock just before it writes it, at a steady rate; a
reader on another core spins, and looks at the clock when it has the record with its headline columns.
Both have real-time priority (SCHED_FIFO) if they may, as a strategy's core is nobody else's. They run
in bursts of a fifth of a second, because the kernel takes the core away from whoever spins for long.

usage: read_latency_table.py BUILD_DIR SOURCE_DIR PYTHON [--rate N] [--bursts N]
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))
import support

BURST_S = 0.2
PAUSE_S = 0.4
WARM_UP = 1  # bursts


def compile_readers(build, source, folder):
    include = f"-I{source / 'include'}"
    subprocess.run(["c++", "-std=c++20", "-O3", include, source / "tests/bench/read_latency.cpp",
                    "-o", folder / "cxx"], check=True)
    subprocess.run(["cc", "-std=c11", "-O2", f"-I{source / 'clients/c/include'}",
                    source / "tests/bench/read_latency.c", "-o", folder / "c",
                    f"-L{build / 'lib'}", "-lsteelyard", f"-Wl,-rpath,{build / 'lib'}"], check=True)


def put_alone(pid, core):
    """On a core of its own, before everybody else there. False: not before everybody else."""
    os.sched_setaffinity(pid, {core})
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(50))
        return True
    except PermissionError:
        return False


def measure(command, build, folder, rate, bursts, cores):
    """Sorted times, how many records were lost, and whether the processes had the cores to themselves."""
    publisher = support.Publisher(build / "bin/test_publisher", folder, "latency")
    try:
        publisher.start(1, 65_536)
        publisher.tell("beating")
        burst = int(rate * BURST_S)
        records = burst * (bursts + WARM_UP)
        reader = subprocess.Popen([*map(str, command), "latency", str(records), str(burst)],
                                  text=True, stdout=subprocess.PIPE)
        if reader.stdout.readline() != "attached\n":
            sys.exit(f"{command}: did not attach")
        alone = all([put_alone(publisher.pid, cores[0]), put_alone(reader.pid, cores[1])])
        for _ in range(bursts + WARM_UP):
            publisher.tell(f"run {rate} {BURST_S}")
            time.sleep(PAUSE_S)
        took = [int(line) for line in reader.communicate()[0].split()]
        if reader.returncode != 0:
            sys.exit(f"{command}: ended with {reader.returncode}")
        return sorted(took[WARM_UP * burst:]), records - len(took), alone
    finally:
        publisher.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("python")
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--bursts", type=int, default=25)
    given = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[-2:]
    if len(cores) < 2:
        sys.exit("two cores are needed: one for the publisher, one for the reader")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="steelyard-latency-", dir="/dev/shm"))
    os.environ["STEELYARD_SHM_DIR"] = str(folder)
    os.environ["PYTHONPATH"] = str(given.source / "clients/python/src")
    try:
        compile_readers(given.build, given.source, folder)
        readers = [("C++", [folder / "cxx"]), ("C", [folder / "c"])]
        if subprocess.run([given.python, "-c", "import numpy"], capture_output=True).returncode == 0:
            readers.append(("Python", [given.python,
                                       given.source / "tests/bench/read_latency.py"]))
        print(f"{given.rate} records a second in {given.bursts} bursts of {BURST_S} s; ns")
        print("| Reader | p50 | p99 | p99.9 | max | lost |\n|---|---|---|---|---|---|")
        for name, command in readers:
            took, lost, alone = measure(command, given.build, folder, given.rate, given.bursts,
                                        cores)
            at = [took[min(int(q * len(took)), len(took) - 1)] for q in (0.5, 0.99, 0.999)]
            print(f"| {name} | {at[0]} | {at[1]} | {at[2]} | {took[-1]} | {lost} |"
                  + ("" if alone else "  without real-time priority"), flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
