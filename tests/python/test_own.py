"""Problems, strategies and cost models in Python, within the simulator."""

import gc
import traceback

import numpy
import pytest

import tonne


class Valley(tonne.Problem):
    space = tonne.Space({"x": tonne.Float(-1, 1), "kind": tonne.Choice(["a", "b"])})

    def evaluate(self, c, fidelity, seed):
        return {"loss": c["x"] ** 2 + (c["kind"] == "b"), "seconds": 3600.0, "kwh": 0.5}


class Climber(tonne.StrategyBase):
    def start(self, parameters, fidelity, workers):
        self.best, self.loss = None, float("inf")

    def ask(self, seed):
        generator = numpy.random.default_rng(seed)
        centre = 0.0 if self.best is None else self.best["x"]
        return {"x": float(numpy.clip(centre + generator.normal() * 0.3, -1, 1)), "kind": "a"}

    def tell(self, c, loss, failed):
        if loss is not None and loss < self.loss:
            self.best, self.loss = dict(c), loss


def test_own_problem_and_strategy_beside_the_others():
    results = tonne.run({"name": "own", "seeds": 4, "problems": [Valley()], "strategies": [Climber, "tpe", "random"],
                         "cluster": {"device": "V100", "workers": 2, "grid": "US-2018"}, "budget": {"evaluations": 40}})
    board = results.leaderboard()
    assert list(board["strategy"]) == sorted(board["strategy"], key=list(board["strategy"]).index) and set(board["strategy"]) == {"Climber", "tpe", "random"}
    trials = results.trials()
    assert len(trials) == 3 * 4 * 40
    own = trials[trials["strategy"] == "Climber"]
    assert (own["parameter kind"] == "a").all() and (own["loss"] == own["parameter x"] ** 2).all()
    assert numpy.allclose(trials["charged_s"], 3600.0) and numpy.allclose(trials["device_dynamic_j"] + trials["device_idle_j"], 0.5 * 3.6e6)
    again = tonne.run({"name": "own", "seeds": 4, "problems": [Valley()], "strategies": [Climber, "tpe", "random"],
                       "cluster": {"device": "V100", "workers": 2, "grid": "US-2018"}, "budget": {"evaluations": 40}}, threads=2)
    assert again.digest == results.digest


def test_own_cost_model():
    class Flat(tonne.CostModel):
        def charge(self, work, start):
            return {"seconds": work["seconds"], "kwh": 2.0, "kg": 1.0, "usd": 3.0}

    results = tonne.simulate(Valley(), "random", budget={"evaluations": 10}, seeds=[1], cost_model=Flat())
    ledger = results.ledger().groupby("account")[["energy_j", "operational_kg", "usd"]].sum()
    assert ledger.loc["search"].to_list() == [20 * 3.6e6, 10.0, 30.0]
    assert results.summary()["leaderboards"][0]["cluster"] == "1 x cost model Flat"
    with pytest.raises(tonne.InputError, match="run it anew"):
        tonne.run({"name": "x", "seeds": 1}, resume=True, cost_model=Flat())


def test_partial_trainings_and_failures():
    class Curve(tonne.Problem):
        space = tonne.Space({"x": tonne.Float(0, 1)})
        fidelity = ("epochs", 1, 27)
        objectives = [("accuracy", "%", "maximise")]
        optimum = 100.0

        def evaluate(self, c, fidelity, seed):
            assert 0 <= c.trained_from < fidelity == c.fidelity and 0 <= seed < 2**63
            if c["x"] > 0.9:
                return {"failed": "out_of_memory", "flops": 1e12}
            return {"objectives": 100 * c["x"] * (1 - 1 / (1 + fidelity)), "flops": 1e15 * (fidelity - c.trained_from)}

        def true_value(self, c):
            return 100 * c["x"]

    trials = tonne.simulate(Curve(), "asha", budget={"epochs": 300}, seeds=[1, 2]).trials()
    assert set(trials["status"]) == {"completed", "out_of_memory"} and trials["accuracy"].max() <= 90.0
    assert (trials["trained_from"] > 0).any()


def test_what_is_raised_reaches_the_caller_with_its_trace():
    class Broken(Valley):
        def evaluate(self, c, fidelity, seed):
            return self.helper(c)

        def helper(self, c):
            raise RuntimeError("out of coffee")

    with pytest.raises(RuntimeError, match="out of coffee") as caught:
        tonne.simulate(Broken(), "random", budget={"evaluations": 10}, seeds=2)
    assert "helper" in "".join(traceback.format_tb(caught.tb))

    class Sloppy(Valley):
        def evaluate(self, c, fidelity, seed):
            return {"los": 1.0}

    with pytest.raises(KeyError, match="found 'los', expected objectives"):
        tonne.simulate(Sloppy(), "random", budget={"evaluations": 10}, seeds=2)

    class Stray(Climber):
        def ask(self, seed):
            return {"x": 7.0, "kind": "a"}

    with pytest.raises(tonne.InputError, match="x: 7 is not in its domain"):
        tonne.simulate(Valley(), Stray, budget={"evaluations": 10}, seeds=2)


def test_objects_are_let_go():
    gc.collect()
    before = sum(isinstance(o, Valley) for o in gc.get_objects())
    for _ in range(3):
        tonne.simulate(Valley(), "random", budget={"evaluations": 5}, seeds=1)
    gc.collect()
    assert sum(isinstance(o, Valley) for o in gc.get_objects()) == before
