import numpy as np
import pytest

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.measurement import (
    ExecutionSettings,
    RadiomicsSettings,
    extract_features,
    lesion_features,
)
from spl_kedro.features.measurement import stock as module

from ..radiomics.lesions import speckle_lesion

STOCK = RadiomicsSettings(engine="stock", preset="us2d-native")
HERE = ExecutionSettings(backend="threads", workers=1, progress=False)


def test_engine_stock_measures_with_pyradiomics_and_the_log_says_so_once(pyradiomics, caplog):
    lesions = {name: lambda: speckle_lesion(radii=(6, 7)) for name in ("a", "b")}
    with caplog.at_level("INFO"):
        table = extract_features(lesions, STOCK, HERE).features
    fast = lesion_features(speckle_lesion(radii=(6, 7)), RadiomicsSettings(preset="us2d-native"))
    np.testing.assert_allclose(table.to_numpy(), [fast, fast], rtol=1e-12)
    assert sum("pyradiomics itself" in record.message for record in caplog.records) == 1


def test_engine_stock_without_pyradiomics_stops_with_what_to_do(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnusableStudyError, match=r"engine: fast.*Python 3\.11") as caught:
        extract_features({"a": speckle_lesion}, STOCK, HERE)
    assert "\n" not in str(caught.value)
