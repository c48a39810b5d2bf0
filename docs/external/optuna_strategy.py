#!/usr/bin/env python3
"""Optuna's TPE as a strategy for `tonne` (docs/external-protocol.md). Needs Optuna: apt-get install python3-optuna.

Conditional parameters are suggested in order, so any sampler that supports such spaces works: change `sampler`.
"""

import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def read():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def write(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def suggest(trial, parameters):
    values = {}
    for parameter in parameters:
        condition = parameter.get("active_when")
        if condition and values.get(condition["parameter"]) not in condition["choices"]:
            continue
        name = parameter["name"]
        if parameter["type"] == "real":
            values[name] = trial.suggest_float(name, parameter["low"], parameter["high"], log=parameter["log"])
        elif parameter["type"] == "integer":
            values[name] = trial.suggest_int(name, parameter["low"], parameter["high"], log=parameter["log"])
        else:
            values[name] = trial.suggest_categorical(name, parameter["choices"])
    return values


def main():
    first = read()
    write({"tonne": 1})
    sampler = optuna.samplers.TPESampler(seed=first["seed"] % 2**32)
    study = optuna.create_study(sampler=sampler)  # losses are always minimised
    running = {}
    while True:
        message = read()
        for told in message["tell"]:
            trial = running.pop(told["id"])
            loss = told.get("losses", [None])[0]  # missing if it failed or was turned down; null: not finite
            if loss is None:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                study.tell(trial, loss)
        trial = study.ask()
        running[message["ask"]] = trial
        write({"parameters": suggest(trial, first["parameters"])})


main()
