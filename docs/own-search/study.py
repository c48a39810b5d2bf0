#!/usr/bin/env python3
"""A real search: Optuna tunes scikit-learn models on scikit-learn's handwritten digits.

Needs Debian's python3-optuna and python3-sklearn (or `pip install optuna scikit-learn`). Writes
  study.log      the trials, as Optuna's journal storage keeps them
  emissions.csv  energy and CO2e, with the columns of CodeCarbon: RAPL where it can be read, else CPU time x WATTS_A_CORE
Usage: study.py [TRIALS]
"""
import csv
import datetime
import pathlib
import platform
import sys
import time
import warnings

import numpy
import optuna
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

EPOCHS = 27
WATTS_A_CORE = 10.0  # assumed where RAPL is not readable: a server's package power shared among its busy cores
GRID_KG_PER_KWH = 0.344  # what CodeCarbon would look up; `tonne` prices the energy itself
RAPL = pathlib.Path("/sys/class/powercap/intel-rapl:0/energy_uj")


class Meter:
    """Energy since it was made, in kWh."""

    def __init__(self):
        self.by_counter = self._counter() is not None
        self.start = self._read()

    @staticmethod
    def _counter():
        try:
            return int(RAPL.read_text()) * 1e-6
        except OSError:
            return None

    def _read(self):
        return self._counter() if self.by_counter else time.process_time() * WATTS_A_CORE

    def kwh(self):
        return (self._read() - self.start) / 3.6e6


def model_of(trial):
    kind = trial.suggest_categorical("model", ["linear", "network"])
    if kind == "linear":
        return SGDClassifier(
            loss="log_loss",
            alpha=trial.suggest_float("alpha", 1e-6, 1e-1, log=True),
            learning_rate="constant",
            eta0=trial.suggest_float("eta0", 1e-4, 1.0, log=True),
            random_state=0,
        )
    layers = trial.suggest_int("layers", 1, 3)
    units = trial.suggest_int("units", 16, 128, step=16)
    return MLPClassifier(
        hidden_layer_sizes=(units,) * layers,
        activation=trial.suggest_categorical("activation", ["relu", "tanh"]),
        learning_rate_init=trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
        alpha=trial.suggest_float("weight_decay", 1e-6, 1e-1, log=True),
        batch_size=trial.suggest_categorical("batch_size", [32, 64, 128]),
        random_state=0,
    )


def objective(trial):
    model = model_of(trial)
    for epoch in range(1, EPOCHS + 1):
        model.partial_fit(train_x, train_y, classes=numpy.arange(10))
        accuracy = 100.0 * model.score(test_x, test_y)
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return accuracy


warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.WARNING)
x, y = load_digits(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(x / 16.0, y, test_size=0.5, random_state=0, stratify=y)

storage = optuna.storages.JournalStorage(optuna.storages.JournalFileStorage("study.log"))
study = optuna.create_study(
    storage=storage,
    study_name="digits",
    direction="maximize",
    sampler=optuna.samplers.TPESampler(seed=1),
    pruner=optuna.pruners.MedianPruner(n_startup_trials=8, n_warmup_steps=3),
)
meter = Meter()
began = time.monotonic()
study.optimize(objective, n_trials=int(sys.argv[1]) if len(sys.argv) > 1 else 60)
seconds = time.monotonic() - began
kwh = meter.kwh()

with open("emissions.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(
        "timestamp project_name run_id duration emissions emissions_rate cpu_power gpu_power ram_power cpu_energy "
        "gpu_energy ram_energy energy_consumed country_name country_iso_code region cloud_provider cloud_region os "
        "python_version codecarbon_version cpu_count cpu_model gpu_count gpu_model longitude latitude ram_total_size "
        "tracking_mode on_cloud pue".split()
    )
    kg = kwh * GRID_KG_PER_KWH
    watts = kwh * 3.6e6 / seconds
    writer.writerow(
        [datetime.datetime.now().isoformat(timespec="seconds"), "digits", "digits-1", seconds, kg, kg / seconds, watts,
         0.0, 0.0, kwh, 0.0, 0.0, kwh, "Germany", "DEU", "", "", "", platform.system(), platform.python_version(), "2.4.1",
         1, platform.machine(), 0, "", "", "", "", "process", "N", 1.0]
    )
best = study.best_trial
print(f"{len(study.trials)} trials in {seconds:.0f} s, {kwh * 1000:.3f} Wh ({'RAPL' if meter.by_counter else 'CPU time'})")
print(f"best {best.value:.2f} % (trial {best.number}): {best.params}")
