# Writes the same studies with Optuna as an SQLite storage and as a journal: make_optuna_files.py FOLDER. Exits with 77 where Optuna
# is not there.
import datetime
import math
import sys

try:
    import optuna
    from optuna.storages import JournalFileStorage, JournalStorage, RDBStorage
except ImportError:
    sys.exit(77)

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import RandomSampler
from optuna.trial import TrialState, create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)


def mixed(trial):
    trial.suggest_float("rate", 1e-5, 1e-1, log=True)
    trial.suggest_float("drop", 0.0, 0.5, step=0.1)
    trial.suggest_int("units", 16, 512, log=True)
    trial.suggest_int("batch", 32, 128, step=32)
    trial.suggest_int("wide", 1, 1000000, step=3)
    trial.suggest_categorical("any", [None, True, 1, "1", 0.5, "relu"])
    model = trial.suggest_categorical("model", ["svm", "forest"])
    if model == "svm":
        kernel = trial.suggest_categorical("kernel", ["rbf", "poly"])
        if kernel == "poly":
            trial.suggest_int("degree", 2, 5)
    else:
        layers = trial.suggest_int("layers", 1, 4)
        for i in range(layers):
            trial.suggest_int(f"units_{i}", 1, 8)
    if trial.number >= 30:
        trial.suggest_float("later", 0.0, 1.0)
    trial.set_user_attr("energy_kwh", 0.001 * (trial.number + 1))
    trial.set_user_attr("co2", 0.5)
    trial.report(1.0, 1)
    trial.report(math.inf if trial.number == 3 else 0.5, 2)
    trial.report(math.nan if trial.number == 4 else 0.25, 3)
    if trial.number % 7 == 5:
        raise optuna.TrialPruned()
    if trial.number == 8:
        raise ValueError("it broke")
    if trial.number == 9:
        return math.nan
    if trial.number == 10:
        return math.inf
    if trial.number == 11:
        return -math.inf
    return float(trial.number)


def early(trial):  # fails before it has all of its parameters
    trial.suggest_float("x", 0.0, 1.0)
    if trial.number == 1:
        raise ValueError("it broke early")
    trial.suggest_float("y", 0.0, 1.0)
    return 1.0


def growing(trial):  # another range in a later trial
    return trial.suggest_float("x", 0.0, 1.0 + trial.number)


def two(trial):
    x = trial.suggest_float("x", 0.0, 1.0)
    return x, -x


def constraints(trial):
    return (trial.params["x"] - 0.5, -1.0)


def fill(storage):
    def study(name, **settings):
        return optuna.create_study(study_name=name, storage=storage, sampler=RandomSampler(seed=1), **settings)

    search = study("mixed")
    search.optimize(mixed, n_trials=60, catch=(ValueError,))
    search.enqueue_trial({"rate": 0.01})

    study("early", direction="maximize").optimize(early, n_trials=3, catch=(ValueError,))
    study("growing").optimize(growing, n_trials=3)

    search = optuna.create_study(study_name="two", storage=storage, directions=["maximize", "minimize"],
                                 sampler=optuna.samplers.NSGAIISampler(seed=1, constraints_func=constraints))
    search.optimize(two, n_trials=3)

    search = study("asked")
    trial = search.ask()  # runs when the file is read
    trial.suggest_float("x", 0.0, 1.0)
    trial = search.ask()
    trial.suggest_float("x", 0.0, 1.0)
    search.tell(trial, 1.0)

    search = study("added")
    for number in range(3):
        search.add_trial(create_trial(
            state=TrialState.PRUNED if number == 2 else TrialState.COMPLETE,
            value=None if number == 2 else float(number),
            params={"z": 2, "a": "p", "m": 0.5},
            distributions={"z": IntDistribution(1, 4), "a": CategoricalDistribution(["p", "q"]), "m": FloatDistribution(0.0, 1.0)},
            intermediate_values={1: 1.0, 10: 2.0, 2: 3.0}))
    study("empty")


def same_times(source, target):
    """The second storage gets the trials of the first, since clocks differ between two runs."""
    for name in [summary.study_name for summary in optuna.get_all_study_summaries(storage=source)]:
        optuna.copy_study(from_study_name=name, from_storage=source, to_storage=target)


def beyond(storage):  # Optuna takes such a value, but does not copy it
    search = optuna.create_study(study_name="beyond", storage=storage)
    search.enqueue_trial({"x": 7.0})
    search.optimize(lambda trial: trial.suggest_float("x", 0.0, 1.0), n_trials=2)


folder = sys.argv[1]
journal = JournalStorage(JournalFileStorage(f"{folder}/journal.log"))
fill(journal)
sqlite = RDBStorage(f"sqlite:///{folder}/study.db")
same_times(journal, sqlite)
same_times(journal, JournalStorage(JournalFileStorage(f"{folder}/copy.log")))
beyond(journal)
