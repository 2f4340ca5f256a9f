"""The realism pipeline as `kedro run` runs it, on drawn images in place of real ones."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.projects import kedro_sessions, make_project
from tests.sceptic.realism.images import speckle

from spl_kedro.errors import UnusableStudyError
from spl_kedro.pipelines.realism.nodes import measure_sets
from spl_kedro.pipelines.realism.parameters import RealismParameters
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.schemas import Findings


def save(array: np.ndarray, path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.rint(array).astype(np.uint8)).save(path)


def test_real_images_in_their_folders_become_a_table_and_a_figure(tmp_path, monkeypatch):
    lung, breast = tmp_path / "lung", tmp_path / "breast"
    mask = np.zeros((300, 220), dtype=np.uint8)
    mask[80:160, 60:150] = 255
    for number in range(4):
        rng = np.random.default_rng(number)
        save(speckle(rng, (320, 260)), lung / f"lung{number}.png")
        save(speckle(rng, mask.shape), breast / f"images/case{number}.png")
        save(mask, breast / f"masks/case{number}_tumor.png")
    (lung / "damaged.png").write_bytes(b"no image")
    (lung / "README.md").write_text("no image either")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.png")}
    monkeypatch.setenv("LUNG_DIR", str(lung))
    monkeypatch.setenv("BREAST_DIR", str(breast))
    project = make_project(tmp_path / "project")
    ended = kedro_sessions(project, "test", "realism")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    data = project / "data/test"
    table = pd.read_parquet(data / "07_model_output/sceptic_realism.parquet")
    own = table[~table["reference"]]
    assert set(own["comparison"]) == {"lung", "breast"}
    assert set(own.loc[own["region"] == "lesion", "comparison"]) == {"breast"}
    assert set(table["simulation_seed"]) == {20260324}
    assert own.loc[own["comparison"] == "lung", "second_images"].unique().tolist() == [4]
    assert (data / "08_reporting/realism.png").stat().st_size > 10_000
    left_out = Findings.validate(pd.read_parquet(data / "03_primary/findings/realism.parquet"))
    assert left_out.set_index("lesion_id")["rule"].to_dict() == {
        "README.md": "known file type",
        "damaged.png": "readable file",
    }
    # Real images are only read.
    assert {path: path.read_bytes() for path in before} == before


def test_without_any_real_image_the_run_ends_with_what_to_set():
    with pytest.raises(UnusableStudyError, match="export LUNG_DIR"):
        measure_sets({}, {}, {}, SimulationParameters(), RealismParameters())
