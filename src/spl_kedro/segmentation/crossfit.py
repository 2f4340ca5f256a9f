"""Cross-fitting: no lesion is outlined by a network that saw its outline."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from spl_kedro.bars import bar
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.deep.machine import choose_device, reproducible
from spl_kedro.imaging import Lesion
from spl_kedro.parallel import spread
from spl_kedro.reuse import note_reuse
from spl_kedro.segmentation.prompts import draw_prompt
from spl_kedro.segmentation.settings import AssistedOutlinesParameters, Kind, NetworkSettings
from spl_kedro.segmentation.training import Squares, train
from spl_kedro.segmentation.views import marked, view_of, window_of
from spl_kedro.store import ContentStore, content_key

#: The network of all training lesions, by which lesions outside of training are outlined.
REFIT = "refit"
#: Raised whenever a network can become another.
VERSION = "1"
#: What `note_reuse` counts.
NETWORKS = "networks of outlines"
#: Settings that say where and how fast, not what.
_WITHOUT_EFFECT = {"device"}


def network_name(kind: str, fold: int | None) -> str:
    """Return the name of the network of a prompt and a fold; None for all training lesions.

    Examples
    --------
    >>> network_name("box", 0), network_name("click", None)
    ('box_fold_0', 'click_refit')
    """
    return f"{kind}_{REFIT}" if fold is None else f"{kind}_fold_{fold}"


def machine_of(settings: NetworkSettings) -> DeepSettings:
    """Return the settings of the machine, as the deep features' code wants them."""
    return DeepSettings(device=settings.device, threads=settings.threads)


def train_outline_networks(
    lesions: Mapping[str, Callable[[], Lesion]],
    folds: pd.DataFrame,
    parameters: AssistedOutlinesParameters,
) -> dict[str, dict[str, Tensor]]:
    """Train, for each prompt, one network per fold on the other folds and one on all.

    A finished network is kept by the content of all it depends on, so that an interrupted run goes
    on where it was, and one that changes nothing trains nothing.

    Parameters
    ----------
    lesions : mapping of str to callable
        Readers of the lesions; those of `folds` are read.
    folds : DataFrame
        Index lesion_id of the training lesions, column fold; a patient's lesions share one.
    parameters : AssistedOutlinesParameters

    Returns
    -------
    dict of str to state dict
        By :func:`network_name`.
    """
    settings, store = parameters.network, ContentStore(parameters.cache)
    own = folds.loc[folds.index.isin(list(lesions))].sort_index()
    fold = own["fold"].to_numpy()
    rows: dict[int | None, np.ndarray] = {int(f): np.flatnonzero(fold != f) for f in set(fold)}
    rows = dict(sorted(rows.items())) | {None: np.arange(len(fold))}
    trained: dict[str, dict[str, Tensor]] = {}
    kinds = parameters.prompt.kinds
    total = len(kinds) * len(rows) * settings.epochs
    with bar(total=total, desc="networks of outlines", unit="epoch") as progress:
        for kind in kinds:
            squares = squares_of(lesions, [str(name) for name in own.index], kind, parameters)
            for part, learnt in rows.items():
                name = network_name(kind, part)
                key = _key(squares, learnt, name, parameters)
                kept = _load(store, key)
                note_reuse(NETWORKS, int(kept is not None), 1)
                if kept is None:
                    machine = machine_of(settings)
                    with reproducible(machine):
                        kept = train(
                            *(squares, learnt, name, parameters.seed, settings),
                            choose_device(machine),
                            partial(progress.update, 1),
                        )
                    _save(store, key, kept)
                else:
                    progress.update(settings.epochs)
                trained[name] = kept
    return trained


def squares_of(
    lesions: Mapping[str, Callable[[], Lesion]],
    names: Sequence[str],
    kind: Kind,
    parameters: AssistedOutlinesParameters,
) -> Squares:
    """Cut the squares that networks learn from, each lesion's under several drawn prompts."""
    cut = partial(_squares, kind=kind, parameters=parameters)
    found = list(spread(cut, [(name, lesions[name]) for name in names], f"squares, {kind}"))
    pixels, targets = zip(*found, strict=True)
    return Squares(tuple(names), np.stack(pixels), np.stack(targets))


def square_of(image: np.ndarray, prompt, window, size: int) -> np.ndarray:
    """Return what a network sees, uint8, shape (2, size, size): grey values and the prompt."""
    planes = np.stack([view_of(image, window, size), 255 * marked(prompt, window, size)])
    return np.rint(planes.clip(0, 255)).astype(np.uint8)


def _squares(
    case: tuple[str, Callable[[], Lesion]], *, kind: Kind, parameters: AssistedOutlinesParameters
) -> tuple[np.ndarray, np.ndarray]:
    name, load = case
    lesion, settings = load(), parameters.network
    mask = np.asarray(lesion.mask, dtype=bool)
    pixels, targets = [], []
    for view in range(1, settings.views + 1):
        prompt = draw_prompt(mask, name, kind, parameters.prompt, parameters.seed, view)
        window = window_of(prompt, mask.shape, parameters.view)
        pixels.append(square_of(lesion.image, prompt, window, settings.size))
        inside = 255 * view_of(mask, window, settings.size)
        targets.append(np.rint(inside.clip(0, 255)).astype(np.uint8))
    return np.stack(pixels), np.stack(targets)


def _key(
    squares: Squares, rows: np.ndarray, name: str, parameters: AssistedOutlinesParameters
) -> str:
    followed = parameters.network.model_dump_json(exclude=_WITHOUT_EFFECT)
    return content_key(
        *(f"outlines {VERSION}", torch.__version__, followed, parameters.seed, name),
        *(squares.pixels[rows], squares.targets[rows]),
    )


def _load(store: ContentStore, key: str) -> dict[str, Tensor] | None:
    content = store.load(key)
    if content is None:
        return None
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _save(store: ContentStore, key: str, state: dict[str, Tensor]) -> None:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    store.save(key, buffer.getvalue())
