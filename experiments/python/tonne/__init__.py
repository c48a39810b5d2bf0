"""Searches and what they cost in seconds, kWh, kg CO2e and dollars.

    results = tonne.run("configs/quickstart.yaml")     # an experiment: a file, its text, or a dictionary
    results.leaderboard()                              # pandas, or dictionaries of NumPy arrays without it

    study = tonne.Strategy("gp", tonne.Space({"lr": tonne.Float(1e-5, 1, log=True)}))
    c = study.ask(); study.tell(c, loss, seconds=12.0, kwh=0.001)      # around your own trainings

docs/python.md has the rest. Figures are those of the command line, to the byte.
"""

from ._core import Candidate, InputError, StoreError, __version__
from .own import CostModel, Problem, StrategyBase, simulate
from .results import Results, open
from .running import run
from .space import Choice, Float, Int, Ordinal, Space
from .strategy import Strategy

__all__ = [
    "Candidate", "Choice", "CostModel", "Float", "InputError", "Int", "Ordinal", "Problem", "Results", "Space", "StoreError",
    "Strategy", "StrategyBase", "open", "run", "simulate",
]
