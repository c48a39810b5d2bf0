"""Strategies around a loop of the user's own."""

import json
import math
import pickle
import subprocess
import os

import pytest

import tonne

SPACE = tonne.Space(
    {
        "lr": tonne.Float(1e-5, 1, log=True),
        "layers": tonne.Int(1, 8),
        "act": tonne.Choice(["relu", "tanh", None]),
        "width": tonne.Ordinal([16, 32, 64]),
        "slope": tonne.Float(0, 1),
    },
    conditions={"slope": ("act", ["relu"])},
)


def loss_of(c):
    return abs(math.log10(c["lr"]) + 3) + 0.1 * c["layers"] + (c["act"] != "relu") + 1 / c["width"] + c.get("slope", 0.5)


MULTI_OBJECTIVE = ("nsga2", "nsga3", "moead", "sms_emoa", "parego", "ehvi", "qnehvi", "moasha")
DISCRETE = tonne.Space({"layers": tonne.Int(1, 8), "act": tonne.Choice(["relu", "tanh", None]), "width": tonne.Ordinal([16, 32, 64])})


def bowl(c):
    return loss_of(c) if "lr" in dict(c) else 0.1 * c["layers"] + (c["act"] != "relu") + 1 / c["width"]


def strategies():
    listed = subprocess.run([os.environ["TONNE_PROGRAM"], "list", "strategies", "--json"], capture_output=True, text=True, check=True)
    return [entry["name"] for entry in json.loads(listed.stdout)]


def run_loop(study, trials, tell=lambda c, study: study.tell(c, loss_of(c), seconds=60.0, kwh=0.1, kg=0.04)):
    seen = []
    for _ in range(trials):
        c = study.ask()
        if c is None:
            break
        seen.append(dict(c))
        tell(c, study)
    return seen


def test_candidates_are_like_dictionaries():
    study = tonne.Strategy("random", SPACE, seed=4)
    for _ in range(40):
        c = study.ask()
        values = dict(c)
        assert set(values) == set(c) and len(c) == len(values)
        assert isinstance(c["lr"], float) and isinstance(c["layers"], int) and c["act"] in ("relu", "tanh", None) and c["width"] in (16, 32, 64)
        assert ("slope" in c) == (c["act"] == "relu") and c.get("slope", -1) == values.get("slope", -1)
        assert SPACE.candidate(values) == c and "rate" not in c
        study.tell(c, loss_of(c))
    with pytest.raises(KeyError, match="no parameter 'rate'"):
        c["rate"]


@pytest.mark.parametrize("name", strategies())
def test_every_strategy_works_or_says_why(name):
    try:
        study = tonne.Strategy(name, SPACE, seed=1, fidelity=(1, 27), evaluations=40)
    except tonne.InputError as error:
        assert len(str(error)) > 20
        return
    candidates = []
    for _ in range(40):
        c = study.ask()
        if c is None:
            break
        assert 0 <= c.fidelity <= 27 and c.trained_from <= c.fidelity
        candidates.append(c)
        study.tell(c, 0.3 if c.is_screening else loss_of(c) / max(c.fidelity, 1), seconds=60.0, kwh=0.1, kg=0.04, usd=0.2)
    assert len(candidates) >= 10 and study.running() == []


def charge(row):
    """What the simulator charged for a trial."""
    energy = sum(row[f"{part}_j"] for part in ("device_dynamic", "device_idle", "host", "facility", "transfer"))
    return {"seconds": row["charged_s"], "kwh": energy / 3.6e6, "kg": row["operational_kg"], "embodied_kg": row["embodied_kg"], "usd": row["usd"]}


LEARNS_ELSEWHERE = ("external", "zero_shot", "bounding_box", "quantile_transfer")  # from a program or from earlier results
NEEDS_A_CLUSTER = ("wait_for_clean", "follow_the_sun")  # with a grid that changes, or several sites
BY_SCREENING = ("zero_cost",)  # its first candidates are not trained


