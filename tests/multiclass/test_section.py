import numpy as np
import pandas as pd
import pytest
from tests.multiclass.conftest import class_settings

from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.multiclass import (
    class_performance,
    class_roc_curves,
    class_section,
    confusion_counts,
)


@pytest.fixture(scope="module")
def tables(fitted):
    *_, models, predictions = fitted
    names = class_settings().names
    return (
        class_performance(predictions, dict(models.shares), EvaluationSettings(n_bootstrap=100)),
        confusion_counts(predictions, names),
        class_roc_curves(predictions, names),
    )


def test_the_section_names_the_classes_the_column_and_who_is_left_out(tables):
    lost = pd.DataFrame({"lesion_id": ["a", "b"]})
    section = class_section(*tables, lost, column="tissue", simulated=True)
    assert section.title == "3 classes instead of benign or malignant"
    assert "cancer, pneumonia, scar" in section.paragraphs[0]
    assert "by the column tissue" in section.paragraphs[0]
    assert "2 lesions without a class are left out" in section.paragraphs[0]
    alone = class_section(*tables, lost.iloc[:0], column="tissue", simulated=True)
    assert "left out" not in alone.paragraphs[0]


def test_the_tables_have_a_row_for_each_cohort_model_and_class(tables):
    lost = pd.DataFrame({"lesion_id": []})
    overall, by_class = class_section(*tables, lost, column="tissue", simulated=True).tables
    assert len(overall.frame) == 2
    assert len(by_class.frame) == 2 * 3
    assert by_class.frame["Lesions"].tolist() == ["24", "24", "24", "16", "16", "16"]


def test_a_column_has_as_many_decimals_throughout(tables):
    performance, *others = tables
    narrow = performance.copy()
    first = performance.index[performance["metric"] == "accuracy"][0]
    narrow.loc[first, ["low", "high"]] = narrow.loc[first, "value"] + np.array([-0.001, 0.001])
    lost = pd.DataFrame({"lesion_id": []})
    section = class_section(narrow, *others, lost, column="tissue", simulated=True)
    cells = section.tables[0].frame["Accuracy"]
    assert {len(cell.split()[0]) for cell in cells} == {len("0.123")}


def test_the_figure_says_simulated_and_counts_every_lesion(tables):
    lost = pd.DataFrame({"lesion_id": []})
    (figure,) = class_section(*tables, lost, column="tissue", simulated=True).figures
    drawn = figure.panels["Validation"].figure()
    assert "Simulated patients" in [text.get_text() for text in drawn.texts]
    counts = [text.get_text().split("\n")[0] for text in drawn.axes[1].texts]
    assert sum(map(int, counts)) == 48
    real = class_section(*tables, lost, column="tissue", simulated=False).figures[0]
    assert not any(
        "Simulated" in text.get_text() for text in real.panels["Validation"].figure().texts
    )
