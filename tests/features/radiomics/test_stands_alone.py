"""The engine imports nothing else of the project, and not pyradiomics."""

import ast
from pathlib import Path

from spl_kedro.features import radiomics

PACKAGE = "spl_kedro.features.radiomics"


def _imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield PACKAGE if node.level else node.module


def test_every_import_is_of_the_engine_itself_or_of_a_library_that_measures():
    folder = Path(radiomics.__file__).parent
    files = sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".pyi"})
    assert len(files) > 10
    ours = {name for file in files for name in _imported(file) if name.startswith("spl_kedro")}
    assert all(name == PACKAGE or name.startswith(f"{PACKAGE}.") for name in ours), ours
    roots = {name.partition(".")[0] for file in files for name in _imported(file)}
    assert roots <= {
        "__future__", "collections", "dataclasses", "functools", "hashlib", "math", "pathlib",
        "typing", "warnings",
        "SimpleITK", "lazy_loader", "numba", "numpy", "pandas", "pywt", "scipy", "skimage",
        "spl_kedro", "trimesh",
    }  # fmt: skip
