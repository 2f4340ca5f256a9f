"""Tables to be shown, in which models have their names."""

import pandas as pd

from spl_kedro.modeling.signatures.declaration import ModelSettings, default_models, titled

MODELS = default_models() | {
    "rad_ring": ModelSettings(sources=("radiomics", "rings"), role="part", adds_to="rad")
}


def test_models_beside_the_publications_have_their_titles_and_the_others_their_keys():
    # Keys, since figures find colours and order by them.
    table = pd.DataFrame({"model_a": ["rad", "dlr"], "model_b": ["rad_ring", "cdlr"], "p": [1, 2]})
    shown = titled(table, MODELS)
    assert shown["model_a"].tolist() == ["rad", "dlr"]
    assert shown["model_b"].tolist() == ["Rad with rings", "cdlr"]
    assert shown["p"].tolist() == [1, 2]
    assert table["model_b"].tolist() == ["rad_ring", "cdlr"]


def test_a_table_without_models_stays_as_it_is():
    table = pd.DataFrame({"class": ["a"]})
    pd.testing.assert_frame_equal(titled(table, MODELS), table)
