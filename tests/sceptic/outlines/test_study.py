"""Features and scores under other outlines, by models that were fitted already."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.sceptic.outlines.conftest import PIXEL, SIZES, drawn_lesion

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement.icc import intraclass_correlation
from spl_kedro.features.measurement.lesion import lesion_features
from spl_kedro.features.radiomics import feature_names
from spl_kedro.modeling import evaluation
from spl_kedro.sceptic.outlines import measuring
from spl_kedro.sceptic.outlines.changes import Change, ChangedLesion
from spl_kedro.sceptic.outlines.measuring import features_under, radiomics_of
from spl_kedro.sceptic.outlines.scoring import score_tables
from spl_kedro.sceptic.outlines.settings import OutlineSettings
from spl_kedro.sceptic.outlines.study import examine_outlines
from spl_kedro.sceptic.outlines.tables import auc_table
from spl_kedro.store import ContentStore

AREA = "original_shape2D_PixelSurface"


def test_original_outlines_give_the_studys_own_scores_to_the_last_bit(inputs, examined):
    own = inputs.fitted.predictions.query("repeat == 0").set_index(["model", "lesion_id"])["score"]
    scores = examined.scores.query("kind == 'original'").set_index(["model", "lesion_id"])
    assert len(scores) == len(own) == 2 * sum(SIZES.values())
    np.testing.assert_array_equal(scores["score"], own.loc[scores.index])
    assert not scores["flipped"].any()


def test_other_outlines_change_scores(examined):
    # Fault: features of the original outline handed on under another's name.
    changed = examined.scores.query("kind in ['eroded', 'dilated'] and size == 1.5")
    for _, own in changed.groupby("model"):
        assert (own["score"] != own["original"]).mean() > 0.9


def test_a_second_reader_who_draws_the_same_changes_nothing(examined):
    second = examined.scores.query("kind == 'second reader'")
    assert second["lesion_id"].nunique() == 6
    np.testing.assert_array_equal(second["score"], second["original"])
    assert (second["distance"] == 0).all()
    features = examined.features.query("kind == 'second reader' and not degenerate")
    assert (features["icc"].dropna() == 1).all()


def test_another_hands_outlines_are_scored_and_one_of_another_size_is_left_out(inputs, examined):
    scores = examined.scores.query("kind == 'machine'")
    assert set(scores["lesion_id"]) == {f"SPL{i:04d}" for i in range(1, 21)}
    np.testing.assert_allclose(scores["distance"], PIXEL, atol=PIXEL / 2)
    assert (scores["score"] != scores["original"]).mean() > 0.9
    told = examined.outlines.query("kind == 'machine'").set_index("lesion_id")
    assert not told.loc["SPL0000", "measured"]
    assert np.isnan(told.loc["SPL0000", "distance"])
    assert told.drop("SPL0000")["measured"].all()
    areas = auc_table(examined.scores, examined.outlines, evaluation.EvaluationSettings())
    assert set(areas.query("kind == 'machine' and cohort == 'training'")["left_out"]) == {1}


def test_a_hand_that_is_called_as_a_change_is_refused(inputs):
    with pytest.raises(UnusableStudyError, match="other_outlines calls one 'eroded'"):
        _ = replace(inputs, others={"eroded": {}}).changes


class Recorder:
    """A model that notes which lesions it scores."""

    def __init__(self, model, seen):
        self.model, self.seen = model, seen

    def input_columns(self):
        return self.model.input_columns()

    def predict_proba(self, X):
        self.seen.update(X.index)
        return self.model.predict_proba(X)


def test_no_training_lesion_is_scored_by_a_model_that_learnt_from_it(inputs):
    # Fault: the final models, or those of another fold.
    fitted, folds = inputs.fitted, inputs.fitted.folds(inputs.table)
    seen = {(name, fold): set() for name in inputs.models for fold in (-1, 0, 1, 2)}
    cross_fits = {
        name: fit._replace(models=[Recorder(m, seen[name, k]) for k, m in enumerate(fit.models)])
        for name, fit in fitted.cross_fits.items()
    }
    models = {name: Recorder(model, seen[name, -1]) for name, model in fitted.models.items()}
    watched = replace(inputs, fitted=replace(fitted, cross_fits=cross_fits, models=models))
    score_tables(watched, [inputs.table.X[inputs.table.features(["radiomics", "deep"])]])
    for (name, fold), lesions in seen.items():
        left_out = set(folds.index[folds == fold])
        if fold == -1:
            left_out = set(inputs.table.lesions("validation"))
        assert lesions == left_out, (name, fold)


def test_networks_that_were_trained_score_no_training_lesion(inputs):
    # Those of the outer folds are not kept, and the final ones have seen the lesion.
    trained = replace(inputs, deep=DeepSettings(image_size=32))
    scores = score_tables(trained, [inputs.table.X[inputs.table.features(["radiomics", "deep"])]])
    assert set(scores.query("cohort == 'training'")["model"]) == {"rad"}
    assert set(scores.query("cohort == 'validation'")["model"]) == {"rad", "dlr"}


def test_the_area_under_another_outline_is_that_of_its_pixels(inputs):
    change = Change("dilated", 1.5, "mm")
    readers = {change: inputs.outlined(change)}
    measured = radiomics_of(inputs, readers)[change][AREA]
    original = inputs.table.X[AREA]
    for name, read in readers[change].items():
        # The engine's surface cuts the corners of pixels.
        assert measured[name] == pytest.approx(read().mask.sum(), rel=0.03)
    assert (measured > original.loc[measured.index]).all()


def test_features_under_another_outline_are_the_engines(inputs):
    change = Change("eroded", 1.5, "mm")
    readers = {change: inputs.outlined(change)}
    ((_, (table,)),) = features_under(inputs, readers)
    lesion = readers[change]["SPL0003"]()
    own = pd.Series(
        lesion_features(lesion, inputs.radiomics.extraction), list(feature_names("us2d-native"))
    )
    np.testing.assert_array_equal(table.loc["SPL0003", own.index].astype(float), own)


def test_icc_is_that_of_the_studys_stability_on_training_lesions(inputs, examined):
    change = Change("eroded", 1.5, "mm")
    changed = radiomics_of(inputs, {change: inputs.outlined(change)})[change][AREA]
    training = list(inputs.table.lesions("training"))
    pair = np.column_stack([inputs.table.X.loc[training, AREA], changed.loc[training]])
    own = intraclass_correlation(pair[:, :, None]).iloc[0]
    told = examined.features.query(f"feature == '{AREA}' and kind == 'eroded' and size == 1.5")
    assert told["lesions"].tolist() == [SIZES["training"]]
    assert told["icc"].iloc[0] == pytest.approx(own["consistency"], abs=1e-12)
    assert told["agreement"].iloc[0] == pytest.approx(own["agreement"], abs=1e-12)
    # Erosion moves all areas alike: they stay in order, and agree no more.
    assert told["agreement"].iloc[0] < told["icc"].iloc[0] - 0.05


def test_features_say_where_they_come_from_and_who_uses_them(inputs, examined):
    rows = examined.features.drop_duplicates("feature").set_index("feature")
    assert (rows["source"] == "deep").sum() == len(inputs.table.sources["deep"].columns)
    for name in inputs.fitted.models["rad"].selected_features_:
        assert "rad" in rows.loc[name, "used_by"].split(",")
    assert (rows["used_by"] == "").any()
    counted = examined.features.groupby(["kind", "size"], dropna=False).size()
    assert len(counted) == 4 * 2 + 2
    assert set(counted) == {len(rows)}


def test_a_study_whose_lesions_give_other_scores_is_refused(inputs):
    # Fault: features by other parameters go through models fitted on these, unnoticed.
    extraction = inputs.radiomics.extraction.model_copy(update={"bin_width": 25.0})
    other = inputs.radiomics.model_copy(update={"extraction": extraction})
    settings = OutlineSettings(kinds=("eroded",), sizes_mm=(0.5,), models=("rad",))
    with pytest.raises(UnusableStudyError, match="the study's own scores from its own outlines"):
        examine_outlines(replace(inputs, radiomics=other, settings=settings))


def test_a_lesion_that_vanishes_is_counted_and_costs_no_other(inputs):
    tiny = drawn_lesion("SPL0000", False, 0)
    mask = np.zeros_like(tiny.mask)
    mask[20:24, 20:24] = True
    settings = OutlineSettings(kinds=("eroded",), sizes_mm=(2 * PIXEL,), models=("rad",))
    few = replace(inputs, settings=settings)
    change = few.changes[1]
    readers = dict(few.outlined(change))
    readers["SPL0000"] = ChangedLesion(lambda: replace(tiny, mask=mask), "SPL0000", change, 1)
    measured = radiomics_of(few, {change: readers})[change]
    assert "SPL0000" not in measured.index
    assert len(measured) == sum(SIZES.values()) - 1


def test_a_larger_study_is_examined_on_a_sample_that_the_seed_decides(inputs):
    def sampled(seed):
        settings = OutlineSettings(lesions=12, seed=seed)
        return replace(inputs, settings=settings).examined

    first = sampled(1)
    assert len(first) == 12
    assert first == sampled(1) == sorted(first)
    assert first != sampled(2)
    assert set(first) < set(inputs.table.X.index)


def test_a_sample_has_all_images_of_its_patients(inputs):
    # Fault: a patient's score is the mean of some of their images.
    patients = pd.Series(np.arange(sum(SIZES.values())) // 3, inputs.cohort.index).map("P{}".format)
    cohort = inputs.cohort.assign(patient_id=patients)
    few = replace(inputs, cohort=cohort, settings=OutlineSettings(lesions=20)).examined
    assert 12 < len(few) <= 20
    images = patients.value_counts()
    assert (patients[few].value_counts() == images[patients[few].unique()]).all()


@pytest.mark.parametrize(
    ("model", "why"),
    [("cdrl", "the study did not fit"), ("clinical", "reads no image"), ("ring", "reads rings")],
)
def test_a_model_that_cannot_be_asked_is_refused_by_name(inputs, model, why):
    fitted = SimpleNamespace(
        models={"rad": None, "clinical": None, "ring": None},
        sources_of={"rad": ("radiomics",), "clinical": (), "ring": ("rings",)}.get,
    )
    asked = replace(inputs, fitted=fitted, settings=OutlineSettings(models=(model,)))
    with pytest.raises(UnusableStudyError, match=f"'{model}', which {why}"):
        _ = asked.models


def test_an_interrupted_examination_goes_on_with_the_embeddings_it_had(
    inputs, examined, tmp_path, monkeypatch
):
    kept = ContentStore(str(tmp_path / "outlines"))
    settings = OutlineSettings(
        kinds=("eroded",), sizes_mm=(0.5, 1.5), models=("dlr",), lesions=10, seed=1
    )
    few = replace(inputs, settings=settings, store=kept, reader2={}, others={})
    embed, calls = measuring.embed_unseen, []

    def counted(crops, *arguments):
        calls.append(len(crops))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return embed(crops, *arguments)

    monkeypatch.setattr(measuring, "embed_unseen", counted)
    with pytest.raises(KeyboardInterrupt):
        examine_outlines(few)
    assert "2 entries" in kept.report()
    again = examine_outlines(few)
    assert len(calls) == 4
    assert " 0 entries" in kept.report()
    rows = examined.scores.query("model == 'dlr' and kind in ['original', 'eroded']")
    rows = rows[rows["lesion_id"].isin(few.examined)]
    pd.testing.assert_frame_equal(again.scores, rows.reset_index(drop=True))
