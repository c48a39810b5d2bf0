"""Strategies in a loop of one's own."""

import json
from typing import Any, Mapping, Optional, Sequence, Tuple, Union

from . import _core
from .space import Space

Number = Union[int, float]


def entry(strategy: Union[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> Any:
    """A strategy as an experiment file has it."""
    if isinstance(strategy, str):
        return {strategy: dict(settings)} if settings else strategy
    if settings:
        raise _core.InputError("Strategy: give settings beside a name, or one dictionary {name: settings}")
    return dict(strategy)


class Strategy:
    """Any strategy of `tonne list strategies`, around trainings of your own.

        study = tonne.Strategy("gp", space, seed=0)
        while budget_lasts():
            c = study.ask()                       # c["lr"], dict(c); None: wait for a tell, or all is done
            study.tell(c, loss_of(c), seconds=60, kwh=0.02, kg=0.008)

    `direction`: "minimise" (default) or "maximise", or a list of them for several objectives. `fidelity`: (lowest, highest) or
    (lowest, highest, "epochs") where candidates can be trained for less; then c.fidelity says how far to train, c.trained_from from
    where, c.resumes of which trial. `parallel`: how many trials run at once. `evaluations`: how many are planned, for strategies
    that want to know. What a trial cost (seconds, kWh, kg CO2e, USD) reaches those that weigh it (cost_aware: co2e). Settings are
    the strategy's own (`tonne list strategies gp`). The same seed and the same tells give the same candidates.
    """

    def __init__(self, strategy: Union[str, Mapping[str, Any]], space: Space, *, seed: int = 0,
                 direction: Union[str, Sequence[str]] = "minimise", fidelity: Tuple = (1, 1), parallel: int = 1,
                 constraints: Sequence[str] = (), evaluations: Optional[int] = None, **settings: Any):
        directions = [direction] if isinstance(direction, str) else list(direction)
        for given in directions:
            if given not in ("minimise", "maximise", "minimize", "maximize"):
                raise _core.InputError(f"direction: found {given!r}, expected 'minimise' or 'maximise'")
        self._given = (strategy, space, seed, directions, tuple(fidelity), parallel, list(constraints), evaluations, settings)
        self._history = []
        lowest, highest = fidelity[0], fidelity[1]
        self._core = _core.AskTell(
            json.dumps({"strategies": [entry(strategy, settings)]}), space._core, [d.replace("z", "s") for d in directions],
            list(constraints), fidelity[2] if len(fidelity) > 2 else "epochs" if highest != 1 else "evaluations", float(lowest),
            float(highest), parallel, seed, evaluations)

    def ask(self) -> Optional["_core.Candidate"]:
        """The next candidate; None where the strategy waits for a tell or has nothing more to propose."""
        asked = self._core.ask()
        self._history.append(None)
        return asked

    def tell(self, candidate: "_core.Candidate", objective: Union[Number, Sequence[Number], None] = None, *, seconds: Number = 0.0,
             kwh: Number = 0.0, kg: Number = 0.0, embodied_kg: Number = 0.0, usd: Number = 0.0, constraints: Sequence[Number] = (),
             failed: Union[bool, str, None] = None) -> None:
        """What became of a candidate: its objective or objectives in their own direction; NaN, or `failed` (True, "diverged",
        "out_of_memory", "invalid"), where there is none. `constraints`: satisfied where <= 0. Costs are of this trial."""
        if failed is None and objective is None:
            raise _core.InputError("tell: give an objective, or failed=True")
        reason = "diverged" if failed is True else failed or None
        values = [] if objective is None else [float(v) for v in objective] if hasattr(objective, "__iter__") else [float(objective)]
        arguments = (int(candidate.id), values, [float(v) for v in constraints], float(seconds), float(kwh), float(kg),
                     float(embodied_kg), float(usd), reason)
        self._core.tell(*arguments)
        self._history.append(arguments)

    def running(self) -> list:
        """Numbers of the trials that were asked for and not yet told."""
        return self._core.running()

    @property
    def computed_flops(self) -> float:
        """Arithmetic of the strategy's own computing so far, counted."""
        return self._core.computed()

    def __getstate__(self):
        return self._given, self._history

    def __setstate__(self, state):
        (strategy, space, seed, directions, fidelity, parallel, constraints, evaluations, settings), history = state
        self.__init__(strategy, space, seed=seed, direction=directions, fidelity=fidelity, parallel=parallel,
                      constraints=constraints, evaluations=evaluations, **settings)
        for event in history:  # the same calls give the same answers
            self._core.ask() if event is None else self._core.tell(*event)
        self._history = history
