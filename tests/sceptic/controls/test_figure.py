"""The forest plot of the controls."""

import pytest
from tests.sceptic.controls.made_up import made_up_table

from spl_kedro.sceptic.controls.declaration import CONTROLS
from spl_kedro.sceptic.controls.figure import controls_figure
from spl_kedro.sceptic.controls.words import verdict_words


@pytest.mark.parametrize("simulated", [True, False])
def test_every_control_stands_in_the_plot_with_its_numbers_and_verdict(simulated):
    table = made_up_table()
    figure = controls_figure(table, simulated=simulated)
    axes, words = figure.axes
    said = [text.get_text() for text in (*axes.texts, *words.texts)]
    for control in CONTROLS:
        assert control.title in said
    size = next(row for row in table.itertuples() if row.control == "size")
    assert f"{size.auc:.2f} ({size.low:.2f}–{size.high:.2f})" in said
    assert verdict_words(size) in said
    assert "not computed: one site" in said
    assert {"AUC less Rad's", "AUC less CDLR's"} <= set(said)
    assert ("Simulated patients" in said) == simulated
    # A line and a marker for each that has an AUC, and the lines of chance, model and division.
    assert len(axes.lines) == 2 * int(table["auc"].notna().sum()) + 3


def test_a_verdict_names_the_model_it_was_judged_by():
    rows = {row.control: row for row in made_up_table().itertuples()}
    assert verdict_words(rows["size"]._replace(verdict="part")) == (
        "tells something, less than Rad"
    )
    assert verdict_words(rows["age_size"]._replace(verdict="explains")) == "could explain CDLR"
