"""pip install ./experiments/python: builds the module with CMake, as ./quickstart --python does, and installs it."""

import pathlib
import re
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = pathlib.Path(__file__).resolve().parents[2]


class BuildWithCMake(build_ext):
    def build_extension(self, extension):
        target = pathlib.Path(self.get_ext_fullpath(extension.name)).resolve()
        build = ROOT / "build" / "pip"
        subprocess.run(["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DTONNE_TESTS=OFF",
                        "-DTONNE_PYTHON=ON", f"-DPython_EXECUTABLE={sys.executable}"], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "tonne_python"], check=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(next((build / "python" / "tonne").glob("_core*.so")), target)


setup(
    version=re.search(r"project\(tonne VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1),
    packages=["tonne"],
    package_data={"tonne": ["py.typed", "*.pyi"]},
    ext_modules=[Extension("tonne._core", [])],
    cmdclass={"build_ext": BuildWithCMake},
)
