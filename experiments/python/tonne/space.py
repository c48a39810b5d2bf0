"""Search spaces."""

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Tuple

from . import _core


@dataclass(frozen=True)
class Float:
    """A real number from `low` to `high`, both included; `log`: uniform in its logarithm (low > 0)."""

    low: float
    high: float
    log: bool = False
    default: Optional[float] = None

    def _row(self):
        return "float", float(self.low), float(self.high), bool(self.log), [], self.default


@dataclass(frozen=True)
class Int:
    """A whole number from `low` to `high`, both included, up to 2^53."""

    low: int
    high: int
    log: bool = False
    default: Optional[int] = None

    def _row(self):
        return "int", float(self.low), float(self.high), bool(self.log), [], self.default


class _OneOf:
    def __init__(self, choices: Sequence[Any], default: Any = None):
        self.choices = list(choices)
        self.default = default

    def __repr__(self):
        return f"{type(self).__name__}({self.choices!r})"

    def __eq__(self, other):
        return type(self) is type(other) and self.choices == other.choices and self.default == other.default

    def _row(self):
        default = None if self.default is None else float(self.choices.index(self.default))
        return self._kind, 0.0, 1.0, False, self.choices, default


class Choice(_OneOf):
    """One of some objects without an order; their str() are its names and must differ."""

    _kind = "choice"


class Ordinal(_OneOf):
    """One of some levels, in their order: neighbours in the list are neighbours in meaning."""

    _kind = "ordinal"


class Space:
    """Parameters by name, in an order that matters (conditions look back).

    `conditions`: {"momentum": ("optimiser", ["sgd", "nesterov"])} has momentum only where the earlier parameter optimiser (a
    Choice or an Ordinal) has one of these values.
    """

    def __init__(self, parameters: Mapping[str, Any], conditions: Optional[Mapping[str, Tuple[str, Sequence[Any]]]] = None):
        self.parameters = dict(parameters)
        self.conditions = dict(conditions or {})
        self._core = _core.NamedSpace(self._rows())

    def _rows(self):
        names = list(self.parameters)
        unknown = set(self.conditions) - set(names)
        if unknown:
            raise _core.InputError(f"space: a condition is given for {sorted(unknown)[0]!r}, which is no parameter")
        rows = []
        for name, parameter in self.parameters.items():
            if not hasattr(parameter, "_row"):
                raise _core.InputError(f"space: {name} is {parameter!r}, expected tonne.Float, Int, Choice or Ordinal")
            kind, low, high, log, choices, default = parameter._row()
            parent, of_parent = self._parent(name, names)
            rows.append((name, kind, low, high, log, choices, parent, of_parent, default))
        return rows

    def _parent(self, name, names):
        if name not in self.conditions:
            return -1, []
        parent, values = self.conditions[name]
        if parent not in names:
            raise _core.InputError(f"space: {name} depends on {parent!r}, which is no parameter")
        choices = getattr(self.parameters[parent], "choices", None)
        if choices is None:
            raise _core.InputError(f"space: {name} depends on {parent}, which is neither a Choice nor an Ordinal")
        missing = [value for value in values if value not in choices]
        if missing:
            raise _core.InputError(f"space: {name} depends on {parent} being {missing[0]!r}, which is none of its choices")
        return names.index(parent), [choices.index(value) for value in values]

    def candidate(self, values: Mapping[str, Any]) -> "_core.Candidate":
        """The point with these values; InputError where it is not of the space."""
        return self._core.candidate(dict(values))

    def __repr__(self):
        return f"Space({self.parameters!r})"

    def __reduce__(self):
        return Space, (self.parameters, self.conditions)
