import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.measurement.stability_figure import stability_figure
from spl_kedro.features.radiomics import feature_schema

SCHEMA = feature_schema("us2d-native")


def _stability(icc, schema=SCHEMA):
    table = pd.DataFrame({"icc": icc, "threshold": 0.75}, index=schema.index)
    table["stable"] = table["icc"] >= table["threshold"]
    return table.assign(lesions=50, outlines=2, source="second reader")


def test_the_title_counts_the_stable_features_and_tells_the_comparison():
    icc = np.full(len(SCHEMA), 0.5)
    icc[:300] = 0.9
    title = stability_figure(_stability(icc), SCHEMA).get_suptitle()
    assert title.startswith("300 of 1283 informative features have an ICC of at least 0.75")
    assert "50 training lesions, 2 outlines each, second reader" in title
    assert "imulated" not in title


def test_the_title_says_that_patients_are_simulated():
    stability = _stability(np.full(len(SCHEMA), 0.9))
    title = stability_figure(stability, SCHEMA, simulated=True).get_suptitle()
    assert "Simulated patients" in title


@pytest.mark.parametrize("preset", ["us2d-1561", "us2d-native"])
def test_a_feature_without_coefficient_counts_among_all_informative_and_is_not_stable(preset):
    schema = feature_schema(preset)
    informative = schema.index[~schema["degenerate"]]
    icc = pd.Series(0.8, index=schema.index)
    icc[informative[:3]] = np.nan
    figure = stability_figure(_stability(icc, schema), schema)
    n = len(informative)
    assert figure.get_suptitle().startswith(f"{n - 3} of {n} ")
    shares = [text.get_text().split(" of ") for text in figure.axes[0].texts]
    assert sum(int(stable) for stable, _ in shares) == n - 3
    assert sum(int(every) for _, every in shares) == n


def test_too_few_lesions_are_said_instead_of_drawn():
    figure = stability_figure(_stability(np.nan), SCHEMA)
    assert "Too few lesions" in figure.get_suptitle()
