"""What the controls say, in words: a verdict each, and what the signal can and cannot be."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

_VERDICTS = {
    "": "the model",
    "at_chance": "the model, not above chance",
    "explains": "could explain {model}",
    "part": "tells something, less than {model}",
    "as_kept": "no more than what it keeps",
    "nothing": "tells nothing",
    "undecided": "undecided",
    "not_applicable": "not computed",
    "passes": "0.5, as it must be",
    "fails": "not 0.5",
    "knows_site": "features know the site",
    "no_site": "features do not know the site",
}


def verdict_words(row: Any) -> str:
    """Return a row's verdict as a figure and a table print it.

    Parameters
    ----------
    row : named tuple
        Of the table of controls.
    """
    full = row.against == "full"
    return _VERDICTS[row.verdict].format(
        model=MODEL_NAMES[row.full_model if full else row.image_model]
    )


#: By kind of signal the sentence that begins the account.
SIGNALS = {
    "procedure": "Labels that mean nothing are predicted: labels leak into the procedure, and no "
    "other figure can be relied on.",
    "none": "{model} is not above chance: there is no signal to explain.",
    "acquisition": "How the images were made could explain {model}: it predicts the label as well "
    "as the image does.",
    "surroundings": "The signal is not in the lesion alone: tissue round it predicts the label as "
    "well as {model} does.",
    "size": "{model} is not shown to say more than the lesion's size does.",
    "outline": "{model} is not shown to say more than the outline does.",
    "histogram": "{model} is not shown to say more than how often each grey value occurs.",
    "grey_and_outline": "{model} is not shown to need texture: with its pixels shuffled inside the "
    "outline, a lesion is told apart as well.",
    "texture": "{model} reads the arrangement of the pixels inside the outline: size, outline, "
    "grey values, surroundings and acquisition all say less.",
    "undecided": "The controls do not tell what {model} reads: too few lesions, or a difference "
    "too small.",
}
# In this order; the first that holds names the signal.
_EXPLANATIONS = {
    "acquisition": "acquisition",
    "blanked": "surroundings",
    "moved": "surroundings",
    "size": "size",
    "outline": "outline",
    "histogram": "histogram",
    "shuffled": "grey_and_outline",
}
#: Controls that must say less than the model before it is said to read texture.
_SAYS_LESS = ("part", "nothing", "as_kept", "not_applicable")


class Account(NamedTuple):
    """What the controls say together.

    Attributes
    ----------
    signal : str
        One of :data:`SIGNALS`.
    sentences : tuple of str
        What the signal is, can be and cannot be; what to be careful of.
    """

    signal: str
    sentences: tuple[str, ...]


def account(table: pd.DataFrame) -> Account:
    """Return what a table of controls says.

    Parameters
    ----------
    table : DataFrame
        From :func:`spl_kedro.sceptic.controls.judging.judge_controls`.

    Returns
    -------
    Account
    """
    verdicts = dict(zip(table["control"], table["verdict"], strict=True))
    signal = _signal(verdicts)
    rows = table.set_index("control")
    names = {which: MODEL_NAMES[rows[f"{which}_model"].iloc[0]] for which in ("image", "full")}
    first = SIGNALS[signal].format(model=names["image"])
    if signal in ("procedure", "none"):
        return Account(signal, (first,))
    return Account(signal, (first, *_can_be(rows), *_warnings(rows, verdicts, names)))


def _signal(verdicts: dict[str, str]) -> str:
    if verdicts["permuted"] == "fails":
        return "procedure"
    if verdicts["image"] == "at_chance":
        return "none"
    for control, signal in _EXPLANATIONS.items():
        if verdicts[control] == "explains":
            return signal
    less = all(verdicts[control] in _SAYS_LESS for control in _EXPLANATIONS)
    return "texture" if less and verdicts["shuffled"] != "not_applicable" else "undecided"


def _can_be(rows: pd.DataFrame) -> list[str]:
    explanations = rows[rows["kind"] == "explanation"]
    titles: dict[str, list[str]] = {}
    for title, keeps, verdict in zip(
        explanations["title"], explanations["keeps"], explanations["verdict"], strict=True
    ):
        kept = f" ({keeps})" if verdict == "explains" else ""
        titles.setdefault(verdict, []).append(title[0].lower() + title[1:] + kept)
    said = []
    for verdict, words in (
        ("explains", "The signal can be what these keep"),
        ("part", "It cannot be these alone, which say less"),
        ("nothing", "It cannot be"),
        ("as_kept", "These say no more than the outline or the size that they keep"),
        ("undecided", "Undecided"),
    ):
        if verdict in titles:
            said.append(f"{words}: {'; '.join(titles[verdict])}.")
    return said


def _warnings(rows: pd.DataFrame, verdicts: dict[str, str], names: dict[str, str]) -> list[str]:
    said = []
    if verdicts["acquisition"] in ("explains", "part"):
        area = float(rows["auc"]["acquisition"])
        said.append(
            f"Warning: how the images were made predicts the label (AUC {area:.2f}), beyond what "
            "size does. Balance or adjust for it before the model is believed."
        )
        if verdicts["site"] == "knows_site":
            said.append(
                "The features tell the sites apart, so that the model can use where a lesion "
                "comes from."
            )
    elif verdicts["acquisition"] == "as_kept":
        said.append(
            "How the images were made predicts the label no better than size does: imaging depth, "
            "and with it the size of a pixel, follows the lesion."
        )
    if verdicts["age_size"] == "explains":
        said.append(f"Warning: age and size say as much as {names['full']} does.")
    return said
