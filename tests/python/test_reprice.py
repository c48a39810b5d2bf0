"""What `tonne reprice` says of the order of trials, against runs."""

import json
import os
import subprocess

import tonne


def experiment(strategy, device):
    return {"name": "r", "seeds": [3], "problems": ["cell_nas"], "strategies": [strategy], "budget": {"evaluations": 40},
            "cluster": {"device": device, "grid": "US-2018", "workers": 1}}


def proposals(results):
    trials = results.trials()
    return trials[[name for name in trials.columns if name.startswith("parameter ")] + ["fidelity"]]


def test_what_is_told_to_keep_its_order_does(program, tmp_path):
    told = []
    for entry in json.loads(program("list", "strategies", "--json", cwd=tmp_path)):
        name = entry["name"]
        try:
            here = tonne.run(experiment(name, "V100"), out=tmp_path / name, threads=1)
        except tonne.InputError:
            continue  # not for this problem, or in need of more
        done = subprocess.run([os.environ["TONNE_PROGRAM"], "reprice", name, "--device", "A100-40GB", "--json"], cwd=tmp_path,
                              capture_output=True, text=True)
        if done.returncode == 2:
            continue  # screenings, whose work is not known
        repriced = json.loads(done.stdout)
        if not all(row["same_order"] for row in repriced["rows"]):
            continue
        told.append(name)
        there = tonne.run(experiment(name, "A100-40GB"), threads=1)
        assert proposals(here).equals(proposals(there)), name
        ledger = there.ledger()
        kwh = ledger[ledger["account"] != "retraining"]["energy_j"].sum() / 3.6e6
        assert abs(kwh / repriced["rows"][0]["energy_kwh"] - 1) < 1e-9, name
    assert {"random", "tpe", "gp", "asha"} <= set(told) and "marginal_stop" not in told
