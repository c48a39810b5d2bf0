#!/usr/bin/env python3
"""Whether what tonne exported has the trials of the study that it imported. Usage: compare.py STUDY.log EXPORTED.db

Needs Debian's python3-optuna. Values and parameters are compared as they are, parameters of a list by their text.
"""
import sys
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.WARNING)


def only_study(storage):
    (summary,) = optuna.get_all_study_summaries(storage)
    return optuna.load_study(study_name=summary.study_name, storage=storage)


def told(trial):
    value = trial.value if trial.value is not None else trial.intermediate_values[trial.last_step]
    params = {name: str(v) if name == "batch_size" else v for name, v in trial.params.items()}
    return trial.number, trial.state, value, params, trial.last_step


study = only_study(optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(sys.argv[1])))
back = only_study(f"sqlite:///{sys.argv[2]}")
same = [told(a) == told(b) for a, b in zip(study.trials, back.trials)]
print(f"{len(study.trials)} and {len(back.trials)} trials; {sum(same)} with the same number, state, value, parameters and last step")
print(f"best: {study.best_value:.2f} (trial {study.best_trial.number}) and {back.best_value:.2f} (trial {back.best_trial.number})")
if not all(same) or len(study.trials) != len(back.trials):
    sys.exit(1)
