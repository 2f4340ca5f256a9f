from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro_datasets.pickle import PickleDataset
from matplotlib.text import Text

from spl_kedro.features.deep import DeepSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.deep_features import create_pipeline
from spl_kedro.pipelines.modeling.parameters import ModelingParameters

TINY = DeepSettings(
    architecture="resnet18",
    image_size=32,
    epochs=2,
    batch_size=8,
    folds=2,
    components=8,
    threads=1,
)


FROZEN = DeepSettings(
    architecture="efficientnet_lite0",
    weights="packaged",
    trained_blocks=0,
    pooling="depths",
    image_size=32,
    components=128,
    threads=1,
)


def make_lesion(lesion_id: str, label: int, rng: np.random.Generator) -> Lesion:
    rows, columns = np.mgrid[:48, :48]
    mask = (rows - 24) ** 2 + (columns - 24) ** 2 < 14**2
    speckle = rng.rayleigh(1, (48, 48))
    image = np.clip(speckle * np.where(mask, 40 + 60 * label, 90), 0, 255)
    return Lesion(lesion_id, image, mask)


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(4)
    ids = [f"SPL{i:04d}" for i in range(32)]
    labels = np.arange(32) % 2
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{i // 2:03d}" for i in range(32)],
            "label": labels,
            "cohort": ["training"] * 24 + ["validation"] * 4 + ["external"] * 4,
            "simulated": True,
        },
        index=pd.Index(ids, name="lesion_id"),
    )
    made = {i: make_lesion(i, label, rng) for i, label in zip(ids, labels, strict=True)}
    made["SPL0005"] = Lesion("SPL0005", made["SPL0005"].image, np.zeros((48, 48), bool))
    lesions = {i: (lambda lesion=lesion: lesion) for i, lesion in made.items()}
    return lesions, cohort


MODELING = ModelingParameters.model_validate({"protocol": {"n_splits": 2, "n_repeats": 1}})

KEPT = (
    "outer_folds",
    "deep_embeddings_nested",
    "deep_findings",
    "deep_folds",
    "deep_networks",
    "deep_training_records",
    "deep_embeddings",
    "dtl_features",
    "dtl_features_as_published",
)


def run(study, folder, settings=TINY):
    lesions, cohort = study
    kept = {name: PickleDataset(filepath=(folder / f"{name}.pkl").as_posix()) for name in KEPT}
    inputs = {
        "lesions": MemoryDataset(lesions, copy_mode="assign"),
        "cohort": MemoryDataset(cohort),
        "params:deep_features": MemoryDataset(settings),
        "params:modeling": MemoryDataset(MODELING),
    }
    SequentialRunner().run(create_pipeline(), DataCatalog(inputs | kept))
    return {name: dataset.load() for name, dataset in kept.items()}


@pytest.fixture(scope="module")
def outputs(study, tmp_path_factory):
    return run(study, tmp_path_factory.mktemp("first"))


def test_every_usable_lesion_gets_features_and_the_broken_one_is_quarantined(study, outputs):
    _, cohort = study
    expected = cohort.index.drop("SPL0005")
    assert list(outputs["dtl_features"].index) == list(expected)
    assert list(outputs["dtl_features"].columns) == [f"dtl_{i:03d}" for i in range(8)]
    assert outputs["deep_embeddings"].shape == (31, 512)
    assert np.isfinite(outputs["dtl_features"].to_numpy()).all()
    assert outputs["dtl_features"].index.name == "lesion_id"
    assert outputs["deep_findings"]["lesion_id"].tolist() == ["SPL0005"]
    assert outputs["deep_findings"]["rule"].tolist() == ["an outline that is not empty"]


def test_in_sample_features_have_the_same_shape_and_other_values(outputs):
    fitted, published = outputs["dtl_features"], outputs["dtl_features_as_published"]
    assert fitted.shape == published.shape
    assert not np.allclose(fitted, published)


def test_there_is_one_network_and_one_training_record_for_each_fold_and_the_refit(outputs):
    assert sorted(outputs["deep_networks"]) == ["fold_0", "fold_1", "refit"]
    records = outputs["deep_training_records"]
    assert [record.tags["network"] for record in records] == ["fold_0", "fold_1", "refit"]
    for record in records:
        assert len(record.curves["training_loss"]) == TINY.epochs
        assert record.metrics["training.images_per_second"] > 0
    assert "held_out.auc" in records[0].metrics
    assert "validation.auc" in records[-1].metrics


