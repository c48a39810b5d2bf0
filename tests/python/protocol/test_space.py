"""Parameters and spaces of tonne_protocol."""

import random

import pytest
from tonne_protocol import Parameter, Space

SPACE = Space([
    Parameter("rate", "real", 1e-5, 1.0, log=True, default=0.01),
    Parameter("layers", "integer", 1, 12),
    Parameter("optimiser", "categorical", choices=("sgd", "adam")),
    Parameter("size", "ordinal", choices=("s", "m", "l")),
    Parameter("beta", "real", 0.8, 1.0, parent="optimiser", parent_choices=("adam",)),
])


def test_samples_are_configurations():
    seen = set()
    for seed in range(300):
        values = SPACE.sample(random.Random(seed))
        assert SPACE.problem_with(values) is None
        assert ("beta" in values) == (values["optimiser"] == "adam")
        seen.add(values["layers"])
    assert seen == set(range(1, 13))


def test_the_same_generator_gives_the_same_sample():
    assert SPACE.sample(random.Random(7)) == SPACE.sample(random.Random(7))


def test_mutations_change_one_parameter_and_what_hangs_on_it():
    for seed in range(300):
        rng = random.Random(seed)
        values = SPACE.sample(rng)
        other = SPACE.mutate(values, rng)
        assert SPACE.problem_with(other) is None
        changed = {name for name in values if name in other and other[name] != values[name]}
        assert len(changed) == 1
        assert changed == {"optimiser"} or ("beta" in values) == ("beta" in other)


def test_mutations_of_what_has_one_value_end():
    fixed = Space([Parameter("a", "integer", 3, 3), Parameter("b", "categorical", choices=("x",))])
    assert fixed.mutate({"a": 3, "b": "x"}, random.Random(0)) == {"a": 3, "b": "x"}
    with pytest.raises(ValueError):
        SPACE.mutate(SPACE.sample(random.Random(0)), random.Random(0), step=0.0)


@pytest.mark.parametrize("parameter", list(SPACE), ids=lambda p: p.name)
def test_positions_lead_back(parameter):
    for i in range(101):
        value = parameter.from_unit(i / 100)
        assert parameter.problem_with(value) is None
        back = parameter.from_unit(parameter.to_unit(value))
        assert back == pytest.approx(value) if parameter.type == "real" else back == value


def test_bounds_are_reached_and_kept():
    assert SPACE["rate"].from_unit(0.0) == pytest.approx(1e-5)
    assert SPACE["rate"].from_unit(2.0) == pytest.approx(1.0)
    assert SPACE["layers"].from_unit(1.0) == 12
    assert SPACE["size"].from_unit(1.0) == "l"
    assert SPACE["rate"].from_unit(0.5) == pytest.approx(10**-2.5)


def test_defaults_where_they_are_stated():
    assert SPACE.default(random.Random(1))["rate"] == 0.01


@pytest.mark.parametrize("values, wrong", [
    ({"layers": 2.5}, "whole numbers"),
    ({"layers": 13}, "from 1 to 12"),
    ({"layers": True}, "takes numbers"),
    ({"rate": "fast"}, "takes numbers"),
    ({"size": "xl"}, "one of s, m, l"),
    ({"beta": 0.9}, "inactive"),
    ({"depth": 3}, "no parameter"),
])
def test_wrong_configurations_are_described(values, wrong):
    good = {"rate": 0.1, "layers": 3, "optimiser": "sgd", "size": "m"}
    assert SPACE.problem_with(good) is None
    assert wrong in SPACE.problem_with({**good, **values})


def test_missing_values_are_described():
    assert "no value" in SPACE.problem_with({"rate": 0.1, "layers": 3, "optimiser": "sgd"})
