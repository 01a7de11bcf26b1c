"""The notebooks run, and the committed .ipynb is made from its source and has outputs."""

import importlib.util
import runpy
from pathlib import Path

import jupytext
import matplotlib.pyplot
import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
specification = importlib.util.spec_from_file_location("notebooks_build", FOLDER / "build.py")
assert specification is not None and specification.loader is not None
build = importlib.util.module_from_spec(specification)
specification.loader.exec_module(build)
SOURCES = build.sources()


def test_there_are_notebooks():
    assert len(SOURCES) >= 2


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_runs(source, monkeypatch):
    monkeypatch.setattr(matplotlib.pyplot, "show", lambda: None)
    matplotlib.use("Agg")
    runpy.run_path(str(source))
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_committed_notebook_is_current_and_has_outputs(source):
    committed = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert build.same_source(committed, jupytext.read(source))
    with_output = [cell for cell in committed.cells if cell.cell_type == "code" and cell.outputs]
    assert len(with_output) >= 5
    assert not any(output.output_type == "error" for cell in with_output for output in cell.outputs)
