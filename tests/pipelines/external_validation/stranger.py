"""The external patients of a simulated study, handed over as a stranger would."""

import shutil
from pathlib import Path

import pandas as pd
import yaml

COLUMNS = {
    "age": "Alter",
    "sex": "Geschlecht",
    "pack_years": "Packungsjahre",
    "fever": "Fieber",
    "crp_mg_l": "CRP",
    "lesion_size_mm": "Groesse",
    "angle_chest_wall": "Winkel",
    "margin": "Rand",
    "air_bronchogram": "Bronchogramm",
    "posterior_echo": "Schall",
    "pleural_line": "Pleura",
}
WORDS = {
    "sex": {"female": "w", "male": "m"},
    "fever": {"yes": "ja", "no": "nein"},
    "angle_chest_wall": {"acute": "spitz", "obtuse": "stumpf"},
    "margin": {"smooth": "glatt", "irregular": "unscharf"},
    "air_bronchogram": {"yes": "ja", "no": "nein"},
    "posterior_echo": {"enhancement": "mehr", "none": "kein", "shadow": "Schatten"},
    "pleural_line": {"intact": "erhalten", "interrupted": "unterbrochen"},
}


def hand_over(simulated: Path, folder: Path, centre: str = "centre_b") -> None:
    """Write a table and files under other names and in other words."""
    table = pd.read_csv(simulated / "cohort.csv", dtype="str", keep_default_na=False)
    table = table[table["centre"] == centre].reset_index(drop=True)
    for name in ("bilder", "konturen"):
        (folder / name).mkdir(parents=True)
    given = pd.DataFrame(
        {
            "Fall": table["case_id"],
            "Patient": table["patient_id"],
            "Befund": table["pathology"].map({"benign": "gutartig", "malignant": "boesartig"}),
            "Bild": [f"us{i:04d}.png" for i in table.index],
            "Kontur": [f"rand{i:04d}.png" for i in table.index],
            "Pixel": table["pixel_size_mm"],
        }
    )
    for row, image, outline in zip(table.itertuples(), given["Bild"], given["Kontur"], strict=True):
        shutil.copy(simulated / "images" / row.image_file, folder / "bilder" / image)
        shutil.copy(simulated / "outlines" / row.outline_file, folder / "konturen" / outline)
    for name, column in COLUMNS.items():
        words = WORDS.get(name, {})
        given[column] = [words.get(value, value) for value in table[name]]
    given.to_csv(folder / "patienten.csv", index=False, sep=";")


def environment(conf: Path, folder: Path, without: tuple[str, ...] = ()) -> None:
    """Write the environment of a hospital, whose table may lack some of the variables."""
    clinical = [
        {"name": name, "column": column}
        | (
            {"kind": "category", "mapping": {own: word for word, own in WORDS[name].items()}}
            if name in WORDS
            else {"kind": "numeric"}
        )
        for name, column in COLUMNS.items()
        if name not in without
    ]
    columns = {
        "lesion_id": "Fall", "patient_id": "Patient", "site": None, "label": "Befund",
        "image": "Bild", "masks": "Kontur", "spacing_mm": "Pixel", "cohort": None,
    }  # fmt: skip
    settings = {
        "simulated": True,
        "columns": columns,
        "labels": {"benign": ["gutartig"], "malignant": ["boesartig"]},
        "clinical": clinical,
        "excluded": [],
    }
    module = "spl_kedro.datasets.image_folder"
    catalog = {
        "cohort_table": {
            "type": "spl_kedro.datasets.cohort_table.CohortTableDataset",
            "filepath": str(folder / "patienten.csv"),
        },
        "ultrasound_images": _folder(folder / "bilder", f"{module}.UltrasoundImageDataset"),
        "lesion_masks": _folder(folder / "konturen", f"{module}.OutlineDataset"),
    }
    written = {
        "globals.yml": {"data": f"data/{conf.name}", "dpi": {"print": 60, "screen": 60}},
        "catalog.yml": catalog,
        "parameters_data_processing.yml": {"data_processing": settings},
        "parameters_sealing.yml": {"sealing": {"sealed": True}},
    }
    conf.mkdir()
    # The machine's part and the evaluation's are those of the miniature study.
    for name in ("modeling", "radiomics", "reporting"):
        shutil.copy(conf.parent / f"test/parameters_{name}.yml", conf)
    for name, content in written.items():
        (conf / name).write_text(yaml.safe_dump(content))


def _folder(path: Path, dataset: str) -> dict:
    kind = "spl_kedro.datasets.image_folder.ImageFolderDataset"
    return {"type": kind, "path": str(path), "dataset": dataset, "read_only": True}
