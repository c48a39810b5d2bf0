#!/usr/bin/env python3
"""The tables of docs/strategies.md, from results folders of `tonne run`.

    tests/benchmarks/strategy_tables.py [--at 100,200] [--unit evaluations|trained|co2e] [--mean] RESULTS...

Prints Markdown: a row for each strategy, a column for each problem; the median over the seeds of the incumbent's true value after
so many evaluations (or so much training in all, or kg CO2e), as a regret where the best of the space is known, with the 95 %
interval of the median from order statistics (distribution-free). --mean prints means with standard errors instead.

"""

import argparse
import collections
import csv
import json
import math
import pathlib


def median_interval(values):
    """Order statistics i, n - i + 1 with the greatest i whose coverage is at least 95 %; none below 6 values."""
    v, n = sorted(values), len(values)
    half = n // 2
    middle = v[half] if n % 2 else (v[half - 1] + v[half]) / 2
    tail, i = 0.0, 0
    while i < half and tail + math.comb(n, i) / 2**n <= 0.025:
        tail += math.comb(n, i) / 2**n
        i += 1
    return middle, (v[i - 1], v[n - i]) if i > 0 else None


def short(x):
    return f"{x:.2g}" if abs(x) < 100 else f"{x:.0f}"


def read(folder, at, unit):
    """{(problem, strategy): {checkpoint: [value of each seed]}}, in the order of the file; regrets where an optimum is known."""
    summary = json.loads((folder / "summary.json").read_text())
    boards = {}
    for board in summary["leaderboards"]:
        boards[board["problem"]] = board
    column = {"evaluations": lambda r: float(r["evaluations"]), "trained": lambda r: float(r["trained"]),
              "co2e": lambda r: float(r["operational_kg"]) + float(r["embodied_kg"])}[unit]
    found = collections.defaultdict(dict)
    with open(folder / "incumbents.csv", newline="") as file:
        for row in csv.DictReader(file):
            board = boards[row["problem"]]
            sign = -1.0 if board["direction"] == "maximise" else 1.0
            value = float(row["true_value"])
            if board.get("optimum") is not None:
                value = sign * (value - board["optimum"])
            for limit in at:
                if column(row) <= limit:
                    found[row["problem"], row["strategy"]].setdefault(limit, {})[row["seed"]] = value
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", type=pathlib.Path)
    parser.add_argument("--at", default="200")
    parser.add_argument("--unit", default="evaluations", choices=["evaluations", "trained", "co2e"])
    parser.add_argument("--mean", action="store_true")
    options = parser.parse_args()
    at = [float(x) for x in options.at.split(",")]
    found = {}
    for folder in options.results:
        found.update(read(folder, at, options.unit))
    problems = list(dict.fromkeys(p for p, _ in found))
    strategies = list(dict.fromkeys(s for _, s in found))

    def cell(problem, strategy):
        parts = []
        for limit in at:
            values = list(found.get((problem, strategy), {}).get(limit, {}).values())
            if len(values) < 2:
                parts.append("")
                continue
            if options.mean:
                mean = sum(values) / len(values)
                error = math.sqrt(sum((x - mean) ** 2 for x in values) / (len(values) - 1) / len(values))
                parts.append(f"{mean:.4g} ± {error:.2g}")
                continue
            middle, interval = median_interval(values)
            parts.append(short(middle) + (f" ({short(interval[0])}-{short(interval[1])})" if interval else ""))
        return " / ".join(parts)

    print("| | " + " | ".join(problems) + " |")
    print("|-|" + "-|" * len(problems))
    for strategy in strategies:
        print(f"| {strategy} | " + " | ".join(cell(p, strategy) for p in problems) + " |")


if __name__ == "__main__":
    main()