@pytest.mark.parametrize("levels", [False, True])
@pytest.mark.parametrize("name", [name for name in strategies() if name not in LEARNS_ELSEWHERE + NEEDS_A_CLUSTER + BY_SCREENING])
def test_the_loop_proposes_what_the_simulator_does(name, levels):
    """The same problem, written in Python, searched by the simulator's one worker and by a loop."""
    settings = {"cost_objective": "co2e"} if name in MULTI_OBJECTIVE else {}
    names = DISCRETE if name == "reinforce" else SPACE

    class Bowl(tonne.Problem):
        space = names
        fidelity = ("epochs", 1, 27) if levels else ("evaluations", 1, 1)

        def evaluate(self, c, fidelity, seed):
            return {"loss": bowl(c) + 1 / fidelity, "seconds": 60.0, "kwh": 0.1}

    simulated = tonne.simulate(Bowl(), {name: settings} if settings else name, budget={"evaluations": 30}, seeds=[7],
                               cluster={"device": "V100", "workers": 1}).trials()
    assert len(simulated) >= 10
    study = tonne.Strategy(name, names, seed=7, fidelity=(1, 27) if levels else (1, 1), evaluations=30, **settings)
    for row in simulated.to_dict("records"):
        c = study.ask()
        for parameter in c:
            recorded = row[f"parameter {parameter}"]
            assert (str(c[parameter]) if isinstance(recorded, str) else c[parameter]) == recorded, (row["trial"], parameter)
        assert c.fidelity == row["fidelity"] and c.trained_from == row["trained_from"]
        study.tell(c, bowl(c) + 1 / c.fidelity, **charge(row))


def test_costs_reach_strategies():
    def loop(kg_of):
        study = tonne.Strategy("gp", SPACE, seed=3, cost_aware="co2e")
        return run_loop(study, 25, lambda c, s: s.tell(c, loss_of(c), kg=kg_of(c), kwh=1.0, seconds=1.0))

    assert loop(lambda c: 1.0)[:10] == loop(lambda c: 10.0 ** c["layers"])[:10]
    assert loop(lambda c: 1.0) != loop(lambda c: 10.0 ** c["layers"])


def test_several_objectives_constraints_and_failures():
    study = tonne.Strategy("nsga2", SPACE, direction=["minimise", "maximise"], constraints=["memory"], population=8)
    for i in range(30):
        c = study.ask()
        if i % 5 == 0:
            study.tell(c, failed="out_of_memory", seconds=1)
        else:
            study.tell(c, [loss_of(c), c["layers"]], constraints=[c["width"] - 40.0])
    with pytest.raises(tonne.InputError, match="1 objectives were told, expected 2"):
        study.tell(study.ask(), 1.0, constraints=[0.0])
    single = tonne.Strategy("tpe", SPACE)
    c = single.ask()
    single.tell(c, float("nan"))
    with pytest.raises(tonne.InputError, match="not running"):
        single.tell(c, 1.0)
    with pytest.raises(tonne.InputError, match="kg: found -1"):
        single.tell(single.ask(), 1.0, kg=-1)
    with pytest.raises(tonne.InputError, match="give an objective"):
        single.tell(single.ask())


def test_maximising_is_minimising_the_negative():
    up = run_loop(tonne.Strategy("tpe", SPACE, direction="maximise"), 40, lambda c, s: s.tell(c, -loss_of(c)))
    down = run_loop(tonne.Strategy("tpe", SPACE), 40, lambda c, s: s.tell(c, loss_of(c)))
    assert up == down


def test_pickled_studies_go_on():
    study = tonne.Strategy("gp", SPACE, seed=5, acquisition="ei")
    run_loop(study, 14)
    waiting = study.ask()
    again = pickle.loads(pickle.dumps(study))
    assert again.running() == study.running() == [waiting.id]
    for s in (study, again):
        s.tell(waiting, 0.25)
    assert run_loop(study, 5) == run_loop(again, 5)


def test_settings_are_checked():
    for arguments, message in [
        (dict(strategy="gpp"), "unknown strategy 'gpp'"),
        (dict(strategy="gp", acquisitoin="ei"), "unknown key 'acquisitoin'"),
        (dict(strategy="gp", direction="up"), "expected 'minimise' or 'maximise'"),
        (dict(strategy="external", command=["true"]), "runs a command"),
        (dict(strategy="nsga2"), "single objective"),
    ]:
        with pytest.raises(tonne.InputError, match=message):
            tonne.Strategy(space=SPACE, **arguments)
    for parameters, conditions, message in [
        ({"x": tonne.Float(1, 0)}, None, "space"),
        ({"x": tonne.Float(0, 1, log=True)}, None, "space"),
        ({"x": tonne.Int(0.5, 3)}, None, "whole number"),
        ({"x": 3}, None, "expected tonne.Float"),
        ({"x": tonne.Float(0, 1), "y": tonne.Float(0, 1)}, {"y": ("x", [1])}, "neither a Choice nor an Ordinal"),
        ({"x": tonne.Choice([1, "1"])}, None, "space"),
    ]:
        with pytest.raises(tonne.InputError, match=message):
            tonne.Space(parameters, conditions)
