#!/usr/bin/python3
"""Instructions per evaluation of the ten hottest loops, counted by valgrind, through `tonne run`.

  instructions.py PROGRAM            compares with instructions.json; exit code 1 beyond 5 % more, or 5 % less
  instructions.py PROGRAM --record   writes instructions.json anew
  instructions.py PROGRAM --table    prints what is recorded as a Markdown table, with what it is today

A search is run twice, the second time twice as long; the difference over the evaluations between is what one costs, without
the program's start. Counts do not depend on how busy a machine is, but on its compiler and C library: where these are others
than when the file was recorded, nothing is compared (exit code 77).
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "instructions.json"
TOLERANCE = 0.05

# name: (evaluations, problem, strategy, record)
LOOPS = {
    "random": (10000, "cell_nas", "random", "incumbents"),
    "random, every trial stored": (10000, "cell_nas", "random", "trials"),
    "regularized_evolution": (10000, "cell_nas", "regularized_evolution", "incumbents"),
    "local_search": (10000, "function: {function: rastrigin, dimension: 10}", "local_search", "incumbents"),
    "asha": (10000, "cell_nas", "asha", "incumbents"),
    "differential_evolution": (10000, "function: {function: rosenbrock, dimension: 10}", "differential_evolution", "incumbents"),
    "cma_es": (10000, "function: {function: rosenbrock, dimension: 10}", "cma_es", "incumbents"),
    "nsga2": (10000, "zdt: {function: zdt1}", "nsga2", "incumbents"),
    "tpe": (100, "hpo", "tpe", "incumbents"),
    "gp": (30, "function: {function: hartmann6}", "gp", "incumbents"),
}


def compiler():
    """What the counts depend on beside the sources."""
    gcc = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return f"g++ {gcc}, glibc {os.confstr('CS_GNU_LIBC_VERSION').split()[-1]}"


def instructions_of(program, loop, evaluations, folder):
    _, problem, strategy, record = loop
    problem = problem if problem.startswith("{") or ":" not in problem else "{" + problem + "}"
    experiment = pathlib.Path(folder) / "loop.yaml"
    experiment.write_text(f"name: loop\nproblems: [{problem}]\nstrategies: [{strategy}]\nseeds: 1\n"
                          f"budget: {{evaluations: {evaluations}}}\nrecord: {record}\n")
    out = pathlib.Path(folder) / f"out-{evaluations}"
    run = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", program, "run",
                          str(experiment), "--quiet", "--threads", "1", "--out", str(out)], capture_output=True, text=True)
    found = re.search(r"I\s+refs:\s+([\d,]+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"{strategy} on {problem}: the search under valgrind ended with {run.returncode}:\n{run.stderr[-2000:]}")
    return int(found.group(1).replace(",", ""))


def measured(program, loop):
    evaluations = loop[0]
    with tempfile.TemporaryDirectory() as folder:
        once = instructions_of(program, loop, evaluations, folder)
        twice = instructions_of(program, loop, 2 * evaluations, folder)
    return round((twice - once) / evaluations)


def verdict(name, now, recorded):
    """A sentence where the count has moved too far, else None."""
    if now > recorded * (1 + TOLERANCE):
        return f"{name}: {now} instructions an evaluation, {100 * (now / recorded - 1):.1f} % more than the {recorded} of {FILE.name}"
    if now < recorded * (1 - TOLERANCE):
        return (f"{name}: {now} instructions an evaluation, {100 * (1 - now / recorded):.1f} % less than the {recorded} of "
                f"{FILE.name}: record it (tests/benchmarks/instructions.py PROGRAM --record), so that it stays so")
    return None


def main():
    if len(sys.argv) not in (2, 3) or (len(sys.argv) == 3 and sys.argv[2] not in ("--record", "--table")):
        sys.exit(__doc__)
    program, mode = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else ""
    if mode == "--record":
        counts = {name: measured(program, loop) for name, loop in LOOPS.items()}
        FILE.write_text(json.dumps({"built_with": compiler(), "instructions": counts}, indent=2) + "\n")
        return 0
    recorded = json.loads(FILE.read_text())
    if mode == "--table":
        print("| loop | instructions an evaluation, recorded | today |\n|-|-|-|")
        for name, loop in LOOPS.items():
            print(f"| {name} | {recorded['instructions'][name]:,} | {measured(program, loop):,} |", flush=True)
        return 0
    if recorded["built_with"] != compiler():
        print(f"skipped: recorded with {recorded['built_with']}, here is {compiler()}")
        return 77
    sentences = [s for name, loop in LOOPS.items() if (s := verdict(name, measured(program, loop), recorded["instructions"][name]))]
    print("\n".join(sentences))
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