def test_every_network_comes_with_a_picture_of_what_it_looks_at_in_lesions_it_has_not_seen(outputs):
    fold = outputs["deep_folds"].loc[lambda table: table.index != "SPL0005", "fold"]
    validation = 4
    unseen = [(fold == 0).sum(), (fold == 1).sum(), validation]
    for record, count in zip(outputs["deep_training_records"], unseen, strict=True):
        texts = [
            text.get_text().strip() for text in record.figures["gradcam"].figure().findobj(Text)
        ]
        assert f"Grad-CAM: where {record.name} finds evidence" in texts
        assert any(f"{count} lesions it has not seen" in text for text in texts)
        assert any("simulated patients" in text.lower() for text in texts)
        assert sum("evidence for" in text for text in texts) >= validation


def test_every_outer_fold_and_the_final_fit_have_embeddings_of_their_own(study, outputs):
    _, cohort = study
    nested, outer = outputs["deep_embeddings_nested"], outputs["outer_folds"]
    contexts = ["all", "repeat_0_fold_0", "repeat_0_fold_1"]
    assert sorted(nested["context"].unique()) == contexts
    for fold, part in outer.groupby("fold"):
        rows = nested[nested["context"] == f"repeat_0_fold_{fold}"]
        assert set(rows.index) == {*cohort.index[:24]} - {"SPL0005"}
        counts = rows.index.value_counts()
        assert (counts[counts.index.isin(part.index)] == TINY.folds).all()
        assert (counts[~counts.index.isin(part.index)] == 1).all()


def test_patients_stay_in_one_fold_and_only_training_lesions_have_one(study, outputs):
    _, cohort = study
    folds = outputs["deep_folds"]
    assert set(folds.index) == set(cohort.index[cohort["cohort"] == "training"])
    assert (folds["fold"].groupby(cohort.loc[folds.index, "patient_id"]).nunique() == 1).all()


def test_a_second_run_gives_the_same_bytes(study, outputs, tmp_path: Path):
    again = run(study, tmp_path)
    for name in ("dtl_features", "dtl_features_as_published", "deep_embeddings"):
        first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
        outputs[name].to_parquet(first)
        again[name].to_parquet(second)
        assert first.read_bytes() == second.read_bytes()


@pytest.fixture(scope="module")
def frozen(study, tmp_path_factory):
    return run(study, tmp_path_factory.mktemp("frozen"), FROZEN)


def test_a_frozen_network_leaves_one_table_for_both_protocols_and_no_training(study, frozen):
    _, cohort = study
    assert list(frozen["deep_networks"]) == ["frozen"]
    for name in ("deep_folds", "outer_folds", "deep_embeddings_nested"):
        assert frozen[name].empty
    assert frozen["deep_folds"].index.name == "lesion_id"
    assert list(frozen["deep_folds"]["fold"]) == []
    assert [record.curves for record in frozen["deep_training_records"]] == [{}]
    assert list(frozen["deep_embeddings"].index) == list(cohort.index.drop("SPL0005"))
    pd.testing.assert_frame_equal(frozen["dtl_features"], frozen["dtl_features_as_published"])
    # 23 training lesions with a crop.
    assert frozen["dtl_features"].shape == (31, 22)


def test_lesions_outside_training_have_no_say_in_a_frozen_networks_features(
    study, frozen, tmp_path
):
    lesions, cohort = study
    changed = dict(lesions)
    for lesion_id in cohort.index[24:]:
        own = lesions[lesion_id]()
        dark = Lesion(lesion_id, own.image / 2, own.mask)
        changed[lesion_id] = lambda dark=dark: dark
    again = run((changed, cohort), tmp_path, FROZEN)["dtl_features"]
    training = frozen["dtl_features"].index[:23]
    pd.testing.assert_frame_equal(again.loc[training], frozen["dtl_features"].loc[training])
    assert not np.allclose(again.iloc[23:], frozen["dtl_features"].iloc[23:])


def test_a_frozen_study_of_the_same_images_has_the_same_bytes(study, frozen, tmp_path):
    again = run(study, tmp_path, FROZEN)
    for name in ("deep_embeddings", "dtl_features"):
        first, second = frozen[name].to_numpy(), again[name].to_numpy()
        assert first.tobytes() == second.tobytes()
