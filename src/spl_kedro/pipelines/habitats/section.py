"""The habitats' part of the report: what they are, lesions to look at, how repeatable they are."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.features.deep.nesting import ALL
from spl_kedro.features.habitats import HabitatParameters
from spl_kedro.pipelines.habitats.figure import written_centres
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section

_METHODS = {"kmeans": "k-means", "gaussian_mixture": "a mixture of Gaussians"}


def habitat_section(
    features: pd.DataFrame,
    clusters: pd.DataFrame,
    stability: pd.DataFrame,
    sheet: Drawing,
    parameters: HabitatParameters,
    *,
    simulated: bool,
) -> Section:
    """Return the section on habitats.

    Parameters
    ----------
    features : DataFrame
        Index lesion_id; missing in all columns of a lesion without habitats.
    clusters : DataFrame
        ``schemas.HabitatClusters``, with the centres by map.
    stability : DataFrame
        Index feature; columns icc, stable and lesions.
    sheet : Drawing
        The contact sheet.
    parameters : HabitatParameters
    simulated : bool

    Returns
    -------
    Section
    """
    side = 2 * parameters.kernel_radius + 1
    missing = int(features.isna().all(axis=1).sum())
    own = clusters[clusters["context"] == ALL]
    who = "simulated patients" if simulated else "patients"
    stable, n = int(stability["stable"].sum()), len(stability)
    chosen = "" if parameters.number else ", a number chosen in each fit without labels"
    paragraphs = (
        f"Of {len(features)} lesions of {who}, {len(features) - missing} have habitats"
        + (f"; {missing} have none, and the findings say why" if missing else "")
        + f". Pixels are grouped by {len(parameters.features)} maps of features in kernels of "
        f"{side} × {side} pixels, by {_METHODS[parameters.method]}, into {len(own)} habitats"
        f"{chosen}. The groups are found among pixels of the training lesions of each fit alone, "
        "without labels. Where models of the study read them, What each part adds says what they "
        "add.",
        f"Measured within another outline of the same lesion, {stable} of {n} features of the "
        f"habitats reach an ICC of {float(stability['threshold'].iloc[0]):g} (up to "
        f"{int(stability['lesions'].max())} training lesions).",
    )
    figure = ReportFigure(
        "habitats",
        "Habitats of training lesions drawn at random: the outline, and beside it the habitats.",
        "Ultrasound images of lesions, each twice: with its outline, and with its habitats in "
        "colour.",
        {"": sheet},
        wide=True,
        themed=False,
    )
    names = [f"Habitat {int(number)}" for number in own["habitat"]]
    shares = [f"{100 * share:.1f}%" for share in own["share"]]
    lines = [
        {"Map": "Share of the pixels grouped", **dict(zip(names, shares, strict=True))},
        *(
            {
                "Map": readable_name(name).label,
                **dict(zip(names, written_centres(own[name]), strict=True)),
            }
            for name in parameters.features
        ),
    ]
    table = ReportTable(
        "habitats",
        "The habitats of the fit on all training lesions: the centre of each by map",
        pd.DataFrame(lines, dtype="str"),
        note=f"Numbered by {readable_name(parameters.order_by).label}.",
    )
    return Section("habitats", "Habitats", paragraphs, (figure,), (table,))
