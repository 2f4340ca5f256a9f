import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from tests.tracked import tracked_in
from torch import nn

from spl_kedro.datasets.training_runs import TrainingRunsDataset, _signature
from spl_kedro.drawing import Drawing
from spl_kedro.tracking import TrainingRecord


@pytest.fixture
def tracker(tmp_path):
    with tracked_in(f"sqlite:///{tmp_path}/mlflow.db"):
        mlflow.create_experiment("trainings", artifact_location=(tmp_path / "runs").as_uri())
        mlflow.set_experiment("trainings")
        yield mlflow.MlflowClient()


def records():
    table = pd.DataFrame({"age": np.linspace(30, 80, 40), "size": np.linspace(1, 9, 40)})
    model = LogisticRegression().fit(table, table["age"] > 50)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return [
        TrainingRecord(
            name="clinical leak_free",
            params={"classifier": "logistic", "folds": 5},
            metrics={"validation.auc": 0.75, "external.auc": float("nan")},
            tags={"model": "clinical", "protocol": "leak_free"},
            tables={"selected_features": pd.DataFrame({"feature": ["age"]})},
            model=model,
            input_example=table.head(3),
        ),
        TrainingRecord(
            name="resnet fold 0",
            curves={"loss": [0.9, 0.5, 0.4]},
            figures={"gradcam": Drawing(Figure, figsize=(2, 1))},
            model=network,
            model_flavour="pytorch",
            input_example=np.zeros((1, 1, 8, 8), np.float32),
        ),
    ]


def test_each_record_becomes_a_child_run_with_its_model(tmp_path, tracker):
    dataset = TrainingRunsDataset(filepath=(tmp_path / "records.json").as_posix())
    trained = records()
    with mlflow.start_run() as parent:
        dataset.save(trained)
    children = tracker.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'"
    )
    by_name = {run.info.run_name: run for run in children}
    clinical = by_name["clinical leak_free"]
    assert clinical.data.params == {"classifier": "logistic", "folds": "5"}
    assert clinical.data.metrics == {"validation.auc": 0.75}
    assert clinical.data.tags["protocol"] == "leak_free"
    network = by_name["resnet fold 0"]
    history = tracker.get_metric_history(network.info.run_id, "loss")
    assert [point.value for point in history] == [0.9, 0.5, 0.4]
    pictures = tracker.list_artifacts(network.info.run_id, "figures")
    assert [picture.path for picture in pictures] == ["figures/gradcam.png"]

    images = torch.arange(64, dtype=torch.float32).reshape(1, 1, 8, 8)
    loaded = mlflow.pytorch.load_model(f"models:/{network.outputs.model_outputs[0].model_id}")
    torch.testing.assert_close(loaded(images), trained[1].model(images))

    example = trained[0].input_example
    model = mlflow.pyfunc.load_model(f"models:/{clinical.outputs.model_outputs[0].model_id}")
    np.testing.assert_allclose(model.predict(example), trained[0].model.predict_proba(example))
    assert model.metadata.signature.inputs.input_names() == ["age", "size"]


def test_without_a_run_the_records_are_kept_in_the_file_alone(tmp_path, tracker):
    dataset = TrainingRunsDataset(filepath=(tmp_path / "records.json").as_posix())
    dataset.save(records())
    loaded = dataset.load()
    assert [entry["name"] for entry in loaded] == ["clinical leak_free", "resnet fold 0"]
    assert loaded[1]["curves"]["loss"] == [0.9, 0.5, 0.4]
    assert tracker.search_runs(["1"]) == []


@pytest.mark.parametrize(
    "kinds",
    [
        {"a": "float64", "b": "float64"},
        {"a": "float32", "b": "float32"},
        {"a": "float64", "b": "float32"},
        {"a": "float64", "b": "float32", "c": "bool"},
        {"b": "float64", "c": "str", "d": "object"},
    ],
)
def test_a_models_signature_is_the_one_that_mlflow_infers(kinds):
    values = {"a": [1.0, 2.0], "b": [np.nan, 3.0], "c": [4, 2], "d": ["x", "y"]}
    example = pd.DataFrame({name: values[name] for name in kinds}).astype(kinds)
    output = np.array([[0.2, 0.8], [0.6, 0.4]])
    assert _signature(example, output) == mlflow.models.infer_signature(example, output)
