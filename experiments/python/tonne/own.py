"""Problems, strategies and cost models in Python."""

from typing import Any, Mapping, Optional, Sequence, Union

from .results import Results
from .running import run
from .space import Space


class Problem:
    """A problem of your own.

        class Valley(tonne.Problem):
            space = tonne.Space({"x": tonne.Float(-1, 1)})
            def evaluate(self, c, fidelity, seed):
                return {"loss": c["x"] ** 2, "seconds": 60.0}

    evaluate() is asked with a Candidate, the amount of training to reach (c.trained_from: where it begins) and 63 random bits that
    are the same for the same candidate, whichever strategy asks; the same arguments must give the same answer. It returns the
    objective (a number, or a list), or a dictionary of `objectives` (or `loss`), `constraints` (satisfied where <= 0), `failed`
    ("diverged", "out_of_memory", "invalid") and the work of this evaluation: `seconds` and `kwh` (of the device) where they are
    known, else `flops`, `traffic` and `memory` in bytes, `steps`, `samples`, `parameters`.
    """

    _tonne_kind = "problem"
    space: Space
    name: Optional[str] = None
    objectives: Sequence = (("loss", "", "minimise"),)  #: (name, unit, direction) of each
    fidelity: tuple = ("evaluations", 1, 1)  #: (what is counted, lowest, highest)
    constraints: Sequence[str] = ()
    notes: Sequence[str] = ()  #: sentences that go with the results
    optimum: Optional[float] = None  #: the best true value, where it is known
    default: Optional[Mapping[str, Any]] = None  #: what one would train without a search; None: the middle
    true_value = None  #: a method true_value(self, c): the noise-free objective; None: evaluate() with seed 0

    def evaluate(self, c, fidelity: float, seed: int):
        raise NotImplementedError(f"{type(self).__name__}.evaluate(c, fidelity, seed)")

    def _description(self):
        fidelity = tuple(self.fidelity)
        whole = all(float(amount).is_integer() for amount in fidelity[1:3])
        name = self.name or type(self).__name__
        return (self.space._core, name, [tuple(o) for o in self.objectives], (fidelity[0], float(fidelity[1]), float(fidelity[2]), whole),
                list(self.constraints), list(self.notes))


class StrategyBase:
    """A strategy of your own: subclass it and give run() the class (one instance is made for each search).

        class Climber(tonne.StrategyBase):
            def start(self, parameters, fidelity, workers): self.best = None
            def ask(self, seed): return {"x": ...}          # a dictionary, a Candidate, or None to wait
            def tell(self, c, loss, failed): ...            # loss: smaller is better; a list of several; None where it failed

    `parameters`: tuples (name, kind, low, high, log, choices, parent, parent's choices, default). All draws must come from `seed`.
    """

    _tonne_kind = "strategy"
    name: Optional[str] = None

    def start(self, parameters, fidelity: float, workers: int) -> None:
        """Called once, before the first ask."""

    def ask(self, seed: int):
        raise NotImplementedError(f"{type(self).__name__}.ask(seed)")

    def tell(self, c, loss: Union[float, list, None], failed: Optional[str]) -> None:
        raise NotImplementedError(f"{type(self).__name__}.tell(c, loss, failed)")

    @classmethod
    def _start(cls, parameters, fidelity, workers):
        made = cls()
        made.start(parameters, fidelity, workers)
        return made


class CostModel:
    """What trials cost, in Python. Each method returns a dictionary of `seconds`, `kwh`, `kg` (operational), `embodied_kg`, `usd`
    and `litres`; what is left out is 0. `work` has flops, traffic, memory, steps, samples, parameters, and seconds and kwh where
    the problem knows them (else None); `start` is in seconds since the start of the search."""

    def charge(self, work: Mapping[str, Any], start: float) -> Mapping[str, float]:
        raise NotImplementedError(f"{type(self).__name__}.charge(work, start)")

    def idle(self, seconds: float, start: float) -> Mapping[str, float]:
        """One worker that waits."""
        return {}

    def computing(self, flops: float, start: float) -> Mapping[str, float]:
        """The strategy's own computing."""
        return {}

    def fits(self, work: Mapping[str, Any]) -> bool:
        """Whether the device's memory holds it."""
        return True


def simulate(problem: Any, strategy: Any = "random", *, budget: Mapping[str, Any], seeds: Any = 20, cluster: Any = None,
             cost_model: Optional[CostModel] = None, name: str = "python", threads: Optional[int] = None, out=None, **more) -> Results:
    """run() with its parts as arguments: problems and strategies (one or a list of each) by name, as {name: settings} or as objects of
    yours; `more`: further keys of an experiment file."""
    as_list = lambda given: list(given) if isinstance(given, (list, tuple)) else [given]
    experiment = {"name": name, "seeds": seeds, "problems": as_list(problem), "strategies": as_list(strategy), "budget": dict(budget), **more}
    if cluster is not None:
        experiment["cluster"] = cluster
    return run(experiment, out=out, threads=threads, cost_model=cost_model)
