"""Experiments."""

import json
import os
import pathlib
import tempfile
from typing import Any, Mapping, Optional, Union

from . import _core
from .results import Results

Experiment = Union[str, "os.PathLike[str]", Mapping[str, Any]]


def _with_objects(experiment):
    """The dictionary with objects of Python's replaced by entries that name them, and these objects in order."""
    objects = []

    def number(entry):
        owner = getattr(entry, "_tonne_kind", None)
        if owner is None:
            return entry
        objects.append(entry)
        name = getattr(entry, "name", None) or (entry.__name__ if isinstance(entry, type) else type(entry).__name__)
        named = {"object": len(objects) - 1, "name": name}
        return {"python": {**named, "label": name}}

    made = dict(experiment)
    for key in ("problems", "strategies"):
        entries = made.get(key)
        if entries is None:
            continue
        if isinstance(entries, (str, Mapping)) or hasattr(entries, "_tonne_kind"):
            entries = [entries]
        made[key] = [number(entry) for entry in entries]
    return made, objects


def _text_of(experiment):
    """(text, file, folder in which relative paths start, objects)"""
    if isinstance(experiment, Mapping):
        made, objects = _with_objects(experiment)
        made.setdefault("name", "python")
        return json.dumps(made), "experiment", os.getcwd(), objects
    if isinstance(experiment, os.PathLike) or "\n" not in experiment:
        path = pathlib.Path(experiment)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise _core.InputError(f"{path}: cannot be read: {error.strerror}") from None
        return text, str(path), str(path.parent or "."), []
    return experiment, "experiment", os.getcwd(), []


def run(experiment: Experiment, *, out: Optional["os.PathLike[str]"] = None, threads: Optional[int] = None, resume: bool = False,
        allow_external: bool = False, csv: bool = False, cost_model: Any = None) -> Results:
    """Runs an experiment and gives its results.

    `experiment`: a file, its text (YAML), or a dictionary of the same form, in which problems and strategies may be objects of
    yours (tonne.Problem, tonne.StrategyBase). `out`: the results folder; None: a temporary one, which lives as long as what is
    returned. `threads`: None: all cores, but one where Python is asked (it runs one at a time). `csv`: trials.csv, too.
    `cost_model`: a tonne.CostModel in the place of `cluster`'s. Ctrl-C stops it; with `out`, `resume` goes on.
    """
    if resume and cost_model is not None:
        raise _core.InputError("resume: a results folder does not know a cost_model's code; run it anew")
    text, file, directory, objects = _text_of(experiment)
    temporary = tempfile.TemporaryDirectory(prefix="tonne-") if out is None else None
    folder = pathlib.Path(temporary.name) / "results" if temporary else pathlib.Path(out)
    if threads is None:
        threads = 1 if objects or cost_model is not None else 0
    _core.run_experiment(text=text, file=file, directory=directory, folder=folder, threads=threads, resume=resume,
                         allow_external=allow_external, csv=csv, objects=objects, cost_model=cost_model)
    return Results(folder, _temporary=temporary)
