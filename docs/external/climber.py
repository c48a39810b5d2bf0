#!/usr/bin/env python3
"""A hill climber for `tonne` with the package tonne_protocol: copy it and replace `ask` with your own search.

The two lines about the path find the package in a checkout; they are not needed after
`pip install experiments/python/protocol`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "experiments/python/protocol"))

from tonne_protocol import Strategy, serve  # noqa: E402


class Climber(Strategy):
    """Changes one parameter of the best candidate so far, or draws a new one."""

    def __init__(self, search):
        super().__init__(search)
        self.best = None

    def ask(self, id, rng):
        if self.best is None or rng.random() < 0.1:
            return self.search.space.sample(rng)
        return self.search.space.mutate(self.best.parameters, rng)

    def tell(self, trial):
        if trial.losses and (self.best is None or trial.loss < self.best.loss):
            self.best = trial


serve(Climber)
