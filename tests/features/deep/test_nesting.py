import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep import (
    ALL,
    assign_folds,
    context_name,
    embed_cohort,
    embed_context,
    embed_nested,
    final_context,
    nested_contexts,
    train_networks,
)
from spl_kedro.features.deep.training import NetworkTrainer

FOLDS = 3


@pytest.fixture
def cohort():
    """Return 36 training lesions, two of a patient, and four in validation."""
    index = pd.Index([f"SPL{i:03d}" for i in range(40)], name="lesion_id")
    return pd.DataFrame(
        {
            "patient_id": [f"P{i // 2:03d}" for i in range(40)],
            "label": np.arange(40) // 2 % 2,
            "cohort": ["training"] * 36 + ["validation"] * 4,
        },
        index=index,
    )


def outer(cohort, repeats=2, folds=3):
    """Return outer folds of patients."""
    parts = []
    for repeat in range(repeats):
        table = assign_folds(cohort, folds, seed=repeat + 7)
        table.insert(0, "repeat", repeat)
        parts.append(table)
    return pd.concat(parts)


class Spy:
    """Stands for networks: notes what they learn from and what they embed."""

    def __init__(self):
        self.seen = []

    def __call__(self, name, learnt):
        def embed(lesion_ids):
            self.seen.append((name, set(learnt), set(lesion_ids)))
            return np.zeros((len(lesion_ids), 2))

        return embed


def test_no_network_sees_a_lesion_it_embeds_nor_one_that_its_context_leaves_out(cohort):
    spy, folds = Spy(), outer(cohort)
    patient = cohort["patient_id"]
    contexts = nested_contexts(cohort, folds, FOLDS, seed=0)
    assert [c.name for c in contexts] == [context_name(r, k) for r in (0, 1) for k in range(3)]
    for context in contexts:
        spy.seen.clear()
        embed_context(context, spy)
        assert len(spy.seen) == FOLDS
        for _, learnt, embedded in spy.seen:
            assert not {*patient[list(learnt)]} & {*patient[list(embedded)]}
            assert not learnt & set(context.unseen)
            assert set(context.unseen) <= embedded


def test_a_lesion_learnt_from_has_one_row_and_an_unseen_one_a_row_for_each_network(cohort):
    folds = outer(cohort)
    for (repeat, fold), part in folds.groupby(["repeat", "fold"]):
        contexts = {c.name: c for c in nested_contexts(cohort, folds, FOLDS, seed=0)}
        rows = embed_context(contexts[context_name(repeat, fold)], Spy())
        counts = rows.index.value_counts()
        left_out = counts.index.isin(part.index)
        assert (counts[left_out] == FOLDS).all()
        assert (counts[~left_out] == 1).all()
        assert len(counts) == 36
    assert {str(kind) for kind in rows.dtypes.iloc[2:]} == {"float32"}


def test_the_final_fit_leaves_out_the_lesions_outside_training(cohort):
    rows = embed_context(final_context(cohort, assign_folds(cohort, FOLDS, 0)), Spy())
    assert set(rows["context"]) == {ALL}
    counts = rows.index.value_counts()
    assert (counts[cohort.index[36:]] == FOLDS).all()
    assert (counts[cohort.index[:36]] == 1).all()


def test_a_lesion_without_an_outer_fold_is_refused_by_name(cohort):
    folds = outer(cohort).drop(index="SPL004")
    with pytest.raises(ValueError, match="1 training lesions have no outer fold: SPL004"):
        nested_contexts(cohort, folds, FOLDS, seed=0)


def test_too_few_patients_in_a_context_are_refused_with_the_context_and_the_remedy(cohort):
    folds = outer(cohort)
    with pytest.raises(ValueError, match=r"repeat_0_fold_0: .*deep_features.nested to false"):
        nested_contexts(cohort, folds, 8, seed=0)


class Killed(BaseException):
    """Stands for a kill signal: nothing catches it."""


@pytest.fixture(scope="module")
def one_epoch(tiny):
    return tiny.model_copy(update={"epochs": 1})


@pytest.fixture(scope="module")
def nested(study, one_epoch):
    """(arguments before the settings, embeddings) of two outer folds with two networks each."""
    crops, cohort, folds = study
    states = {n.name: n.state for n in train_networks(crops, cohort, folds, one_epoch)}
    arguments = (crops, cohort, folds, outer(cohort, repeats=1, folds=2), states)
    return arguments, embed_nested(*arguments, one_epoch)


def test_the_label_of_a_lesion_left_out_reaches_no_embedding_of_its_context(
    study, one_epoch, nested
):
    (crops, cohort, folds, outside, states), before = nested
    lesion = outside.index[0]
    changed = cohort.copy()
    changed.loc[lesion, "label"] = 1 - changed.loc[lesion, "label"]
    after = embed_nested(crops, changed, folds, outside, states, one_epoch)
    left_out = context_name(0, int(outside.loc[lesion, "fold"]))
    for context in (context_name(0, 0), context_name(0, 1)):
        one, two = (table[table["context"] == context] for table in (before, after))
        if context == left_out:
            pd.testing.assert_frame_equal(one, two)
        else:
            assert not np.allclose(one.iloc[:, 2:], two.iloc[:, 2:])


def test_the_final_fits_rows_are_those_of_the_study_table(study, one_epoch, nested):
    (crops, cohort, folds, _, states), table = nested
    whole, _ = embed_cohort(crops, cohort, folds, states, one_epoch)
    rows = table[table["context"] == ALL].drop(columns=["context", "network"])
    mean = rows.groupby(level="lesion_id").mean().loc[whole.index]
    np.testing.assert_allclose(mean, whole, atol=1e-3)


@pytest.mark.parametrize("die_at", [1, 3])
def test_a_killed_training_goes_on_network_by_network_to_the_same_embeddings(
    one_epoch, nested, tmp_path, monkeypatch, die_at
):
    arguments, whole = nested
    resumable = one_epoch.model_copy(update={"checkpoints": str(tmp_path)})
    run_epoch, trained = NetworkTrainer.run_epoch, []

    def dying(self):
        if len(trained) == die_at:
            raise Killed
        trained.append(self.name)
        run_epoch(self)

    monkeypatch.setattr(NetworkTrainer, "run_epoch", dying)
    with pytest.raises(Killed):
        embed_nested(*arguments, resumable)
    monkeypatch.setattr(
        NetworkTrainer, "run_epoch", lambda self: (trained.append(self.name), run_epoch(self))
    )
    pd.testing.assert_frame_equal(embed_nested(*arguments, resumable), whole)
    names = [f"repeat_0_fold_{k}_fold_{j}" for k in (0, 1) for j in (0, 1)]
    assert trained == names, "a network was trained twice or left out"
    assert not any(tmp_path.iterdir()), "checkpoints of a finished training remain"
