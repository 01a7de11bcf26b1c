"""Notebooks from their sources: `python notebooks/build.py` writes them, `--check` executes and compares.

The source of a notebook is the percent-format script beside it, which reviews as code. The .ipynb is generated from it
with its outputs, so that it can be read without running. `--check` executes every notebook and fails if one raises or
if a committed .ipynb was made from another source.
"""

import argparse
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parent


def sources() -> list[Path]:
    """The percent-format scripts, by number."""
    return sorted(FOLDER.glob("[0-9][0-9]_*.py"))


def execute(source: Path) -> nbformat.NotebookNode:
    """The notebook of a source with fresh outputs and nothing that differs between two equal runs."""
    notebook = jupytext.read(source)
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    for position, cell in enumerate(notebook.cells):
        cell.id = f"cell-{position}"
        cell.metadata = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def same_source(a: nbformat.NotebookNode, b: nbformat.NotebookNode) -> bool:
    """Do two notebooks have the same cells, whatever their outputs?"""
    return [(c.cell_type, c.source) for c in a.cells] == [(c.cell_type, c.source) for c in b.cells]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="execute and compare, write nothing")
    check = parser.parse_args().check
    failures = 0
    for source in sources():
        target = source.with_suffix(".ipynb")
        try:
            notebook = execute(source)
        except CellExecutionError as error:
            print(f"{source.name}: {error}", file=sys.stderr)
            failures += 1
            continue
        if not check:
            nbformat.write(notebook, target)
            print(f"{target.name} written")
        elif not target.exists() or not same_source(nbformat.read(target, as_version=4), notebook):
            print(f"{target.name} is stale: run `python notebooks/build.py`", file=sys.stderr)
            failures += 1
        else:
            print(f"{target.name} is current")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
