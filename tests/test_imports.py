"""Importing the package does no work: no file is read and no setting of the process is changed."""

import subprocess
import sys

from tests.paths import ROOT

_PROBE = """
import importlib, pkgutil, sys
from pathlib import Path

import genre_app

folder = Path(genre_app.__file__).parent

def report(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        path = Path(arguments[0])
        if path.is_relative_to(folder) and path.suffix not in {".py", ".pyc"}:
            print(path.relative_to(folder))

sys.addaudithook(report)
modules = [module.name for module in pkgutil.walk_packages([str(folder)], "genre_app.")]
for name in modules:
    if not name.endswith(".__main__"):
        importlib.import_module(name)
print(len(modules), file=sys.stderr)
"""


def test_importing_every_module_reads_no_file_of_the_package() -> None:
    run = subprocess.run([sys.executable, "-c", _PROBE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(run.stderr.splitlines()[-1]) > 100
    assert run.stdout.splitlines() == []
