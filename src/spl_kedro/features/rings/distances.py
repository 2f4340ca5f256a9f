"""In which unit a cohort's rings are: decided once, by its training lesions, for all lesions."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pandas as pd

from spl_kedro.features.rings.settings import Pair, RingParameters, Unit

logger = logging.getLogger(__name__)
_SPACING = ["spacing_row_mm", "spacing_col_mm"]


@dataclass(frozen=True)
class RingDistances:
    """The rings of one cohort.

    Attributes
    ----------
    unit : {"mm", "pixels", "diameter"}
    pairs : tuple of (float, float)
        Inner and outer distance of each ring from the outline, in `unit`.
    """

    unit: Unit
    pairs: tuple[Pair, ...]

    def words(self, ring: int) -> str:
        """Say how far a ring reaches.

        Examples
        --------
        >>> RingDistances("mm", ((0.0, 2.0), (2.0, 5.0))).words(1)
        'the ring 2 to 5 mm from the outline'
        """
        inner, outer = self.pairs[ring]
        unit = {"mm": "mm", "pixels": "pixels", "diameter": "diameters"}[self.unit]
        return f"the ring {inner:g} to {outer:g} {unit} from the outline"


def decide_distances(cohort: pd.DataFrame, parameters: RingParameters) -> RingDistances:
    """Return the rings of a cohort.

    One unit holds for all its lesions, so that no feature means one thing in one lesion and another
    in the next. Training lesions alone decide: lesions that come later cannot change it.

    Parameters
    ----------
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    parameters : RingParameters

    Returns
    -------
    RingDistances
        In millimetres where they are asked for and the pixel size of every training lesion is
        known; where it is not, those of ``without_pixel_size``.
    """
    if parameters.unit != "mm":
        return RingDistances(parameters.unit, parameters.distances)
    training = cohort[cohort["cohort"] == "training"]
    unknown = int(training[_SPACING].isna().any(axis=1).sum())
    if not unknown:
        return RingDistances("mm", parameters.distances)
    other = parameters.without_pixel_size
    logger.warning(
        "The pixel size of %d of %d training lesions is unknown: the rings of all lesions are in "
        "%s (rings.without_pixel_size).",
        unknown,
        len(training),
        "shares of the lesion's diameter" if other.unit == "diameter" else "pixels",
    )
    return RingDistances(other.unit, other.distances)
