"""Results of an experiment."""

import html
import io
import json
import os
import pathlib
import tempfile
import zipfile
from typing import Any, Optional

import numpy

from . import _core

try:
    import pandas
except ImportError:
    pandas = None


def _frame(columns):
    """A DataFrame; without pandas the dictionary of arrays itself."""
    return columns if pandas is None else pandas.DataFrame(columns)


def _choice(codes, names, ordered):
    """Codes (NaN: inactive) as a categorical column, or as an array of objects."""
    codes = numpy.where(numpy.isnan(codes), -1, codes).astype(numpy.int64)
    if pandas is not None:
        return pandas.Categorical.from_codes(codes, names, ordered=ordered)
    return numpy.array([*names, None], dtype=object)[codes]


class Results:
    """A results folder. Tables are pandas DataFrames, or dictionaries of NumPy arrays where pandas is absent; energy in J, carbon in
    kg CO2e, money in USD, times in seconds from the search's start."""

    def __init__(self, folder: "os.PathLike[str]", _temporary: Any = None):
        self.folder = pathlib.Path(folder)
        self._temporary = _temporary  # its folder goes with the last reference
        self._store = _core.Store(self.folder)

    @property
    def name(self) -> str:
        return self._store.meta("name")

    @property
    def digest(self) -> str:
        """32 hex digits over everything recorded: equal results have equal digests."""
        return self._store.digest()

    def summary(self) -> dict:
        """What summary.json holds."""
        return json.loads(self._store.summary())

    def leaderboard(self):
        """One row a strategy on a problem in a scenario, as summary.json has them: nested values as columns "a.b"."""
        rows = [_flat({"problem": board.get("problem"), "scenario": board.get("scenario"), **row}) for board, row in _rows(self.summary())]
        names = list(dict.fromkeys(key for row in rows for key in row))
        return _frame({name: [row.get(name) for row in rows] for name in names})

    def cells(self):
        """One row a search: cell, problem, scenario, strategy, seed, why it stopped, evaluations, failures."""
        rows = self._cells()
        names = ["cell", "problem", "scenario", "strategy", "seed", "stop", "evaluations", "failures"]
        return _frame({name: [row[i] for row in rows] for i, name in enumerate(names)})

    def trials(self, problem: Optional[str] = None):
        """One row a trial: the search (cell, problem, scenario, strategy, seed), the trial, its objectives and constraints under
        their names, its parameters as "parameter NAME" columns (NaN or None: inactive). `problem`: of this one alone, by its label."""
        cells = {row[0]: row for row in self._cells()}
        parts = []
        for described, columns in zip(self._store.problems(), self._store.trials()):
            if problem is None or described["label"] == problem:
                parts.append(self._trial_columns(described, columns, cells))
        if problem is not None and not parts:
            raise _core.InputError(f"problem: found {problem!r}, expected one of {[p['label'] for p in self._store.problems()]}")
        if len(parts) == 1:
            return _frame(parts[0])
        if pandas is None:
            raise _core.InputError("trials: problems have different parameters; name one, as in trials(problem=...)")
        return pandas.concat([_frame(part) for part in parts], ignore_index=True)

    def incumbents(self):
        """One row each time that a search found a new best, with what it had spent by then."""
        cells = {row[0]: row for row in self._cells()}
        names = ["cell", "number", "trial", "evaluations", "configuration", "fidelity", "observed", "true_value", "time_s", "trained",
                 "energy_j", "operational_kg", "embodied_kg", "usd"]
        return self._with_cells(cells, names, self._store.incumbents())

    def ledger(self):
        """One row an account (search, failed, idle, ...) and line (device_dynamic, host, embodied, ...) of each search."""
        cells = {row[0]: row for row in self._cells()}
        return self._with_cells(cells, ["cell", "account", "line", "energy_j", "operational_kg", "embodied_kg", "usd", "water_l"],
                                self._store.ledger())

    def report(self, file: "Optional[os.PathLike[str]]" = None, *, target: Optional[float] = None, worth: float = 0.0) -> pathlib.Path:
        """Writes the report as one HTML page, into the results folder unless a file is named; gives its place."""
        file = self.folder / "report.html" if file is None else pathlib.Path(file)
        self._store.write_report(file, target, worth)
        return file

    def _repr_html_(self) -> str:
        page = html.escape(self._store.report(None, 0.0), quote=True)
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width: 100%; height: 800px; border: 0"></iframe>'

    def __repr__(self):
        cells = len(self._store.cells())
        return f"<tonne.Results {self.name}: {cells} of {self._store.planned_cells()} searches, {self._store.trial_count()} trials, in {self.folder}>"

    def __eq__(self, other):
        return isinstance(other, Results) and self.digest == other.digest

    def __hash__(self):
        return hash(self.digest)

    def __getstate__(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as files:
            for file in sorted(self.folder.iterdir()):
                if file.is_file() and not file.name.startswith("."):
                    files.write(file, file.name)
        return buffer.getvalue()

    def __setstate__(self, state):
        temporary = tempfile.TemporaryDirectory(prefix="tonne-")
        with zipfile.ZipFile(io.BytesIO(state)) as files:
            files.extractall(temporary.name)
        self.__init__(temporary.name, _temporary=temporary)

    def _cells(self):
        problems = [problem["label"] for problem in self._store.problems()]
        scenarios, strategies = self._store.scenarios(), self._store.strategies()
        return [(c[0], problems[c[1]], scenarios[c[2]], strategies[c[3]], *c[4:]) for c in self._store.cells()]

    def _trial_columns(self, described, columns, cells):
        cell = columns.pop("cell")
        out = {"cell": cell}
        numbers, place = numpy.unique(cell, return_inverse=True)
        for i, name in enumerate(["problem", "scenario", "strategy", "seed"], start=1):
            values = [cells[number][i] if number in cells else None for number in numbers]
            out[name] = numpy.array(values, dtype=object if name != "seed" else None)[place] if len(numbers) else numpy.array([])
        objectives, constraints, values = columns.pop("objectives"), columns.pop("constraints"), columns.pop("parameters")
        out["status"] = _choice(columns.pop("status").astype(float), _core.STATUSES, False)
        out.update(columns)
        for (name, _, _), column in zip(described["objectives"], objectives):
            out[name] = column
        for i, column in enumerate(constraints):
            out[f"constraint {i + 1}"] = column
        for (name, kind, names), column in zip(described["parameters"], values):
            out[f"parameter {name}"] = _choice(column, names, kind == "ordinal") if names else column
        return out

    @staticmethod
    def _with_cells(cells, names, rows):
        out = {"cell": [row[0] for row in rows]}
        for i, name in enumerate(["problem", "scenario", "strategy", "seed"], start=1):
            out[name] = [cells[row[0]][i] if row[0] in cells else None for row in rows]
        for i, name in enumerate(names[1:], start=1):
            out[name] = [row[i] for row in rows]
        return _frame({name: numpy.array(column) if column and isinstance(column[0], float) else column for name, column in out.items()})


def _rows(summary):
    for board in summary["leaderboards"]:
        for row in board["rows"]:
            yield board, row


def _flat(value, prefix=""):
    flat = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            flat.update(_flat(inner, f"{prefix}{key}."))
        else:
            flat[prefix + key] = inner
    return flat


def open(folder: "os.PathLike[str]") -> Results:
    """Results that `tonne run`, run() or `tonne import` made, by their folder."""
    return Results(folder)
