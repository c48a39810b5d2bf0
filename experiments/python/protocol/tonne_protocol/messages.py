"""What tonne says: the search, and trials that have ended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from .space import Parameter, Space, Value

VERSION = 1


class ProtocolError(Exception):
    """A message that is not of this version of the protocol, or an answer that tonne would refuse."""


@dataclass(frozen=True)
class Loss:
    """What is minimised. `negated`: the problem's own objective is maximised, and the loss is its negative."""

    name: str
    unit: str
    negated: bool


@dataclass(frozen=True)
class Fidelity:
    """How long a candidate is trained, in the problem's unit (`name`: epochs, samples, ...)."""

    name: str
    lowest: float
    highest: float
    integral: bool  #: whole numbers only
    levels: Tuple[float, ...]  #: the only ones allowed; empty: all in between
    default: float  #: the experiment's


@dataclass(frozen=True)
class Search:
    """The problem, and how it is searched; a Strategy has it as `self.search`."""

    problem: str  #: its name
    losses: Tuple[Loss, ...]  #: at least one
    constraints: Tuple[str, ...]  #: names; a trial satisfies one whose value is at most 0
    fidelity: Fidelity
    workers: int  #: trials that run at once
    seed: int  #: below 2**53
    space: Space

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Search":
        """From the first message. Raises ProtocolError."""
        if message.get("tonne") != VERSION:
            raise ProtocolError(f"this is tonne_protocol for version {VERSION} of the protocol, and tonne speaks {message.get('tonne')}")
        fidelity = message["fidelity"]
        return cls(message["problem"], tuple(Loss(loss["name"], loss["unit"], loss["negated"]) for loss in message["losses"]),
                   tuple(message["constraints"]),
                   Fidelity(fidelity["name"], fidelity["lowest"], fidelity["highest"], fidelity["integral"], tuple(fidelity["levels"]),
                            fidelity["default"]),
                   message["workers"], message["seed"], Space([Parameter.read(parameter) for parameter in message["parameters"]]))


@dataclass(frozen=True)
class Trial:
    """A trial that has ended, or a proposal that was turned down."""

    id: int  #: the number with which it was asked for
    parameters: Dict[str, Value]
    fidelity: float
    losses: Tuple[float, ...]  #: one for each of the search's; empty unless it completed; NaN for what was not finite
    constraints: Tuple[float, ...]  #: values, satisfied at most 0; empty where none were measured
    failed: Optional[str]  #: "diverged", "out_of_memory", "invalid" or "infeasible"
    turned_down: bool  #: not trained: a duplicate, or a wrapper skipped it
    cached: bool  #: a duplicate, answered with the earlier result
    trained_from: float  #: fidelity at which a resumed training began
    seconds: float  #: what it cost: time,
    kwh: float  #: energy,
    co2e_kg: float  #: carbon,
    usd: float  #: money
    tag: Any  #: of its proposal

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "Trial":
        """From an entry of `tell`."""
        def numbers(key: str) -> Tuple[float, ...]:
            return tuple(math.nan if value is None else value for value in message.get(key, ()))

        return cls(message["id"], message.get("parameters", {}), message.get("fidelity", 0.0), numbers("losses"), numbers("constraints"),
                   message.get("failed"), message.get("turned_down", False), message.get("cached", False), message.get("trained_from", 0.0),
                   message.get("seconds", 0.0), message.get("kwh", 0.0), message.get("co2e_kg", 0.0), message.get("usd", 0.0),
                   message.get("tag"))

    @property
    def loss(self) -> float:
        """The first loss; infinite where the trial failed, was turned down, or its loss is not finite: no candidate for the best."""
        return self.losses[0] if self.losses and math.isfinite(self.losses[0]) else math.inf
