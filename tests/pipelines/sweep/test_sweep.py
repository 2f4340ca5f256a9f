import pytest
from pydantic import ValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.sweep import create_pipeline
from spl_kedro.pipelines.sweep.nodes import sweep_classifiers
from spl_kedro.pipelines.sweep.parameters import SweepParameters

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


def test_each_signature_and_classifier_leaves_one_record_with_the_same_metrics(
    small_table, small_modeling
):
    modeling = ModelingParameters.model_validate(small_modeling)
    sweep = SweepParameters(classifiers=("logistic", "knn"), models=("dtl", "clinical"))
    performance, records = sweep_classifiers(small_table, modeling, sweep)
    assert {record.name for record in records} == {
        "clinical logistic", "clinical knn", "dtl logistic", "dtl knn",
    }  # fmt: skip
    assert len({tuple(record.metrics) for record in records}) == 1
    auc = performance.query("metric == 'auc' and cohort == 'training' and model == 'dtl'")
    by_kind = auc.set_index("classifier")["value"]
    by_record = {r.params["classifier.kind"]: r.metrics["training.auc"] for r in records[:4]}
    assert by_kind["logistic"] != by_kind["knn"]
    assert set(by_record) == {"logistic", "knn"}
    for record in records:
        assert {"training.roc", "validation.roc"} <= set(record.curves)
        selected = record.tables["selected_features"]["feature"]
        assert len(selected) == record.metrics["n_features"]


def test_an_unknown_classifier_is_refused_with_the_known_ones():
    with pytest.raises(ValidationError, match="'linear_svm', 'logistic', 'radial_svm'"):
        SweepParameters(classifiers=("forest",))


def test_every_node_has_a_name_and_the_sweep_starts_from_the_stored_table():
    pipeline = create_pipeline()
    assert {node.name for node in pipeline.nodes} == {"sweep_classifiers"}
    assert pipeline.inputs() == {
        "leak_free_study_table", "params:modeling", "params:sweep",
    }  # fmt: skip


def test_a_model_that_is_not_declared_is_refused_with_the_declared_ones(
    small_table, small_modeling
):
    modeling = ModelingParameters.model_validate(small_modeling)
    with pytest.raises(UnusableStudyError, match=r"names 'ded'; .* clinical, rad, dtl"):
        sweep_classifiers(small_table, modeling, SweepParameters(models=("ded",)))
