from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep.nesting import ALL
from spl_kedro.modeling.signatures import nesting_probe
from spl_kedro.modeling.signatures.nested import mean_score
from spl_kedro.modeling.signatures.nesting_probe import (
    LabelCopies,
    copied_table,
    cross_fitted_copies,
    probe_nesting,
    probe_settings,
    random_cohort,
    summarise_probe,
)
from spl_kedro.modeling.signatures.protocol import run_protocol

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


def test_nested_networks_that_copy_labels_leak_nothing():
    nested = summarise_probe(probe_nesting(30, kinds=[True])).iloc[0]
    assert nested["draws"] == 30
    assert abs(nested["mean"] - 0.5) <= 3 * nested["standard_error"]
    assert nested["honest"]


def test_cross_fitted_once_they_leak_so_that_the_probe_can_fail():
    # Fewer draws show as much: the mean of 30 lies six standard errors above a half.
    once = summarise_probe(probe_nesting(15, kinds=[False])).iloc[0]
    assert once["mean"] - 0.5 > 3 * once["standard_error"]
    assert not once["honest"]


def test_a_network_of_the_probe_copies_the_label_of_the_nearest_lesion_it_has_learnt():
    index = pd.Index(["a", "b", "c", "d"], name="lesion_id")
    places = pd.DataFrame(np.tile([[0.0], [1.0], [1.2], [5.0]], 12), index=index)
    embed = LabelCopies(places, pd.Series([0, 1, 0, 1], index=index), seed=0)("name", index[[0, 1]])
    values = embed(index[2:])
    assert (np.abs(values - 1) < 5 * nesting_probe.SPREAD).all(), "both are nearest to b"


class Scale:
    """Stands for networks: each sees a lesion's one true feature in noise of its own."""

    def __init__(self, places, label, seed):
        rng = np.random.default_rng(seed)
        self.truth = pd.Series(label + rng.normal(size=len(label)), index=label.index)

    def __call__(self, name, learnt):
        rng = np.random.default_rng(crc32(name.encode()))

        def embed(lesion_ids):
            noise = rng.normal(size=(len(lesion_ids), nesting_probe.COLUMNS))
            return self.truth.loc[lesion_ids].to_numpy()[:, None] + 2 * noise

        return embed


def spreads(seed, *, nested):
    """Return mean and SD of log-odds by cohort, and the SD of unseen over left-out lesions."""
    cohort, settings = random_cohort(240, seed, unseen=240), probe_settings(seed)
    table = copied_table(cohort, settings, 3, seed, nested=nested)
    scores = run_protocol(table, settings, only=["dtl"]).predictions
    log_odds = np.log(scores["score"] / (1 - scores["score"]))
    found = log_odds.groupby(scores["cohort"]).agg(["mean", "std"])
    return found, found.loc["validation", "std"] / found.loc["training", "std"]


@pytest.fixture
def informed(monkeypatch):
    """Let the probe's networks see something true, in four columns."""
    monkeypatch.setattr(nesting_probe, "LabelCopies", Scale)
    monkeypatch.setattr(nesting_probe, "COLUMNS", 4)


@pytest.mark.usefixtures("informed")
def test_scores_of_unseen_and_of_left_out_lesions_of_one_population_spread_alike():
    found, ratio = spreads(3, nested=True)
    assert ratio == pytest.approx(1, abs=0.2)
    assert abs(found["mean"].diff().iloc[-1]) < 0.25 * found.loc["training", "std"]


@pytest.mark.usefixtures("informed")
def test_a_mean_of_embeddings_gives_scores_that_spread_less():
    """What nested networks are spared: the embeddings of unseen lesions lie on another scale."""
    _, ratio = spreads(3, nested=False)
    assert ratio < 0.85


@pytest.mark.usefixtures("informed")
def test_an_unseen_lesion_gets_the_mean_of_the_scores_of_the_networks():
    cohort, settings = random_cohort(60, seed=1, unseen=20), probe_settings(1)
    table = copied_table(cohort, settings, 3, 1, nested=True)
    fitted = run_protocol(table, settings, only=["dtl"])
    scores = fitted.predictions.query("cohort == 'validation'").set_index("lesion_id")["score"]
    seen = table.unseen(scores.index)
    assert len(seen) == 3
    each = [fitted.models["dtl"].predict_proba(one)[:, 1] for one in seen]
    assert not np.allclose(each[0], each[1])
    np.testing.assert_allclose(scores, np.mean(each, axis=0))


def test_a_model_that_reads_no_network_is_asked_once(study, leak_free):
    tables = [study.X, study.X.assign(dtl_000=0.0)]
    rad = leak_free.models["rad"]
    asked = mean_score(rad, tables)
    np.testing.assert_array_equal(asked, rad.predict_proba(study.X)[:, 1])


def test_each_fold_learns_from_its_own_context_and_keeps_a_patient_in_one_fold():
    cohort = random_cohort(60, seed=2)
    settings = probe_settings(2)
    table = copied_table(cohort, settings, 3, 2, nested=True)
    fit = cross_fitted_copies(table, settings)
    fold = pd.Series(fit.folds[0], index=table.X.index)
    pd.testing.assert_series_equal(
        fold.sort_index(), table.nested.folds["fold"].sort_index(), check_names=False
    )
    learnt = table.learnt(fold.index[fold != 0], "repeat_0_fold_0")
    final = table.learnt(fold.index[fold != 0], ALL)
    assert not np.allclose(learnt[list(table.sources["deep"].columns)],
                           final[list(table.sources["deep"].columns)])  # fmt: skip


@pytest.mark.parametrize("change", [{"n_repeats": 2}, {"n_splits": 2}, {"n_splits": 4}])
def test_other_folds_than_the_networks_were_trained_for_are_refused_with_the_remedy(change):
    cohort, settings = random_cohort(60, seed=2), probe_settings(2)
    table = copied_table(cohort, settings, 3, 2, nested=True)
    other = settings.model_copy(update={"protocol": settings.protocol.model_copy(update=change)})
    with pytest.raises(ValueError, match=r"trained for 1 repeats of 3 folds.*deep_features"):
        cross_fitted_copies(table, other)
