"""The loop: messages in, answers out; and whole searches by the program."""

import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tonne_protocol import DONE, WAIT, Proposal, ProtocolError, Strategy, serve

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("TONNE_PROGRAM")

FIRST = {
    "tonne": 1, "problem": "p", "losses": [{"name": "accuracy", "unit": "%", "negated": True}], "constraints": ["memory"],
    "fidelity": {"name": "epochs", "lowest": 1.0, "highest": 200.0, "integral": True, "levels": [], "default": 200.0},
    "workers": 4, "seed": 1,
    "parameters": [{"name": "x", "type": "real", "low": 0.0, "high": 1.0, "log": False},
                   {"name": "kind", "type": "categorical", "choices": ["a", "b"]}]}
TOLD = {"id": 15, "parameters": {"x": 0.5, "kind": "a"}, "fidelity": 200.0, "losses": [-93.4], "constraints": [-1.0], "seconds": 2.0,
        "kwh": 0.5, "co2e_kg": 0.25, "usd": 1.0, "tag": "t"}
GOOD = {"x": 0.25, "kind": "b"}


def answers(make, *messages, first=FIRST):
    out = io.StringIO()
    serve(make, io.StringIO("".join(json.dumps(m) + "\n" for m in (first, *messages))), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def answering(answer):
    class Fixed(Strategy):
        def ask(self, id, rng):
            return answer
    return Fixed


def ask(id=0, tell=()):
    return {"ask": id, "seed": 5, "tell": list(tell)}


@pytest.mark.parametrize("answer, sent", [
    (GOOD, {"parameters": GOOD}),
    (Proposal(GOOD, fidelity=3.0, resumes=2, inherits=True, tag="t"),
     {"parameters": GOOD, "fidelity": 3.0, "resumes": 2, "inherits": True, "tag": "t"}),
    ([Proposal(GOOD), GOOD], {"proposals": [{"parameters": GOOD}, {"parameters": GOOD}]}),
    (WAIT, {"wait": True}),
    (DONE, {"done": True}),
])
def test_answers_as_the_protocol_has_them(answer, sent):
    assert answers(answering(answer), ask(17)) == [{"tonne": 1}, {"ask": 17, **sent}]


def test_the_search_and_the_trials_are_read():
    seen = []

    class Listening(Strategy):
        def ask(self, id, rng):
            seen.append((id, rng.random()))
            return GOOD

        def tell(self, trial):
            seen.append(trial)

    class Made(Listening):
        def __init__(self, search):
            super().__init__(search)
            seen.append(search)

    answers(Made, ask(0), ask(1, [TOLD, {"id": 16, "parameters": GOOD, "fidelity": 1.0, "failed": "diverged"},
                                  {"id": 17, "parameters": GOOD, "losses": [None]}, {"id": 18, "turned_down": True}]))
    search, first, told, failed, infinite, turned_down, second = seen
    assert (search.problem, search.workers, search.losses[0].negated, search.fidelity.default) == ("p", 4, True, 200.0)
    assert first[0] == 0 and second == (1, first[1]), "the same seed, the same draws"
    assert (told.id, told.loss, told.constraints, told.co2e_kg, told.tag) == (15, -93.4, (-1.0,), 0.25, "t")
    assert failed.failed == "diverged" and failed.losses == () and failed.loss == math.inf
    assert math.isnan(infinite.losses[0]) and infinite.loss == math.inf
    assert turned_down.turned_down and turned_down.loss == math.inf


def test_what_a_strategy_prints_is_no_message(capsys):
    class Talking(Strategy):
        def ask(self, id, rng):
            print("thinking")
            return GOOD

    class Numbers(Talking):
        def __init__(self, search):
            print("made")
            super().__init__(search)

    assert len(answers(Numbers, ask())) == 2
    assert capsys.readouterr().err == "made\nthinking\n"


def test_computing_is_charged_by_what_it_grew():
    class Counting(Strategy):
        def ask(self, id, rng):
            self.flops += 100.0 * id
            return GOOD

    assert [a.get("flops") for a in answers(Counting, ask(0), ask(2), ask(3))[1:]] == [None, 200.0, 300.0]


def test_numbers_of_numpy_are_sent_as_numbers():
    numpy = pytest.importorskip("numpy")
    answer = {"x": numpy.float64(0.25), "kind": numpy.str_("b")}
    assert answers(answering(answer), ask())[1]["parameters"] == GOOD


@pytest.mark.parametrize("answer, wrong", [
    ({"x": 2.0, "kind": "a"}, "from 0.0 to 1.0"),
    ({"x": 0.5}, "kind is active"),
    ({"x": math.nan, "kind": "a"}, "x"),
    ({"x": object(), "kind": "a"}, "cannot be sent"),
    (None, "expected parameters"),
    ([], "expected parameters"),
])
def test_wrong_answers_are_not_sent(answer, wrong):
    with pytest.raises(ProtocolError, match=wrong):
        answers(answering(answer), ask())


def test_another_version_is_refused():
    with pytest.raises(ProtocolError, match="version 1"):
        answers(answering(GOOD), first={**FIRST, "tonne": 2})


def test_an_end_before_the_beginning_is_no_error():
    out = io.StringIO()
    serve(answering(GOOD), io.StringIO(""), out)
    assert out.getvalue() == ""


def run(folder, script, seeds=2):
    (folder / "e.yaml").write_text(
        f"name: e\nseeds: {seeds}\nproblems: [pipeline]\ncluster: {{workers: 3}}\nbudget: {{evaluations: 30}}\n"
        f"strategies: [{{external: {{command: ['{sys.executable}'], script: '{script}'}}}}]\n")
    command = [PROGRAM, "run", "e.yaml", "--allow-external", "--out", "out", "--json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.skipif(not PROGRAM, reason="TONNE_PROGRAM is not set")
def test_the_example_searches_and_does_so_again(tmp_path):
    digests = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        done = run(folder, ROOT / "docs/external/climber.py")
        assert done.returncode == 0, done.stderr
        digests.append(subprocess.run([PROGRAM, "show", "out", "--digest"], cwd=folder, capture_output=True, text=True).stdout)
    assert digests[0] == digests[1] != ""


@pytest.mark.skipif(not PROGRAM, reason="TONNE_PROGRAM is not set")
def test_an_exception_is_quoted(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("from tonne_protocol import Strategy, serve\n\n\nclass Broken(Strategy):\n    def ask(self, id, rng):\n"
                      "        raise RuntimeError('out of ideas')\n\n\nserve(Broken)\n")
    done = run(tmp_path, script)
    assert done.returncode == 2
    assert "out of ideas" in done.stderr
