"""The base class of strategies, and what they answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Union

from .messages import Search, Trial
from .space import Value


@dataclass
class Proposal:
    """A candidate to train, where its parameters do not say it all."""

    parameters: Mapping[str, Value]
    fidelity: Optional[float] = None  #: train to this one; None: the experiment's
    resumes: Optional[int] = None  #: go on from the end of the completed trial with this id, at a higher fidelity
    inherits: bool = False  #: with `resumes`: the parameters may differ, and the weights are copied
    tag: Any = None  #: a text or a number that comes back in Trial.tag

    def as_message(self) -> Dict[str, Any]:
        """As it is sent."""
        message: Dict[str, Any] = {"parameters": dict(self.parameters)}
        for key in ("fidelity", "resumes", "tag"):
            if getattr(self, key) is not None:
                message[key] = getattr(self, key)
        if self.inherits:
            message["inherits"] = True
        return message


class _Signal:
    def __init__(self, key: str) -> None:
        self.key = key

    def __repr__(self) -> str:
        return self.key.upper()


WAIT = _Signal("wait")  #: propose nothing until another trial has ended; where none is running, the search ends
DONE = _Signal("done")  #: end the search once the running trials have ended

#: Parameters, a proposal, several (the first is for this ask, the others answer the next ones), WAIT or DONE.
Answer = Union[Mapping[str, Value], Proposal, List[Proposal], _Signal]


class Strategy:
    """A search strategy. Override `ask`, and `tell` where it learns.

    tonne makes one instance for each search, in a process of its own. The same calls must give the same answers, so draw
    from the generator that `ask` is given (or seed another with `self.search.seed`), and read no clock.
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        #: Arithmetic of the strategy's own computing so far, in FLOPs. What it grows by is charged to the search.
        self.flops: float = 0.0

    def ask(self, id: int, rng: random.Random) -> Answer:
        """The next candidate, which will be told as trial `id`. `rng` is a fresh generator for each call."""
        raise NotImplementedError

    def tell(self, trial: Trial) -> None:
        """A trial has ended: each one once, in the order in which they end, which need not be that of asking."""
