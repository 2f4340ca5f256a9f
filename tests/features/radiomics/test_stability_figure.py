import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.radiomics import feature_schema
from spl_kedro.features.radiomics.stability_figure import stability_figure

SCHEMA = feature_schema("us2d-native")


def _stability(icc):
    return pd.DataFrame(
        {"icc": icc, "lesions": 50, "outlines": 2, "source": "second reader"}, index=SCHEMA.index
    )


def test_the_title_counts_the_stable_features_and_tells_the_comparison():
    icc = np.full(len(SCHEMA), 0.5)
    icc[:300] = 0.9
    title = stability_figure(_stability(icc), SCHEMA, 0.75).get_suptitle()
    assert title.startswith("300 of 1283 informative features have an ICC of at least 0.75")
    assert "50 lesions, 2 outlines each, second reader" in title
    assert "simulated" not in title


def test_the_title_says_that_patients_are_simulated():
    stability = _stability(np.full(len(SCHEMA), 0.9))
    assert (
        "simulated patients"
        in stability_figure(stability, SCHEMA, 0.75, simulated=True).get_suptitle()
    )


@pytest.mark.parametrize("preset", ["us2d-1561", "us2d-native"])
def test_degenerate_features_and_features_without_coefficient_are_not_counted(preset):
    schema = feature_schema(preset)
    stability = pd.DataFrame(
        {"icc": 0.8, "lesions": 9, "outlines": 6, "source": "perturbed outlines"},
        index=schema.index,
    )
    informative = schema.index[~schema["degenerate"]]
    stability.loc[informative[:3], "icc"] = np.nan
    figure = stability_figure(stability, schema, 0.75)
    expected = len(informative) - 3
    assert figure.get_suptitle().startswith(f"{expected} of {expected} ")
    left = figure.axes[0]
    shares = [text.get_text() for text in left.texts]
    assert sum(int(share.split(" of ")[1]) for share in shares) == expected


def test_too_few_lesions_are_said_instead_of_drawn():
    figure = stability_figure(_stability(np.nan), SCHEMA, 0.75)
    assert "Too few lesions" in figure.get_suptitle()
