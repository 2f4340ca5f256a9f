"""How ways from a patient's images to one score are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

WAY_NAMES = {
    "mean": "mean of the images",
    "max": "highest of the images",
    "embedding": "learnt from patients",
    "witness": "learnt from the most malignant image",
}


def way_name(score: str, model: str) -> str:
    """Return how a way from images to a score is called, by the score's name and its model's."""
    return WAY_NAMES[score.removeprefix(f"{model}_")]


def names_of(ways: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return how each score is called, by its name.

    Parameters
    ----------
    ways : mapping of str to sequence of str
        Names of the scores of each model, as `spl_kedro.bags.board.ways` gives them.
    """
    return {
        score: f"{MODEL_NAMES[model]}, {way_name(score, model)}"
        for model, scores in ways.items()
        for score in scores
    }
