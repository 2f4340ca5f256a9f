"""Tables of an examination that was made up, for what is read off them."""

from itertools import product

import numpy as np
import pandas as pd

KINDS = ("eroded", "dilated", "shifted", "smoothed")
OUTLINES = [("original", 0.0), *product(KINDS, (1.0, 2.0))]


def made_up_tables() -> dict[str, pd.DataFrame]:
    """Return AUCs, spread and surviving features of two models in two cohorts and two sizes."""
    with_hands = [*OUTLINES, ("second reader", np.nan), ("machine", np.nan)]
    auc = [_area(*row) for row in product(("training", "validation"), ("rad", "cdlr"), with_hands)]
    spread = [_spread(*row) for row in product(("rad", "cdlr"), (1.0, 2.0), range(20))]
    summary = [_summary(*row) for row in product(OUTLINES[1:], ("all", "used", "glcm"))]
    rows = {"outline_auc": auc, "outline_spread": spread, "outline_summary": summary}
    return {name: pd.DataFrame(own).assign(unit="mm") for name, own in rows.items()}


def _area(cohort: str, model: str, outline: tuple[str, float]) -> dict:
    kind, size = outline
    error = float(np.nan_to_num(size, nan=0.9))
    # The largest loss is known.
    loss = -0.01 * error - 0.05 * (kind == "eroded" and size == 2.0 and model == "cdlr")
    row = {"kind": kind, "size": size, "cohort": cohort, "model": model, "n": 90, "events": 40}
    row |= {"distance": error, "dice": 0.95, "change": 0.02, "flipped": 0.125}
    row |= {"auc": 0.8 + loss, "low": 0.7 + loss, "high": 0.9 + loss, "confidence": 0.95}
    row |= {"left_out": int(kind == "eroded"), "unit_of_n": "lesions"}
    if kind != "original":
        row |= {"difference": loss, "difference_low": loss - 0.02, "difference_high": loss + 0.02}
        row |= {"p": 0.2, "p_holm": 0.4, "test": "delong"}
    return row


def _spread(model: str, size: float, lesion: int) -> dict:
    original = 0.1 + 0.04 * lesion
    low, high = original - 0.03 * size, original + 0.02 * size
    row = {"lesion_id": f"SPL{lesion:04d}", "model": model, "cohort": "training", "size": size}
    row |= {"original": original, "threshold": 0.5, "outlines": 4, "sd": 0.02 * size}
    row |= {"lowest": low, "highest": high, "range": high - low}
    return row | {"flipped": 0.25 if low < 0.5 <= high else 0.0}


def _summary(outline: tuple[str, float], name: str) -> dict:
    row = {"kind": outline[0], "size": outline[1], "feature_class": name, "features": 40}
    row |= {"consistency": 0.9, "agreement": 0.8, "threshold": 0.75}
    return row | {"stable": 0.75, "agreeing": 0.5}
