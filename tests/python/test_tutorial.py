"""docs/tutorial-your-own-search.md: its commands run in order, and print what the page shows. docs/notebooks: pages of their cells."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import notebook  # noqa: E402

PAGE = "docs/tutorial-your-own-search.md"


def commands_of(text):
    """(command, the lines that follow it) of each `$ ` in the page's consoles."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def missing_line(shown, printed):
    """The first shown line that is not printed, in order; '...' stands for any lines."""
    rest = iter(line.rstrip() for line in printed.splitlines())
    for line in shown:
        if line.strip() != "..." and line.rstrip() not in rest:
            return line
    return None


def test_lines_are_looked_for_in_order():
    assert missing_line(["a", "...", "c"], "a\nb\nc\n") is None
    assert missing_line(["c", "a"], "a\nb\nc\n") == "a"
    assert missing_line(["  a"], "a\n") == "  a"


def test_the_pages_commands_print_what_it_shows(root, tmp_path):
    pytest.importorskip("optuna")
    for folder in ("docs", "configs"):
        (tmp_path / folder).symlink_to(root / folder)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "tonne").symlink_to(os.path.abspath(os.environ["TONNE_PROGRAM"]))
    (programs / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python3").chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    commands = commands_of((root / PAGE).read_text())
    assert len(commands) >= 10
    for command, shown in commands:
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        assert missing_line(shown, done.stdout) is None, f"{command}\n{done.stdout}"
        refused = "--device H100" in command
        assert done.returncode == (2 if refused else 0), f"{command}\n{done.stdout}"


def test_pages_of_notebooks_are_those_of_their_cells(root):
    pytest.importorskip("sklearn")
    path = root / "docs/notebooks/own_training.ipynb"
    assert notebook.comparable(path.with_suffix(".md").read_text()) == notebook.comparable(notebook.markdown(path))
