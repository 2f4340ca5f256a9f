import json
import subprocess
import sys

import pytest
from tests.projects import ROOT

# In a process of its own: this one has imported the libraries for other tests.
PROBE = """
import json, logging, sys
from pathlib import Path
from kedro.framework.startup import bootstrap_project

bootstrap_project(Path.cwd())
from kedro.framework.project import pipelines
from kedro.validation.type_extractor import TypeExtractor

names = sorted(pipelines)
notes = []
handler = logging.Handler()
handler.emit = lambda record: notes.append(record.getMessage())
logging.getLogger("kedro.validation.type_extractor").addHandler(handler)
typed = TypeExtractor({name: pipelines[name] for name in names}).extract_types_from_pipelines()
parameters = {
    name.removeprefix("params:")
    for pipeline in pipelines.values()
    for name in pipeline.inputs()
    if name.startswith("params:")
}
print(json.dumps({
    "pipelines": names,
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    # A part of parameters that are typed is checked with them.
    "untyped": sorted(p for p in parameters if p not in typed and p.partition(".")[0] not in typed),
    "notes": notes,
}))
"""
SLOW = {
    "autograd",
    "captum",
    "dask",
    "distributed",
    "lifelines",
    "matplotlib",
    "mlflow",
    "numba",
    "radiomics",
    "shap",
    "SimpleITK",
    "skimage",
    "sklearn",
    "statsmodels",
    "tableone",
    "torch",
    "torchvision",
}


@pytest.fixture(scope="module")
def registry() -> dict[str, list[str]]:
    """What a process knows that has registered the pipelines and read their parameters' types."""
    ended = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_every_pipeline_is_registered(registry):
    folders = {path.parent.name for path in ROOT.glob("src/spl_kedro/pipelines/*/pipeline.py")}
    assert set(registry["pipelines"]) == folders | {"__default__"}


def test_registering_the_pipelines_imports_no_slow_library(registry):
    assert "spl_kedro" in registry["modules"]
    assert SLOW.isdisjoint(registry["modules"])


def test_every_parameter_of_every_pipeline_is_checked_by_its_type(registry):
    # A name in a node's signature that is not there at run time would leave it unchecked.
    assert registry["notes"] == []
    assert registry["untyped"] == []
