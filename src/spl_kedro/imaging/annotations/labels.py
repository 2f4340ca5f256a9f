"""Which of a file's shapes are the lesion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spl_kedro.imaging.annotations.shapes import Shape
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule

NAME_LABEL = (
    "State the lesion's label as `label` of the outlines' dataset in conf/<environment>/"
    "catalog.yml, or keep that label alone."
)


def normal(label: object) -> str:
    """Return a label without the case of its letters and blanks around it."""
    return str(label).strip().casefold()


@dataclass(frozen=True)
class Labelled:
    """What was drawn under one label or several.

    Attributes
    ----------
    shapes : tuple of Shape
        None for what encloses no area: a point, a line, a box without an outline.
    labels : frozenset of str
        By :func:`normal`.
    """

    shapes: tuple[Shape, ...]
    labels: frozenset[str]


def labels_of(words: Iterable[object]) -> frozenset[str]:
    """Return labels by :func:`normal`, without empty ones."""
    return frozenset(normal(word) for word in words if word is not None) - {""}


def lesion_among(name: str, drawn: Sequence[Labelled], label: str | None) -> tuple[Shape, ...]:
    """Return the shapes of the lesion.

    Parameters
    ----------
    name : str
        The file.
    drawn : sequence of Labelled
    label : str or None
        None: all, where they have one label.

    Raises
    ------
    UnusableLesionError
        If nothing is drawn, several labels are, none is `label`, or one encloses no area.
        What labels say is not repeated.
    """
    if not drawn:
        raise UnusableLesionError(Rule.NOT_EMPTY, f"{name} holds no shape on this image.")
    if label is None:
        kinds = len({one.labels for one in drawn})
        if kinds > 1:
            raise several_labels(name, kinds)
        chosen = list(drawn)
    else:
        chosen = [one for one in drawn if normal(label) in one.labels]
        if not chosen:
            raise no_such_label(name)
    if any(not one.shapes for one in chosen):
        raise UnusableLesionError(
            Rule.FILLED,
            f"{name} has a point, a line, a box or an unknown shape for the lesion.",
            "Draw the lesion as a polygon, and remove what is none.",
        )
    return tuple(shape for one in chosen for shape in one.shapes)


def several_labels(name: str, count: int) -> UnusableLesionError:
    """Return the refusal of a file with several labels, where none was chosen."""
    return UnusableLesionError(
        Rule.ONE_LABEL,
        f"{name} holds {count} labels; which one is the lesion cannot be told.",
        NAME_LABEL,
    )


def no_such_label(name: str) -> UnusableLesionError:
    """Return the refusal of a file in which the chosen label is not."""
    return UnusableLesionError(
        Rule.NOT_EMPTY,
        f"{name} has nothing under the label that the catalog states.",
        "Draw the lesion under it, or correct `label` of the outlines' dataset in "
        "conf/<environment>/catalog.yml.",
    )
