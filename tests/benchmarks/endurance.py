#!/usr/bin/env python3
"""What results survive: kills, damaged files, bad weather. Prints Markdown tables for docs/reliability.md.

  tests/benchmarks/endurance.py PROGRAM [--kills 200] [--damages 300] [--seed 1] [--only damage,kills,weather] [--folder DIR]

PROGRAM is `tonne`. Exit code 1 when something does not hold. Everything happens in a folder of its own below --folder
(default: the system's temporary folder). Weather needs root for a small file system; without it these rows say "skipped".
"""

import argparse
import collections
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

EXPERIMENT = """name: endured
seeds: 6
problems: [cell_nas, {function: {function: hartmann6}}]
strategies: [random, regularized_evolution]
cluster: {workers: 4}
budget: {evaluations: 300}
"""
# Longer, so that a kill has something to hit.
LONG = EXPERIMENT.replace("evaluations: 300", "evaluations: 1500")


class Bench:
    """The program under test, in a folder of its own."""

    def __init__(self, program, folder, seed):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.random = random.Random(seed)
        self.failures = []
        formats = self.tonne("export", "--help").stdout.decode()
        self.formats = [f for f in ("csv", "optuna", "codecarbon", "syne-tune") if f in formats]
        self.repairs = b"repair" in self.tonne("--help").stdout
        self.write("e.yaml", EXPERIMENT)
        self.write("long.yaml", LONG)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def tonne(self, *arguments, **options):
        options.setdefault("timeout", 120)
        return subprocess.run([self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def clear(self, *names):
        for name in names:
            shutil.rmtree(self.path(name), ignore_errors=True)

    def copy(self, source, target):
        self.clear(target)
        shutil.copytree(self.path(source), self.path(target))

    def contents(self, name):
        """Every file of a results folder, but for what may differ: the simulator's own footprint; the store by its rows."""
        found = {}
        for root, _, files in os.walk(self.path(name)):
            for file in files:
                path = os.path.join(root, file)
                key = os.path.relpath(path, self.path(name))
                if file == "results.sqlite":
                    found[key] = self.tonne("show", name, "--digest").stdout
                elif file != "footprint.json":
                    with open(path, "rb") as stream:
                        found[key] = hashlib.sha256(stream.read()).hexdigest()
        return found

    def check(self, holds, what):
        if not holds:
            self.failures.append(what)
        return holds


def table(columns, rows):
    print("| " + " | ".join(columns) + " |")
    print("|" + "-|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


# Damaged stores.

def damage_commands(bench):
    """Name, arguments on the store `d`, and the folder whose files are results too."""
    commands = [("show --json", ["show", "d", "--json"], None),
                ("show --digest", ["show", "d", "--digest"], None),
                ("run --resume", ["run", "e.yaml", "--quiet", "--json", "--resume", "--out", "d"], "d"),
                ("report", ["report", "d", "--out", "d/page.html"], "d/page.html"),
                ("compare", ["compare", "d", "d", "--format", "json"], None),
                ("merge", ["merge", "d", "--out", "joined", "--json"], "joined")]
    for kind in bench.formats:
        commands.append(("export " + kind, ["export", "d", "--format", kind, "--out", "d/x.out"], "d/x.out"))
    return commands


def outcome_of(bench, arguments, result):
    bench.clear("joined")
    done = bench.tonne(*arguments)
    made = None
    if result and done.returncode == 0:
        path = bench.path(result)
        if os.path.isdir(path):
            made = bench.contents(result)
        elif os.path.isfile(path):
            with open(path, "rb") as file:
                made = file.read()
    return done, (done.stdout, made)


def damaged(bench, number):
    """Flips a byte (two of three) or cuts the file, and says what it did."""
    path = bench.path("d", "results.sqlite")
    size = os.path.getsize(path)
    at = bench.random.randrange(size)
    if number % 3 == 2:
        os.truncate(path, at)
        return f"cut at {at}"
    with open(path, "r+b") as file:
        file.seek(at)
        old = file.read(1)[0]
        file.seek(at)
        file.write(bytes([old ^ bench.random.randrange(1, 256)]))
    return f"byte {at}"


def kind_of(done, outcome, intact):
    words = done.stderr.decode(errors="replace")
    if done.returncode < 0:
        return "crashed"
    if done.returncode == 0:
        return "same results" if outcome == intact else "OTHER RESULTS"
    if done.returncode == 3 and "is damaged" in words and words.count("\n") <= 2:
        return "damage named"
    return "refused otherwise"


KINDS = ("same results", "damage named", "refused otherwise", "crashed", "OTHER RESULTS")


def repaired(bench, intact):
    """Whether what repair saved, resumed, is the whole again; and how many cells it saved."""
    bench.clear("saved")
    done = bench.tonne("repair", "d", "--experiment", "e.yaml", "--out", "saved")
    if done.returncode != 0:
        return "nothing saved" if done.returncode == 3 else "crashed"
    again = bench.tonne("run", "e.yaml", "--quiet", "--resume", "--out", "saved")
    if again.returncode != 0 or bench.contents("saved") != intact:
        return "OTHER RESULTS"
    words = done.stdout.decode()
    return "all cells" if "Lost" not in words else "some cells"


def test_damage(bench, count):
    bench.clear("whole")
    assert bench.tonne("run", "e.yaml", "--quiet", "--out", "whole").returncode == 0
    commands = damage_commands(bench)
    intact = {}
    for name, arguments, result in commands:
        bench.copy("whole", "d")
        intact[name] = outcome_of(bench, arguments, result)[1]
    whole = bench.contents("whole")
    counts = {name: collections.Counter() for name, _, _ in commands}
    repairs = collections.Counter()
    for number in range(count):
        state = bench.random.getstate()
        for name, arguments, result in commands:
            bench.random.setstate(state)
            bench.copy("whole", "d")
            what = damaged(bench, number)
            kind = kind_of(*outcome_of(bench, arguments, result), intact[name])
            counts[name][kind] += 1
            bench.check(kind in KINDS[:2], f"damage: {name}, {what}: {kind}")
        if bench.repairs:
            bench.random.setstate(state)
            bench.copy("whole", "d")
            what = damaged(bench, number)
            kind = repaired(bench, whole)
            repairs[kind] += 1
            bench.check(kind in ("all cells", "some cells", "nothing saved"), f"repair: {what}: {kind}")
    print(f"{count} damaged stores ({os.path.getsize(bench.path('whole', 'results.sqlite'))} bytes, 24 cells; a byte changed, every "
          "third cut):\n")
    table(["command", *KINDS], [[name, *(counts[name][kind] for kind in KINDS)] for name, _, _ in commands])
    if bench.repairs:
        print("`tonne repair` of the same, then `tonne run --resume`: "
              + ", ".join(f"{kind}: {number}" for kind, number in sorted(repairs.items())) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--damages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="damage,kills,weather")
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tonne-endurance-", dir=arguments.folder)
    try:
        bench = Bench(arguments.program, folder, arguments.seed)
        chosen = arguments.only.split(",")
        if "damage" in chosen:
            test_damage(bench, arguments.damages)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for failure in bench.failures[:40]:
        print(failure, file=sys.stderr)
    print(f"{len(bench.failures)} failures", file=sys.stderr)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
