"""tonne.run and Results."""

import json
import pickle
import signal
import threading

import numpy
import pandas
import pytest

import tonne

SMALL = {
    "name": "small",
    "seeds": 3,
    "problems": ["nk", {"hpo": {"model": "gradient_boosting"}}],
    "strategies": ["random", {"regularized_evolution": {"population": 10, "sample": 3}}],
    "budget": {"evaluations": 30},
}


@pytest.fixture(scope="module")
def small():
    return tonne.run(SMALL)


def test_the_same_bytes_as_the_command_line(small, program, tmp_path):
    (tmp_path / "small.yaml").write_text(json.dumps(SMALL))
    program("run", "small.yaml", "--out", "out", "--quiet", cwd=tmp_path)
    theirs = tonne.open(tmp_path / "out")
    assert theirs.digest == small.digest == program("show", "out", "--digest", cwd=tmp_path).strip()
    for name in ("summary.json", "incumbents.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (small.folder / name).read_bytes()
    assert small.summary() == json.loads((tmp_path / "out" / "summary.json").read_text())


def test_a_file_a_text_and_a_dictionary_are_one(root, tmp_path):
    text = (root / "configs" / "quickstart.yaml").read_text().replace("seeds: 20", "seeds: 2")
    assert "seeds: 2\n" in text or "seeds: 2 " in text
    (tmp_path / "quick.yaml").write_text(text)
    by_file = tonne.run(tmp_path / "quick.yaml")
    assert by_file.digest == tonne.run(text).digest == tonne.run(str(tmp_path / "quick.yaml"), threads=1).digest


def test_trials_are_those_of_the_csv(small, program, tmp_path):
    (tmp_path / "small.yaml").write_text(json.dumps(SMALL))
    program("run", "small.yaml", "--out", "out", "--csv", "--quiet", cwd=tmp_path)
    written = pandas.read_csv(tmp_path / "out" / "trials.csv", float_precision="round_trip")
    trials = small.trials()
    assert len(trials) == len(written) == 2 * 2 * 3 * 30
    key = ["problem", "strategy", "seed", "trial"]
    a = trials.sort_values(key).reset_index(drop=True)
    b = written.sort_values(key).reset_index(drop=True)
    for name in ("end_s", "operational_kg", "fidelity"):
        assert numpy.array_equal(a[name].to_numpy(), b[name].to_numpy()), name
    assert list(a["status"].astype(str)) == list(b["status"])
    one = small.trials(problem=trials["problem"].iloc[-1])
    assert any(name.startswith("parameter ") for name in one.columns) and len(one) == 180
    with pytest.raises(tonne.InputError, match="expected one of"):
        small.trials(problem="mnist")


def test_tables(small):
    board = small.leaderboard()
    assert len(board) == 4 and {"problem", "strategy"} <= set(board.columns)
    assert len(small.cells()) == 12
    ledger = small.ledger()
    incumbents = small.incumbents()
    assert (incumbents.groupby("cell")["number"].max() + 1 == incumbents.groupby("cell").size()).all()
    searched = ledger[ledger["account"] != "retraining"].groupby("cell")["energy_j"].sum()
    trials = small.trials().groupby("cell")
    of_trials = sum(trials[name].sum() for name in ("device_dynamic_j", "device_idle_j", "host_j", "facility_j", "transfer_j"))
    assert (searched >= of_trials * (1 - 1e-12)).all() and (of_trials > 0).all()


def test_pickling_and_pages(small, tmp_path):
    again = pickle.loads(pickle.dumps(small))
    assert again == small and again.folder != small.folder
    page = small.report(tmp_path / "page.html")
    assert page.read_text().startswith("<!doctype html>") and "iframe" in small._repr_html_()
    assert "small: 12 of 12 searches" in repr(small)


def test_temporary_folders_go(tmp_path):
    results = tonne.run({**SMALL, "problems": ["nk"], "seeds": 1})
    folder = results.folder
    assert folder.exists()
    del results
    assert not folder.exists()
    kept = tonne.run({**SMALL, "problems": ["nk"], "seeds": 1}, out=tmp_path / "kept")
    assert kept.digest == tonne.open(tmp_path / "kept").digest
    with pytest.raises(tonne.StoreError, match="exist"):
        tonne.run({**SMALL, "problems": ["nk"], "seeds": 1}, out=tmp_path / "kept")


def test_errors_are_sentences(tmp_path):
    with pytest.raises(tonne.InputError, match="unknown strategy 'rndom'. Did you mean random"):
        tonne.run({**SMALL, "strategies": ["rndom"]})
    with pytest.raises(tonne.InputError, match="cannot be read: No such file"):
        tonne.run(tmp_path / "none.yaml")
    with pytest.raises(tonne.StoreError):
        tonne.open(tmp_path)
    with pytest.raises(tonne.InputError, match="allow_external=True"):
        tonne.run({**SMALL, "strategies": [{"external": {"command": ["true"]}}]})
    assert issubclass(tonne.InputError, ValueError) and issubclass(tonne.StoreError, OSError)


def test_ctrl_c_stops_and_resume_goes_on(tmp_path):
    long = {"name": "long", "seeds": 400, "problems": ["nk"], "strategies": ["random"], "budget": {"evaluations": 20000}}
    timer = threading.Timer(0.5, lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        tonne.run(long, out=tmp_path / "out")
    timer.join()
    before = len(tonne.open(tmp_path / "out").cells())
    assert before < 400
    short = {**long, "seeds": 2, "budget": {"evaluations": 200}}
    whole = tonne.run(short, out=tmp_path / "short")
    assert tonne.run(short, out=tmp_path / "short", resume=True).digest == whole.digest


def test_two_threads_read_each_their_own_objects():
    """Reading asks each object for its description, and Python may go on with the other thread meanwhile."""

    class Named(tonne.Problem):
        space = tonne.Space({"x": tonne.Float(0, 1)})

        def __init__(self, name, meet):
            self.name, self.meet = name, meet

        def _description(self):
            self.meet()
            return super()._description()

        def evaluate(self, candidate, fidelity, seed):
            asked.append(self.name)
            return candidate["x"]

    asked = []
    theirs = threading.Event()  # the other thread is within its reading

    def run(name, meet):
        plan = {"seeds": 1, "problems": [Named(name + " 1", meet), Named(name + " 2", meet)], "strategies": ["random"], "budget": {"evaluations": 2}}
        tonne.run(plan)

    def start_the_other():
        if other.ident is None:
            other.start()
            theirs.wait(1.0)

    other = threading.Thread(target=run, args=("other", theirs.set))
    run("one", start_the_other)
    other.join()
    assert sorted(set(asked)) == ["one 1", "one 2", "other 1", "other 2"]
