"""Search strategies for tonne in Python: subclass `Strategy`, end the script with `serve(YourStrategy)`.

Speaks version 1 of the JSON-lines protocol (docs/external-protocol.md) and needs nothing but Python. An experiment runs
the script with

    strategies:
      - external: {command: [python3], script: my_strategy.py}

and `tonne run my.yaml --allow-external`.
"""

from .messages import Fidelity, Loss, ProtocolError, Search, Trial
from .serving import serve
from .space import Parameter, Space, Value
from .strategy import DONE, WAIT, Answer, Proposal, Strategy

__all__ = ["Answer", "DONE", "Fidelity", "Loss", "Parameter", "Proposal", "ProtocolError", "Search", "Space", "Strategy", "Trial",
           "Value", "WAIT", "serve"]
