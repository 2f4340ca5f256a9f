"""The README's pictures, from the data folder of one finished run of `make run`."""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from spl_kedro.simulation import contact_sheet

IMAGES = Path(__file__).resolve().parents[1] / "images"
#: Figures of the run: name of the picture, and its width in pixels.
FIGURES = {"roc.png": 795, "shap_beeswarm.png": 1000, "gradcam_panel.jpg": 1400}
SHEET_WIDTH, OF_EACH = 1400, 3


def main() -> None:
    """Make the pictures anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="data folder of the run")
    data = parser.parse_args().data
    for name, width in FIGURES.items():
        drawn = data / "08_reporting" / Path(name).with_suffix(".png")
        _save(Image.open(drawn).convert("RGB"), width, name)
    _save(_sheet(data / "01_raw/simulated"), SHEET_WIDTH, "simulated_patients.jpg")


def _sheet(raw: Path) -> Image.Image:
    """Draw the first lesions of each hospital and diagnosis."""
    table = pd.read_csv(raw / "cohort.csv", dtype=str)
    rows = table.groupby(["centre", "pathology"]).head(OF_EACH)
    images, masks, captions = {}, {}, {}
    for row in rows.to_dict("records"):
        name = row["image_file"]
        images[name] = np.asarray(Image.open(raw / "images" / name).convert("L"))
        masks[name] = np.asarray(Image.open(raw / "outlines" / row["outline_file"]).convert("L"))
        captions[name] = f"{row['pathology']}, {row['centre']}"
    drawn = BytesIO()
    contact_sheet(images, masks, captions).savefig(drawn, dpi=150)
    return Image.open(drawn).convert("RGB")


def _save(picture: Image.Image, width: int, name: str) -> None:
    height = round(picture.height * width / picture.width)
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    if name.endswith(".png"):
        # Few colours: a third of the size, and nothing to be seen of it.
        small.quantize(128, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)
    else:
        small.save(IMAGES / name, quality=80, optimize=True)


if __name__ == "__main__":
    main()
