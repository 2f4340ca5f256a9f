import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spl_kedro.simulation import SonographerSettings, TraitSettings
from spl_kedro.simulation.clinical import CLINICAL_COLUMNS, MISSING_WORDS, clinical_row, read_signs

WORDS = {
    "sex": {"male", "female"},
    "fever": {"yes", "no"},
    "angle_chest_wall": {"acute", "obtuse"},
    "margin": {"smooth", "irregular"},
    "air_bronchogram": {"yes", "no"},
    "posterior_echo": {"enhancement", "none", "shadow"},
    "pleural_line": {"intact", "interrupted"},
}
NUMBERS = {
    "age": (18, 90),
    "pack_years": (0, 90),
    "crp_mg_l": (0.3, 280),
    "lesion_size_mm": (9, 95),
}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(11)
    traits, rows = TraitSettings(), []
    for index in range(2500):
        malignant = index % 5 < 3
        rows.append(
            clinical_row(rng, traits.draw(rng, malignant), malignant, SonographerSettings())
        )
    return pd.DataFrame(rows)


def test_every_value_is_a_known_word_or_a_number_in_range_or_missing(table):
    for column, words in WORDS.items():
        assert set(table[column]) <= words | set(MISSING_WORDS)
        assert words <= set(table[column])
    for column, (low, high) in NUMBERS.items():
        numbers = pd.to_numeric(table[column][~table[column].isin(MISSING_WORDS)])
        assert numbers.between(low, high).all()


def test_a_few_per_cent_are_missing_in_every_column_but_age_and_sex(table):
    share = table[list(CLINICAL_COLUMNS)].isin(MISSING_WORDS).mean()
    assert share[["age", "sex"]].max() == 0
    assert share.drop(["age", "sex"]).between(0.015, 0.05).all()


def test_histology_gives_the_answer_away(table):
    kinds = table.groupby("histology")["pathology"].nunique()
    assert (kinds == 1).all()
    assert len(kinds) == 10


def test_a_sonographer_without_noise_reads_the_traits_themselves(rng):
    perfect = SonographerSettings(
        size_noise=0, angle_noise_deg=0, margin_noise=0, bronchogram_noise=0,
        posterior_noise=0, pleura_noise=0,
    )  # fmt: skip
    traits = {
        "size_mm": 30.4, "contact_angle_deg": 100.0, "irregularity": 0.1, "air_bronchograms": 3.0,
        "attenuation_db_cm_mhz": 0.3, "pleural_interruption": 0.1,
    }  # fmt: skip
    assert read_signs(rng, traits, perfect) == {
        "lesion_size_mm": "30",
        "angle_chest_wall": "obtuse",
        "margin": "irregular",
        "air_bronchogram": "yes",
        "posterior_echo": "enhancement",
        "pleural_line": "intact",
    }


def test_the_table_alone_tells_the_classes_apart_about_as_well_as_published_nomograms(table):
    numbers = pd.DataFrame({name: pd.to_numeric(table[name], errors="coerce") for name in NUMBERS})
    numbers["crp_mg_l"] = np.log(numbers["crp_mg_l"])
    signs = pd.get_dummies(table[list(WORDS)]).astype(float)
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=1000))
    label = (table["pathology"] == "malignant").to_numpy()
    score = cross_val_predict(
        model, pd.concat([numbers, signs], axis=1), label, cv=5, method="predict_proba"
    )[:, 1]
    assert 0.82 < roc_auc_score(label, score) < 0.90
