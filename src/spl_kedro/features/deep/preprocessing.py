"""From a lesion to the tensor a network takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter

import numpy as np
import torch
from torch import Tensor

from spl_kedro.features.deep.backbones import find_backbone
from spl_kedro.features.deep.machine import torch_threads
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.imaging.crops import LesionCrops, crop_lesion
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.parallel import spread
from spl_kedro.rules import ActionTaken


def crop_all(
    lesions: Mapping[str, Callable[[], Lesion]], settings: DeepSettings
) -> tuple[LesionCrops, list[dict[str, str]]]:
    """Crop every lesion; one that cannot be cropped is reported instead.

    Parameters
    ----------
    lesions : mapping of str to callable
        Loads a lesion on call.
    settings : DeepSettings
        `image_size`, `margin` and the margins of `views` are used.

    Returns
    -------
    crops : LesionCrops
        In the order of the lesion ids.
    failures : list of dict
        One row per lesion left out, as ``schemas.Findings`` has them.
    """
    margins = (settings.margin, *settings.further_margins)

    crop = partial(_crops_of, size=settings.image_size, margins=margins)
    cases = sorted(lesions.items())
    ids, failures = [], []
    pixels: list[list[np.ndarray]] = [[] for _ in margins]
    with torch_threads(1):
        cropped = spread(crop, cases, "lesion crops", name=itemgetter(0))
        for (lesion_id, _), crops in zip(cases, cropped, strict=True):
            if isinstance(crops, UnusableLesionError):
                failures.append(
                    {
                        "lesion_id": lesion_id,
                        "stage": "deep_features",
                        "rule": crops.rule,
                        "action": ActionTaken.QUARANTINED,
                        "message": crops.message,
                        "remedy": crops.remedy,
                    }
                )
                continue
            ids.append(lesion_id)
            for made, of_margin in zip(pixels, crops, strict=True):
                made.append(of_margin)
    size = settings.image_size
    own, *others = (
        np.stack(made) if made else np.zeros((0, 2, size, size), np.uint8) for made in pixels
    )
    further = tuple(zip(settings.further_margins, others, strict=True))
    return LesionCrops(tuple(ids), own, further), failures


def _crops_of(
    case: tuple[str, Callable[[], Lesion]], size: int, margins: tuple[float, ...]
) -> list[np.ndarray] | UnusableLesionError:
    """Return the crops of one lesion, at each margin, or why there are none."""
    try:
        lesion = case[1]()
        return [crop_lesion(lesion, size, margin) for margin in margins]
    except UnusableLesionError as error:
        return error


def to_unit(pixels: Tensor) -> Tensor:
    """Bring bytes to the range 0 to 1, float32."""
    return pixels.to(torch.float32) / 255


def to_input(unit: Tensor, settings: DeepSettings) -> Tensor:
    """Arrange grey and outline as the three normalised channels a network takes.

    Parameters
    ----------
    unit : Tensor, shape (n, 2, size, size)
        Grey values and outline, 0 to 1.
    settings : DeepSettings
        `outline` says how: ``ignore``: grey three times; ``channel``: grey, grey, outline;
        ``background``: grey three times, black outside the outline. `architecture` decides the
        normalisation, see :class:`~spl_kedro.features.deep.backbones.Normalisation`.

    Returns
    -------
    Tensor, shape (n, 3, size, size)
        In channels-last memory order.
    """
    grey, mask = unit[:, :1], unit[:, 1:]
    if settings.outline == "background":
        grey = grey * mask
    last = mask if settings.outline == "channel" else grey
    stacked = torch.cat([grey, grey, last], dim=1)
    normalisation = find_backbone(settings.architecture).normalisation
    mean = torch.tensor(normalisation.mean, device=unit.device).view(1, 3, 1, 1)
    sd = torch.tensor(normalisation.sd, device=unit.device).view(1, 3, 1, 1)
    return ((stacked - mean) / sd).contiguous(memory_format=torch.channels_last)


def network_input(lesion: Lesion, settings: DeepSettings) -> Tensor:
    """Turn one lesion into the tensor a network of these settings takes.

    Returns
    -------
    Tensor of float32, shape (1, 3, image_size, image_size)

    Raises
    ------
    UnusableLesionError
        If the lesion cannot be cropped.
    """
    crop = crop_lesion(lesion, settings.image_size, settings.margin)
    return to_input(to_unit(torch.from_numpy(crop)[None]), settings)
