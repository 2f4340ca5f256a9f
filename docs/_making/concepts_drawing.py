"""The drawing of the page of concepts: `python docs/_making/concepts_drawing.py` writes it anew."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).resolve().parents[1] / "images/concepts.svg"
WIDTH, HEIGHT = 1040, 556
#: Fill and edge of what is handed in, computed, fitted, written and left out.
KINDS = {
    "given": ("#f3f4f6", "#6b7280"),
    "step": ("#e8f1fb", "#0072b2"),
    "model": ("#e6f5ef", "#009e73"),
    "result": ("#fdf1e3", "#b45f06"),
    "out": ("#fbe9e7", "#a33d12"),
}


class Box(NamedTuple):
    """A box: its kind, left upper corner, size, and its title with the lines below it."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    text: str


BOXES = {
    "files": Box("given", 20, 40, 170, 110, "Hospital's files|table|B-mode images|outlines"),
    "reader2": Box("given", 20, 190, 170, 66, "Second reader|outlines of some"),
    "cohort": Box(
        "step",
        *(240, 40, 190, 110),
        "data_processing|cohort: one row a lesion|lesions: grey image,|outline, pixel size",
    ),
    "quarantine": Box("out", 240, 190, 190, 66, "findings|rule, action taken, remedy"),
    "radiomics": Box("step", 480, 20, 190, 66, "radiomics|1561 features a lesion"),
    "deep": Box("step", 480, 106, 190, 66, "deep_features|network, 128 components"),
    "clinical": Box("step", 480, 192, 190, 66, "clinical variables|as the table has them"),
    "rad": Box("model", 720, 20, 130, 66, "Rad|SVM"),
    "dtl": Box("model", 720, 106, 130, 66, "DTL|SVM"),
    "clin": Box("model", 720, 192, 130, 66, "Clinical|logistic regression"),
    "dlr": Box("model", 890, 63, 130, 66, "DLR|SVM, both sources"),
    "cdlr": Box("model", 890, 178, 130, 80, "CDLR|SVM: DLR's score,|clinical variables"),
    "protocols": Box(
        "step",
        *(20, 336, 400, 160),
        "Two protocols, the same steps"
        "|leak_free, the result: whatever is fitted is fitted inside"
        "|the fold; one model's score reaches the next cross-fitted."
        "|as_published: the in-sample recipe common in papers."
        "|The difference in AUC is reported as optimism.",
    ),
    "predictions": Box(
        "result",
        *(470, 336, 200, 110),
        "predictions|a score for each lesion,|model, protocol, fold;|every number follows",
    ),
    "results": Box(
        "result",
        *(720, 336, 300, 110),
        "evaluation, explainability|AUC, calibration, decision curves,"
        "|SHAP and Grad-CAM, each with|intervals or checks",
    ),
    "report": Box("result", 720, 476, 140, 66, "reporting|report, calculator"),
    "package": Box("result", 880, 476, 140, 66, "package_study|one file, study.spl"),
}
ARROWS = (
    "files cohort, cohort radiomics, cohort deep, cohort clinical, cohort quarantine, "
    "radiomics rad, deep dtl, clinical clin, rad dlr, dtl dlr, dlr cdlr, clin cdlr, "
    "protocols predictions, predictions results, results report, results package"
)
_LINE = 'fill="none" stroke="#555" stroke-width="1.5"'
_TEXT = 'text-anchor="middle" fill="#333"'
# From the models down to the protocols that fit them; from the second reader to the selection.
_BENT = f"""\
<path d="M955 258 V312 H220 V336" {_LINE} marker-end="url(#tip)"/>
<text x="590" y="306" font-size="13" {_TEXT}>all five models, fitted by</text>
<path d="M105 256 V282 H700 V53 H720" {_LINE} stroke-dasharray="4 3"/>
<text x="452" y="277" font-size="12" {_TEXT}>repeatable features are kept (ICC)</text>"""
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
    ' orient="auto"><path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>'
)


def drawing() -> str:
    """Return the drawing as SVG; its background is white, for dark pages too."""
    arrows = "\n".join(
        _arrow(*(BOXES[name] for name in pair.split())) for pair in ARROWS.split(", ")
    )
    boxes = "\n".join(_box(box) for box in BOXES.values())
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
 font-family="Helvetica, Arial, sans-serif">
<title>From files to models to results</title>
{_TIP}
<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>
{_BENT}
{arrows}
{boxes}
</svg>
"""


def _box(box: Box) -> str:
    fill, edge = KINDS[box.kind]
    title, *lines = box.text.split("|")
    middle = box.x + box.width // 2
    top = box.y + box.height // 2 - 9 * len(lines) + 5
    place = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
    return "\n".join(
        [
            f'<rect {place} rx="6" fill="{fill}" stroke="{edge}" stroke-width="1.5"/>',
            f'<text x="{middle}" y="{top}" font-size="15" font-weight="bold" {_TEXT}>'
            f"{escape(title)}</text>",
            *(
                f'<text x="{middle}" y="{top + 18 * number}" font-size="13" {_TEXT}>'
                f"{escape(line)}</text>"
                for number, line in enumerate(lines, start=1)
            ),
        ]
    )


def _arrow(start: Box, end: Box) -> str:
    """Return an arrow between the nearest sides of two boxes."""
    if end.x >= start.x + start.width:
        x0, y0 = start.x + start.width, start.y + start.height // 2
        x1, y1 = end.x, end.y + end.height // 2
    else:
        x0 = x1 = max(start.x, end.x) + min(start.width, end.width) // 2
        y0, y1 = start.y + start.height, end.y
    return f'<path d="M{x0} {y0} L{x1} {y1}" {_LINE} marker-end="url(#tip)"/>'


if __name__ == "__main__":
    FILE.write_text(drawing(), encoding="utf-8")
