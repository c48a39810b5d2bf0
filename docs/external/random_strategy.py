#!/usr/bin/env python3
"""Random search for `tonne` as an external program: the smallest one that speaks the protocol (docs/external-protocol.md).

Needs only Python. Copy this file and replace `propose` with your own search.
"""

import json
import math
import random
import sys


def read():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)  # the search has ended
    return json.loads(line)


def write(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def value(parameter, rng):
    if parameter["type"] in ("categorical", "ordinal"):
        return rng.choice(parameter["choices"])
    low, high = parameter["low"], parameter["high"]
    if parameter["type"] == "integer":
        if not parameter["log"]:
            return rng.randint(low, high)
        drawn = math.exp(rng.uniform(math.log(low - 0.5), math.log(high + 0.5)))
        return min(max(round(drawn), low), high)
    drawn = math.exp(rng.uniform(math.log(low), math.log(high))) if parameter["log"] else rng.uniform(low, high)
    return min(max(drawn, low), high)


def propose(parameters, rng):
    values = {}
    for parameter in parameters:
        condition = parameter.get("active_when")
        if condition and values.get(condition["parameter"]) not in condition["choices"]:
            continue  # inactive
        values[parameter["name"]] = value(parameter, rng)
    return values


def main():
    first = read()
    assert first["tonne"] == 1
    write({"tonne": 1})
    while True:
        message = read()
        # message["tell"] lists the trials that ended since the last message; random search ignores them.
        write({"parameters": propose(first["parameters"], random.Random(message["seed"]))})


main()
