"""The loop between tonne and a strategy."""

from __future__ import annotations

import contextlib
import json
import random
import sys
from typing import Any, Callable, Dict, List, Mapping, Optional, TextIO

from .messages import VERSION, ProtocolError, Search, Trial
from .strategy import Answer, Proposal, Strategy, _Signal


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's."""
    if hasattr(value, "item"):
        return value.item()
    raise ProtocolError(f"{value!r} cannot be sent: answers hold numbers and texts")


def _checked(proposal: Proposal, search: Search) -> Dict[str, Any]:
    message = json.loads(json.dumps(proposal.as_message(), default=_plain))
    wrong = search.space.problem_with(message["parameters"])
    if wrong:
        raise ProtocolError(f"a proposal is wrong: {wrong}")
    return message


def _message(answer: Answer, search: Search) -> Dict[str, Any]:
    if isinstance(answer, _Signal):
        return {answer.key: True}
    if isinstance(answer, Proposal):
        return _checked(answer, search)
    if isinstance(answer, Mapping):
        return _checked(Proposal(answer), search)
    if isinstance(answer, (list, tuple)) and answer:
        each: List[Proposal] = [one if isinstance(one, Proposal) else Proposal(one) for one in answer]
        return {"proposals": [_checked(one, search) for one in each]}
    raise ProtocolError(f"ask() gave {answer!r}: expected parameters, a Proposal, a list of these, WAIT or DONE")


def serve(make: Callable[[Search], Strategy], stdin: Optional[TextIO] = None, stdout: Optional[TextIO] = None) -> None:
    """Answers tonne until the search ends. `make` is a subclass of Strategy, or makes an instance of one.

    What the strategy prints goes to standard error, since standard output belongs to the protocol. Exceptions of the strategy
    pass through: Python prints them on standard error, which tonne quotes. Raises ProtocolError for an answer that tonne would
    refuse.
    """
    lines = sys.stdin if stdin is None else stdin
    output = sys.stdout if stdout is None else stdout

    def send(message: Dict[str, Any]) -> None:
        output.write(json.dumps(message, allow_nan=False) + "\n")
        output.flush()

    first = lines.readline()
    if not first:
        return
    with contextlib.redirect_stdout(sys.stderr):
        search = Search.read(json.loads(first))
        strategy = make(search)
        send({"tonne": VERSION})
        charged = 0.0
        for line in lines:
            message = json.loads(line)
            for told in message["tell"]:
                strategy.tell(Trial.read(told))
            answer = _message(strategy.ask(message["ask"], random.Random(message["seed"])), search)
            if strategy.flops > charged:
                answer["flops"] = strategy.flops - charged
                charged = strategy.flops
            send({"ask": message["ask"], **answer})
