#!/usr/bin/python3
"""What Optuna (Debian's python3-optuna) takes: seconds of processor time for one unit of work, printed as one number.

  optuna_peer.py memory              a trial of random search, ten mixed parameters, in memory
  optuna_peer.py sqlite              the same, stored in SQLite
  optuna_peer.py tpe N               ask and tell of univariate TPE after N trials
  optuna_peer.py tpe_multivariate N
  optuna_peer.py halving N           a pruner's step (report and should_prune) after N trials
  optuna_peer.py hyperband N
  optuna_peer.py median N
"""

import os
import sys
import tempfile
import time
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def mixed(trial):
    x = [trial.suggest_float(f"r{i}", 0, 1) for i in range(3)]
    x.append(trial.suggest_float("log", 1e-5, 1, log=True))
    trial.suggest_int("units", 16, 512, log=True)
    x.append(trial.suggest_int("layers", 1, 12) / 12)
    trial.suggest_categorical("level", ["a", "b", "c", "d"])
    for i in range(3):
        trial.suggest_categorical(f"c{i}", ["a", "b", "c", "d", "e"])
    return sum((value - 0.3) ** 2 for value in x)


def reals(trial):
    return sum((trial.suggest_float(f"x{i}", -5, 5) - 0.3) ** 2 for i in range(10))


def timed(study, objective, trials):
    start = time.process_time()
    study.optimize(objective, n_trials=trials)
    return (time.process_time() - start) / trials


def stored():
    with tempfile.TemporaryDirectory() as folder:
        study = optuna.create_study(storage=f"sqlite:///{os.path.join(folder, 'study.db')}", sampler=optuna.samplers.RandomSampler(1))
        return timed(study, mixed, 50)


def after(history, sampler):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(1))
    study.optimize(reals, n_trials=history)
    study.sampler = sampler
    return timed(study, reals, 20 if history <= 1000 else 5)


def pruner(kind, history):
    makers = {"halving": optuna.pruners.SuccessiveHalvingPruner, "hyperband": optuna.pruners.HyperbandPruner,
              "median": optuna.pruners.MedianPruner}
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(1), pruner=makers[kind]())

    def objective(trial):
        value = mixed(trial)
        for step in range(1, 4):
            trial.report(value + 1 / step, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    study.optimize(objective, n_trials=history)
    trial, spent, steps = study.ask(), 0.0, 200
    value = mixed(trial)
    for step in range(1, steps + 1):
        start = time.process_time()
        trial.report(value, step)
        trial.should_prune()
        spent += time.process_time() - start
    return spent / steps


def main():
    work = sys.argv[1] if len(sys.argv) > 1 else ""
    history = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if work == "memory":
        return timed(optuna.create_study(sampler=optuna.samplers.RandomSampler(1)), mixed, 500)
    if work == "sqlite":
        return stored()
    if work in ("tpe", "tpe_multivariate"):
        return after(history, optuna.samplers.TPESampler(seed=1, multivariate=work != "tpe"))
    if work in ("halving", "hyperband", "median"):
        return pruner(work, history)
    sys.exit(__doc__)


if __name__ == "__main__":
    print(main())
