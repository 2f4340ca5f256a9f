"""One lesion: read, drawn, and measured as the pipelines measure it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from spl_kedro.api.study import Study
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import Lesion

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def read_lesion(
    image: str | Path,
    outline: str | Path,
    study: Study,
    spacing_mm: float | None = None,
    frame: int | None = None,
) -> Lesion:
    """Read a lesion from its files, by the rules of a study.

    Parameters
    ----------
    image, outline : path
        PNG, JPEG, TIFF, BMP, DICOM, NIfTI or NRRD.
    study : Study
        Whose ``data_processing`` says how grey values are read.
    spacing_mm : float, optional
        Size of a square pixel; by default what the file states.
    frame : int, optional
        Which frame of a clip, from 1.

    Returns
    -------
    Lesion
        Named as the image's file: grey values 0 to 255, outline, pixel size.

    Raises
    ------
    UnusableLesionError
        If a file cannot be read or the outline cannot be measured; it names rule and remedy.
    """
    from spl_kedro.cohort.lesion_files import LesionFiles
    from spl_kedro.imaging import read_image, read_outline

    return LesionFiles(
        lesion_id=Path(image).stem,
        image=lambda: read_image(image),
        outlines=(lambda: read_outline(outline),),
        table_spacing_mm=spacing_mm,
        settings=study.cohort_settings,
        frame=frame,
    ).read()


def radiomics_features(lesion: Lesion, study: Study) -> pd.Series:
    """Measure a lesion's radiomics features.

    Parameters
    ----------
    lesion : Lesion
    study : Study
        Whose ``radiomics`` says what is measured.

    Returns
    -------
    Series of float64
        1561 values by name (1283 with ``preset: us2d-native``), as in ``radiomics_features``.

    Raises
    ------
    UnmeasurableError
        If the lesion breaks a rule or a feature is not finite.
    """
    from spl_kedro.features.measurement import lesion_features
    from spl_kedro.features.radiomics import feature_names

    settings = study.radiomics_settings
    return pd.Series(
        lesion_features(lesion, settings),
        index=pd.Index(feature_names(settings.preset), name="feature"),
        name=lesion.lesion_id,
    )


def deep_embedding(lesion: Lesion, study: Study) -> pd.Series:
    """Embed a lesion by the study's network, as the pipeline ``deep_features`` does.

    The 128 components that models use are made of the embeddings of training lesions, within each
    fit; a packaged study has them, and scores new lesions (pipeline ``inference``).

    Parameters
    ----------
    lesion : Lesion
    study : Study
        Whose ``deep_features`` names a frozen network with weights.

    Returns
    -------
    Series of float32
        By deep_0000, deep_0001, ..., as in ``deep_embeddings``.

    Raises
    ------
    UnusableStudyError
        If the study trains its networks, or uses one of random weights: a lesion's embedding
        then hangs on the training lesions.
    UnusableLesionError
        If the lesion cannot be cropped.
    WeightsError
        If the weights cannot be had.
    """
    from spl_kedro.features.deep import common_start
    from spl_kedro.features.deep.frozen import embed_views
    from spl_kedro.features.deep.machine import reproducible
    from spl_kedro.features.deep.nesting import embedding_columns
    from spl_kedro.features.deep.preprocessing import crop_all
    from spl_kedro.imaging import UnusableLesionError
    from spl_kedro.rules import Rule

    settings = study.deep_settings
    if not settings.frozen or settings.weights == "none":
        raise UnusableStudyError(
            "a frozen network with weights",
            "deep_features trains its networks, or starts from random weights, so that an "
            "embedding hangs on the training lesions.",
            "Package the study and score the lesion: kedro run --pipelines inference",
        )
    crops, failures = crop_all({lesion.lesion_id: lambda: lesion}, settings)
    for failure in failures:
        (rule,) = (rule for rule in Rule if rule == failure["rule"])
        raise UnusableLesionError(rule, failure["message"], failure["remedy"])
    with reproducible(settings):
        values = embed_views(common_start(crops, settings).eval(), crops, settings)
    columns = pd.Index(embedding_columns(values.shape[1]), name="feature")
    return pd.Series(values[0].astype("float32"), index=columns, name=lesion.lesion_id)


def draw_lesion(lesion: Lesion, study: Study, axes: Axes | None = None) -> Axes:
    """Draw a lesion with its outline; the title says whether the patient is simulated.

    Parameters
    ----------
    lesion : Lesion
    study : Study
        Whose lesion it is.
    axes : Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    Axes
    """
    import matplotlib.pyplot as plt

    from spl_kedro.modeling.evaluation.figures.style import figure_style

    with figure_style():
        if axes is None:
            _, axes = plt.subplots(layout="constrained")
        axes.imshow(lesion.image, cmap="gray", vmin=0, vmax=255)
        axes.contour(lesion.mask, levels=[0.5], colors="#e69f00", linewidths=1)
        patient = "simulated patient" if study.simulated else "patient"
        axes.set_title(f"{lesion.lesion_id}, {patient}")
        axes.set_axis_off()
    return axes
