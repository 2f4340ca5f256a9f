"""Figures as work to be done: what draws one, and the files it becomes.

Matplotlib holds Python's lock while it draws, so that only processes draw side by side; what
travels to them is a function and its tables, and what comes back are finished files.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

#: An SVG's units of length in an inch.
POINTS = 72
# Half the time for a quarter more of bytes; the pixels are the same.
_QUICKLY = {"compress_level": 3}


class StoredFigure(NamedTuple):
    """A figure as files.

    Attributes
    ----------
    png : bytes
    svg : str
        Empty where there is none.
    """

    png: bytes
    svg: str = ""


@dataclass(frozen=True)
class Rendering:
    """The files that a figure is to become.

    Attributes
    ----------
    name : str
        Of the files, without suffix; ids in the SVG are derived from it.
    dpi : float
        Dots an inch of the PNG.
    vector : bool
        Whether there is an SVG too. Its words stay words.
    tight : bool
        Whether the files end where the drawing ends, instead of at the figure's edge.
    """

    name: str
    dpi: float
    vector: bool = False
    tight: bool = True


class Drawing:
    """A figure yet to be drawn.

    Parameters
    ----------
    function : callable that returns a Figure
        Of a module, so that another process finds it.
    *args, **kwargs
        What it is called with; what it draws and no more, for it may travel.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> drawing = Drawing(Figure, figsize=(2, 1))
    >>> float(drawing.figure().get_figwidth())
    2.0
    >>> stored = drawing.files(Rendering("empty", dpi=50, vector=True, tight=False))
    >>> stored.png[1:4], "<svg" in stored.svg
    (b'PNG', True)
    """

    def __init__(self, function: Callable[..., Figure], /, *args: Any, **kwargs: Any) -> None:
        self._function, self._args, self._kwargs = function, args, kwargs
        self._done: dict[Rendering, StoredFigure] = {}

    def figure(self) -> Figure:
        """Return the figure, drawn anew."""
        return self._function(*self._args, **self._kwargs)

    def files(self, rendering: Rendering) -> StoredFigure:
        """Return the figure's files; those that `draw` has made are not made again."""
        if rendering not in self._done:
            self._done |= self._render([rendering])
        return self._done[rendering]

    def _render(self, renderings: Sequence[Rendering]) -> dict[Rendering, StoredFigure]:
        return render(self.figure(), renderings)


def draw(wanted: Mapping[Drawing, Sequence[Rendering]], n_jobs: int) -> None:
    """Draw figures side by side; `Drawing.files` then returns what was made.

    Parameters
    ----------
    wanted : mapping of Drawing to sequence of Rendering
        Each is drawn once, however many files it becomes.
    n_jobs : int
        Processes; with 1 this one draws. The files do not depend on it.
    """
    from joblib import Parallel, delayed

    made = Parallel(n_jobs=n_jobs if len(wanted) > 1 else 1)(
        delayed(drawing._render)(renderings) for drawing, renderings in wanted.items()
    )
    for drawing, files in zip(wanted, made, strict=True):
        drawing._done |= files


def render(figure: Figure, renderings: Sequence[Rendering]) -> dict[Rendering, StoredFigure]:
    """Return a figure's files.

    Parameters
    ----------
    figure : Figure
        Its parts are placed once, at the finest resolution wanted, and keep their places.
    renderings : sequence of Rendering

    Returns
    -------
    dict of Rendering to StoredFigure
        The same figure gives the same files.
    """
    place(figure, max(rendering.dpi for rendering in renderings))
    inches = _drawn_part(figure) if any(rendering.tight for rendering in renderings) else None
    found = {}
    for rendering in renderings:
        part = inches if rendering.tight else None
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=rendering.dpi, bbox_inches=part, pil_kwargs=_QUICKLY)
        svg = svg_of(figure, rendering.name, part) if rendering.vector else ""
        found[rendering] = StoredFigure(png.getvalue(), svg)
    return found


def place(figure: Figure, dpi: float) -> None:
    """Find the places of a figure's parts and keep them; finding them takes longest.

    Parameters
    ----------
    figure : Figure
    dpi : float
        Resolution at which words are measured.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(dpi)
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        if figure.axes:  # words alone have no places to find
            engine.execute(figure)
        # Not "none", which leaves an engine in place, for which each saving draws twice.
        with mpl.rc_context({"figure.constrained_layout.use": False, "figure.autolayout": False}):
            figure.set_layout_engine(None)


def svg_of(figure: Figure, name: str, part: Bbox | None = None) -> str:
    """Return a placed figure as SVG whose words stay words; the same each time.

    Parameters
    ----------
    figure : Figure
    name : str
        Ids in it are derived from the name.
    part : Bbox, optional
        What of it is stored, in inches; the whole where there is none.

    Returns
    -------
    str
        What `curve_readout` finds is its description, as JSON.
    """
    import matplotlib as mpl

    readout = curve_readout(figure, part)
    said = json.dumps(readout, separators=(",", ":")) if readout["axes"] else None
    about = {"Date": None, "Description": said}
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata=about, bbox_inches=part)
    return buffer.getvalue()


def curve_readout(figure: Figure, part: Bbox | None = None) -> dict[str, Any]:
    """Return what a reader's pointer reads off the figure's curves.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Placed.
    part : Bbox, optional
        The part of it that is stored, in inches; the whole where there is none.

    Returns
    -------
    dict
        ``axes``: one entry for each axes with named curves of five points or more: its ``box`` in
        SVG units (left, top, width, height), ``xlim`` and ``ylim``, the ``xlabel`` and the
        ``curves`` (``name``, ``x``, ``y``). Empty list if there are none.
    """
    import numpy as np

    width, height = (float(side) * POINTS for side in figure.get_size_inches())
    left, top = (0.0, height) if part is None else (part.x0 * POINTS, part.y1 * POINTS)
    entries = []
    for axes in figure.axes:
        curves = []
        for line in axes.get_lines():
            label = str(line.get_label())
            x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
            if label.startswith("_") or len(x) < 5:
                continue
            curves.append(
                {
                    "name": label.split("  ")[0],
                    "x": [round(float(v), 4) for v in x],
                    "y": [round(float(v), 4) for v in y],
                }
            )
        if curves:
            box = axes.get_position()
            entries.append(
                {
                    "box": [
                        round(box.x0 * width - left, 2),
                        round(top - box.y1 * height, 2),
                        round(box.width * width, 2),
                        round(box.height * height, 2),
                    ],
                    "xlim": [float(v) for v in axes.get_xlim()],
                    "ylim": [float(v) for v in axes.get_ylim()],
                    "xlabel": axes.get_xlabel(),
                    "curves": curves,
                }
            )
    return {"axes": entries}


def _drawn_part(figure: Figure) -> Bbox:
    """Return what ``bbox_inches="tight"`` cuts a figure to, found without drawing it."""
    import matplotlib as mpl

    box = figure.get_tightbbox(figure.canvas.get_renderer())
    return box.padded(mpl.rcParams["savefig.pad_inches"])
