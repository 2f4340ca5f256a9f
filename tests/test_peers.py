import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spl_kedro.features.measurement.stock import pyradiomics_parameters
from spl_kedro.features.radiomics import PRESETS, feature_names

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def peers():
    return runpy.run_path(str(BENCHMARKS / "peers.py"))


def test_a_feature_agrees_as_far_as_its_worst_lesion(peers):
    ours = [{"a": 1.0, "b": 2.0, "own": 1.0}, {"a": 4.0, "b": 0.0, "own": 1.0}]
    theirs = [{"a": 1.0, "b": 2.0, "other": 1.0}, {"a": 2.0, "b": 0.0, "other": 1.0}]
    assert peers["agreement"](ours, theirs) == {"a": 0.5, "b": 0.0}


def test_a_value_that_is_no_number_agrees_with_none(peers):
    assert peers["distance"](float("nan"), float("nan")) == float("inf")
    assert peers["distance"](float("inf"), float("inf")) == float("inf")


@pytest.mark.parametrize(
    ("naming", "theirs", "ours"),
    [
        ("fastrad", "firstorder:90th_percentile", "original_firstorder_90Percentile"),
        ("fastrad", "shape2D:MeshSurface", "original_shape2D_MeshSurface"),
        ("fastrad", "glcm:joint_energy", "original_glcm_JointEnergy"),
        ("ibsi", "grey_level_variance_8CE5", "original_glrlm_GrayLevelVariance"),
        ("mirp", "cm_contrast_d1_2d_avg_fbs_w5.0", "original_glcm_Contrast"),
        ("mirp", "szm_sze_2d_fbs_w5.0", "original_glszm_SmallAreaEmphasis"),
        ("mirp", "ngl_dc_entr_d1_a0.0_2d_fbs_w5.0", "original_gldm_DependenceEntropy"),
        ("mirp", "morph_volume", "original_shape_MeshVolume"),
    ],
)
def test_other_tools_names_are_translated_into_ours(peers, naming, theirs, ours):
    assert peers["renamed"]({theirs: 2.5}, naming) == {ours: 2.5}


def test_the_standards_kurtosis_is_pyradiomics_less_three(peers):
    renamed = peers["renamed"]({"stat_kurt": 0.5, "stat_cov": 1.0}, "mirp")
    assert renamed == {"original_firstorder_Kurtosis": 3.5}


def test_the_table_of_names_holds_every_texture_feature_of_ours_once(peers):
    names = peers["table_of_names"]()
    ours = {
        name.removeprefix("original_")
        for name in feature_names("us2d-1561")
        if name.startswith("original_")
    }
    assert set(names["ours"]) <= ours
    assert {n for n in ours if not n.startswith(("shape", "firstorder"))} <= set(names["ours"])
    assert not names.isna().any().any()
    assert all(names[column].is_unique for column in names)


def test_a_tool_that_cannot_be_installed_is_a_row_that_says_why(peers, tmp_path):
    peers["ENVIRONMENTS"]["none"] = ("1.0", "nothing==0")  # no such Python
    tool = peers["Tool"]("ours", environment="none")
    found = peers["measured"](tool, tmp_path, tmp_path / "environments", 1, 60.0)
    assert list(found) == ["skipped"]
    row = peers["row"](found, {}, [], "pyradiomics", set())
    assert "| none | not measured: " in peers["markdown"]({"none": row})


def test_the_worker_measures_stored_lesions_with_us(peers, tmp_path):
    rng = np.random.default_rng(0)
    mask = np.zeros((40, 50), dtype=bool)
    mask[10:30, 15:40] = True
    image = rng.integers(0, 256, mask.shape).astype(float)
    np.savez(tmp_path / "made.npz", image=image, mask=mask)
    settings = pyradiomics_parameters(PRESETS["us2d-1561"], 5.0)
    (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    found = peers["measured"](peers["Tool"]("ours"), tmp_path, tmp_path, 1, 300.0)
    row = peers["row"](found, found, found["values"], "pyradiomics", set())
    assert (row["features"], row["common"], row["equal"]) == (1561, 1561, 1561)
    assert "| spl_kedro (" in peers["markdown"]({"spl_kedro": row})


def test_the_worker_imports_no_tool_before_it_is_chosen():
    code = (
        f"import runpy, sys; runpy.run_path({str(BENCHMARKS / 'peers_worker.py')!r}); "
        "print([m for m in ('radiomics', 'spl_kedro', 'torch', 'mirp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
