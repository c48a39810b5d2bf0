import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def program():
    """Runs the command line; gives what it printed."""

    def run(*arguments, cwd):
        done = subprocess.run([os.environ["TONNE_PROGRAM"], *map(str, arguments)], cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def root():
    return ROOT
