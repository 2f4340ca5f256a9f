"""The notebooks, executed as Jupyter would, in a kernel whose sockets are watched."""

import os
from pathlib import Path

from tests.projects import ROOT
from tests.sockets import asked_of_others, watching

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def executed(name: str, folder: Path, **environment: str) -> str:
    """Run a notebook and return all that it shows as text; it must ask no other machine.

    Parameters
    ----------
    name : str
        Of a file in notebooks/, without suffix.
    folder : Path
        Where what the watch needs is written.
    **environment : str
        Environment variables of the kernel.
    """
    # They take seconds to be imported, by every process that collects the tests.
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(ROOT / f"notebooks/{name}.ipynb", as_version=4)
    watch = folder / f"watch_{name}"
    client = NotebookClient(
        book, timeout=600, resources={"metadata": {"path": str(ROOT / "notebooks")}}
    )
    variables = os.environ | {"MPLBACKEND": "agg"} | environment | watching(watch)
    client.execute(env=variables)
    assert asked_of_others(watch) == []
    outputs = [out for cell in book.cells for out in cell.get("outputs", [])]
    return "\n".join(out.get("text") or out["data"].get("text/plain", "") for out in outputs)
