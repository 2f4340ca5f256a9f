import builtins

import pandas as pd
import pytest

from spl_kedro.features.measurement import (
    ExecutionSettings,
    RadiomicsSettings,
    extract_features,
)
from spl_kedro.features.radiomics import feature_names, feature_schema
from spl_kedro.features.radiomics import presets as module
from spl_kedro.features.radiomics.presets import MissingDependencyError, require_dependencies

from .lesions import speckle_lesion


def test_the_study_preset_has_1561_features_in_the_published_classes():
    schema = feature_schema("us2d-1561")
    assert len(schema) == 1561
    assert schema["feature_class"].value_counts().to_dict() == {
        "firstorder": 306, "glcm": 374, "glrlm": 272, "glszm": 272,
        "gldm": 238, "ngtdm": 85, "shape": 14,
    }  # fmt: skip
    assert schema["image_type"].nunique() == 17


def test_the_native_preset_has_1283_features_none_degenerate():
    schema = feature_schema("us2d-native")
    assert len(schema) == 1283
    assert schema["image_type"].nunique() == 14
    assert not schema["degenerate"].any()


def test_four_noise_bands_and_two_flat_shapes_are_marked_degenerate():
    schema = feature_schema("us2d-1561")
    degenerate = schema[schema["degenerate"]]
    assert len(degenerate) == 4 * 91 + 2
    assert set(degenerate["image_type"]) == {
        "original", "wavelet-LLH", "wavelet-LHH", "wavelet-HLH", "wavelet-HHH",
    }  # fmt: skip


def test_names_are_unique():
    for preset in ("us2d-1561", "us2d-native"):
        assert pd.Index(feature_names(preset)).is_unique


def test_a_schema_with_other_counts_is_refused(monkeypatch):
    counts = {**module.PRESETS["us2d-1561"].class_counts, "glcm": 375}
    monkeypatch.setitem(module.PRESETS["us2d-1561"].class_counts, "glcm", counts["glcm"])
    with pytest.raises(RuntimeError, match="expected"):
        feature_schema("us2d-1561")


def _without(monkeypatch, missing):
    real = builtins.__import__

    def fake(name, *args, **kwargs):
        if name == missing or name.startswith(missing + "."):
            raise ImportError(f"no module named {missing}")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)


@pytest.mark.parametrize(
    ("preset", "missing"), [("us2d-1561", "trimesh"), ("us2d-native", "skimage")]
)
def test_a_missing_library_stops_the_whole_extraction(monkeypatch, preset, missing):
    _without(monkeypatch, missing)
    with pytest.raises(MissingDependencyError, match="pip install"):
        extract_features(
            {"a": speckle_lesion},
            RadiomicsSettings(preset=preset),
            ExecutionSettings(backend="threads", workers=1, progress=False),
        )


def test_a_scipy_without_the_spherical_harmonics_stops_the_whole_extraction(monkeypatch):
    import scipy.special

    monkeypatch.delattr(scipy.special, "sph_harm_y")
    with pytest.raises(MissingDependencyError, match=r"SciPy 1\.15"):
        require_dependencies("us2d-1561")
