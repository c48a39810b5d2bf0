"""The search space: parameters, some of which are active only while another has certain values."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Tuple, Union

#: Of a real parameter a float, of an integer one an int, of a categorical or ordinal one a str.
Value = Union[float, int, str]


@dataclass(frozen=True)
class Parameter:
    """One parameter, as the first message describes it."""

    name: str
    type: str  #: "real", "integer", "categorical" or "ordinal" (choices in their order)
    low: float = 0.0  #: of numbers; the bounds are allowed values
    high: float = 0.0
    log: bool = False  #: whether equal ratios of numbers are equally far apart
    choices: Tuple[str, ...] = ()
    default: Optional[Value] = None  #: what the problem's authors would train, where they say it
    parent: Optional[str] = None  #: the parameter that decides whether this one is active
    parent_choices: Tuple[str, ...] = ()  #: values of the parent with which it is

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Parameter":
        """From its part of the first message."""
        condition = message.get("active_when") or {}
        return cls(message["name"], message["type"], message.get("low", 0.0), message.get("high", 0.0), message.get("log", False),
                   tuple(message.get("choices", ())), message.get("default"), condition.get("parameter"),
                   tuple(condition.get("choices", ())))

    @property
    def numeric(self) -> bool:
        return self.type in ("real", "integer")

    def from_unit(self, position: float) -> Value:
        """The value at a position from 0 (low, the first choice) to 1 (high, the last), evenly on the parameter's scale.

        Whole numbers and choices have equal shares of the interval (on a logarithmic scale: shares by their ratio).
        """
        position = min(max(position, 0.0), 1.0)
        if not self.numeric:
            return self.choices[min(int(position * len(self.choices)), len(self.choices) - 1)]
        margin = 0.5 if self.type == "integer" else 0.0
        low, high = self.low - margin, self.high + margin
        if self.log:
            value = math.exp(math.log(low) + position * (math.log(high) - math.log(low)))
        else:
            value = low + position * (high - low)
        value = min(max(value, self.low), self.high)
        return int(min(max(round(value), self.low), self.high)) if self.type == "integer" else value

    def to_unit(self, value: Value) -> float:
        """The position of a value, such that from_unit gives it back; of whole numbers and choices the middle of their share."""
        if not self.numeric:
            return (self.choices.index(str(value)) + 0.5) / len(self.choices)
        margin = 0.5 if self.type == "integer" else 0.0
        low, high, number = self.low - margin, self.high + margin, float(value)
        if low == high:
            return 0.5
        if self.log:
            return (math.log(number) - math.log(low)) / (math.log(high) - math.log(low))
        return (number - low) / (high - low)

    def sample(self, rng: random.Random) -> Value:
        """Uniform on the parameter's scale."""
        return self.from_unit(rng.random())

    def problem_with(self, value: Any) -> Optional[str]:
        """What is wrong with a value, or None."""
        if not self.numeric:
            return None if value in self.choices else f"{self.name} is one of {', '.join(self.choices)}, not {value!r}"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{self.name} takes numbers, not {value!r}"
        if self.type == "integer" and value != int(value):
            return f"{self.name} takes whole numbers, not {value!r}"
        return None if self.low <= value <= self.high else f"{self.name} is from {self.low} to {self.high}, not {value!r}"


class Space(Sequence[Parameter]):
    """The parameters in their order, parents before their children."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._parameters = tuple(parameters)
        self._by_name = {parameter.name: parameter for parameter in self._parameters}

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._parameters)

    def __getitem__(self, key):  # type: ignore[no-untyped-def, override]
        """By number or by name."""
        return self._by_name[key] if isinstance(key, str) else self._parameters[key]

    def is_active(self, parameter: Parameter, values: Mapping[str, Value]) -> bool:
        """Whether a parameter is active beside the values of those before it."""
        return parameter.parent is None or values.get(parameter.parent) in parameter.parent_choices

    def complete(self, values: Mapping[str, Value], rng: random.Random) -> Dict[str, Value]:
        """`values` without those of inactive parameters, and with drawn ones for active parameters that it lacks."""
        result: Dict[str, Value] = {}
        for parameter in self:
            if self.is_active(parameter, result):
                result[parameter.name] = values[parameter.name] if parameter.name in values else parameter.sample(rng)
        return result

    def sample(self, rng: random.Random) -> Dict[str, Value]:
        """A random configuration."""
        return self.complete({}, rng)

    def default(self, rng: random.Random) -> Dict[str, Value]:
        """What the problem's authors would train; drawn where they do not say it."""
        return self.complete({p.name: p.default for p in self if p.default is not None}, rng)

    def mutate(self, values: Mapping[str, Value], rng: random.Random, step: float = 0.2) -> Dict[str, Value]:
        """A copy with another value of one active parameter that has several.

        Numbers move by a normal step whose standard deviation is `step` of the range, at the bounds reflected; choices become
        another one. Raises ValueError for a step that is not above 0.
        """
        if not step > 0.0:
            raise ValueError(f"step is above 0, not {step}")
        free = [p for p in self if p.name in values and (p.low < p.high if p.numeric else len(p.choices) > 1)]
        if not free:
            return dict(values)
        changed = rng.choice(free)
        old = values[changed.name]
        new = old
        while new == old:
            if changed.numeric:
                position = abs(changed.to_unit(old) + rng.gauss(0.0, step)) % 2.0
                new = changed.from_unit(min(position, 2.0 - position))
            else:
                new = rng.choice([choice for choice in changed.choices if choice != old])
        return self.complete({**values, changed.name: new}, rng)

    def problem_with(self, values: Mapping[str, Any]) -> Optional[str]:
        """What is wrong with a configuration, or None: each active parameter needs a value that is allowed, others have none."""
        seen: Dict[str, Value] = {}
        for parameter in self:
            if not self.is_active(parameter, seen):
                continue
            if parameter.name not in values:
                return f"{parameter.name} is active and has no value"
            wrong = parameter.problem_with(values[parameter.name])
            if wrong:
                return wrong
            seen[parameter.name] = values[parameter.name]
        for name in values:
            if name not in seen:
                return f"{name} is {'inactive' if name in self._by_name else 'no parameter of the problem'}"
        return None
