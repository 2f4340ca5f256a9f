"""Odd tables and folders, and what has to be guessed of each."""

from dataclasses import dataclass, field

import pandas as pd
import pytest

from spl_kedro.cohort.guess.study import Names, guess, names_in
from spl_kedro.cohort.table_file import read_table
from spl_kedro.errors import UnusableStudyError

ROWS = 24


def counted(pattern: str, start: int = 1) -> list[str]:
    return [pattern.format(start + number) for number in range(ROWS)]


def alternating(*words: str) -> list[str]:
    return [words[number % len(words)] for number in range(ROWS)]


@dataclass
class Odd:
    """A cohort as handed over, and what is to be found; of what is not named nothing is asked."""

    images: list[str]
    outlines: list[str]
    table: dict[str, list[str]] | None = None
    separator: str = ";"
    columns: dict[str, str | None] = field(default_factory=dict)
    files: tuple[str | None, str | None] = (None, None)
    labels: tuple[list[str], list[str]] = (["benign"], ["malignant"])
    clinical: dict[str, str] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)


IDS = counted("SPL{:03d}")
PLAIN = {"images": [f"{name}.png" for name in IDS], "outlines": [f"{name}.png" for name in IDS]}
BUSBRA = counted("{:04d}-l")
BRACKETS = [f"benign ({n})" for n in range(1, 13)] + [f"malignant ({n})" for n in range(1, 13)]

ODD = {
    "German, semicolons": Odd(
        images=counted("F-{}.jpg", 100),
        outlines=counted("F-{}_Kontur.png", 100),
        table={
            "Fallnummer": counted("F-{}", 100),
            "Patienten-Nr.": [f"P{number // 2}" for number in range(ROWS)],
            "Klinik": alternating("Süd", "Nord"),
            "Alter (Jahre)": [str(40 + number) for number in range(ROWS)],
            "Geschlecht": alternating("w", "m", "m"),
            "Befund": alternating("gutartig", "bösartig"),
            "Geburtsdatum": counted("{:02d}.01.1950"),
            "Durchmesser_mm": [f"{number},5" for number in range(ROWS)],
        },
        columns={
            "lesion_id": "Fallnummer", "patient_id": "Patienten-Nr.", "site": "Klinik",
            "label": "Befund",
        },
        labels=(["gutartig"], ["bösartig"]),
        clinical={"age": "numeric", "sex": "category", "durchmesser_mm": "numeric"},
        excluded={"Geburtsdatum"},
    ),
    "capital ID, a histology, BI-RADS": Odd(
        **PLAIN,
        table={
            "ID": IDS,
            "AGE": [str(30 + number) for number in range(ROWS)],
            "Pathology": alternating("Benign", "Malignant"),
            "Histology": alternating("fibroadenoma", "carcinoma"),
            "BI-RADS": alternating("3", "4", "5"),
        },
        columns={"lesion_id": "ID", "patient_id": None, "label": "Pathology"},
        labels=(["Benign"], ["Malignant"]),
        clinical={"age": "numeric"},
        excluded={"Histology", "BI-RADS"},
        asked={"columns.patient_id"},
    ),
    "bus_0001 and mask_0001": Odd(
        images=[f"bus_{name}.png" for name in BUSBRA],
        outlines=[f"mask_{name}.png" for name in BUSBRA],
        table={
            "ID": [f"bus_{name}" for name in BUSBRA],
            "Case": [str(1 + number // 2) for number in range(ROWS)],
            "Pathology": alternating("benign", "benign", "malignant", "malignant"),
            "Device": alternating("GE", "Toshiba", "GE"),
        },
        columns={"lesion_id": "ID", "patient_id": "Case", "label": "Pathology"},
        files=("bus_{id}", "mask_{id}"),
        excluded={"Device"},
        asked={"columns.patient_id"},
    ),
    "folders, blanks and brackets, several outlines": Odd(
        images=[f"{name.split()[0]}/{name}.png" for name in BRACKETS],
        outlines=[f"{name.split()[0]}/{name}_mask.png" for name in BRACKETS]
        + ["benign/benign (3)_mask_1.png", "malignant/malignant (1)_mask_1.png"],
        columns={"lesion_id": "lesion_id", "label": "folder", "patient_id": None},
        files=(None, "{id}_mask*"),
    ),
    "folders with files of one name": Odd(
        images=[f"{folder}/{n}.png" for folder in ("gutartig", "maligne") for n in range(12)],
        outlines=[f"{folder}/{n}-roi.png" for folder in ("gutartig", "maligne") for n in range(12)],
        columns={"lesion_id": "lesion_id", "label": "folder"},
        files=("{folder}/{id}", "{folder}/{id}-roi"),
        labels=(["gutartig"], ["maligne"]),
        asked={"files.image"},
    ),
    "a folder for each lesion": Odd(
        images=[f"{name}/image.dcm" for name in IDS],
        outlines=[f"{name}/mask.nii.gz" for name in IDS],
        table={"Key": IDS, "malignant": alternating("yes", "no")},
        columns={"lesion_id": "Key", "label": "malignant"},
        files=("{id}/image", "{id}/mask"),
        labels=(["no"], ["yes"]),
        asked={"labels"},
    ),
    "numbers that the files fill with zeros": Odd(
        images=counted("us{:04d}.bmp"),
        outlines=counted("us{:04d}_seg.bmp"),
        table={"Nr.": counted("{}"), "Diagnosis": alternating("b", "m")},
        columns={"lesion_id": "Nr.", "label": "Diagnosis"},
        files=("us{id:4}", "us{id:4}_seg"),
        labels=(["b"], ["m"]),
    ),
    "zero and one are asked back": Odd(
        **PLAIN,
        table={"case": IDS, "label": alternating("0", "1"), "CRP": counted("{}.5")},
        columns={"lesion_id": "case", "label": "label"},
        labels=(["0"], ["1"]),
        clinical={"crp": "numeric"},
        asked={"labels"},
    ),
    "Spanish, words for missing": Odd(
        **PLAIN,
        table={
            "Caso": IDS,
            "Paciente": counted("x{}"),
            "Edad": ["desconocido", *[str(50 + number) for number in range(ROWS - 1)]],
            "Sexo": alternating("mujer", "hombre", "-"),
            "Resultado": alternating("Benigno", "Maligno"),
        },
        columns={"lesion_id": "Caso", "patient_id": "Paciente", "label": "Resultado"},
        labels=(["Benigno"], ["Maligno"]),
        clinical={"age": "numeric", "sex": "category"},
    ),
    "Chinese": Odd(
        **PLAIN,
        table={
            "编号": IDS,
            "年龄": [str(50 + number) for number in range(ROWS)],
            "性别": alternating("男", "女", "女"),
            "良恶性": alternating("良性", "恶性"),
            "病理诊断": alternating("炎症", "腺癌", "炎症", "鳞癌"),
        },
        columns={"lesion_id": "编号", "label": "良恶性"},
        labels=(["良性"], ["恶性"]),
        clinical={"age": "numeric", "sex": "category"},
        excluded={"病理诊断"},
    ),
    "file names in the table, several outlines in a cell": Odd(
        images=counted("scan{}.png"),
        outlines=[f"o{n}{side}.png" for n in range(1, ROWS + 1) for side in "ab"],
        table={
            "case": counted("C{}", 500),
            "Picture": counted("scan{}.png"),
            "Contours": [f"o{n}a.png & o{n}b.png" for n in range(1, ROWS + 1)],
            "class": alternating("malignant", "benign", "not malignant"),
            "pixel_size_cm": alternating("0.01", "0.02"),
        },
        columns={
            "lesion_id": "case", "image": "Picture", "masks": "Contours", "label": "class",
            "spacing_mm": "pixel_size_cm",
        },
        labels=(["benign", "not malignant"], ["malignant"]),
    ),
    "a copy of the diagnosis, free text, a constant, a running number": Odd(
        **PLAIN,
        table={
            "n": counted("{}"),
            "lesion": IDS,
            "dignity": alternating("benign", "malignant"),
            "colour": alternating("green", "red"),
            "remarks": counted("seen on day {}"),
            "country": alternating("x"),
            "margin": alternating("sharp", "blurred", "sharp"),
            "treatment": alternating("none", "surgery", "drugs"),
            "split": alternating("training", "training", "validation"),
        },
        columns={"lesion_id": "lesion", "label": "dignity", "cohort": "split"},
        clinical={"margin": "category"},
        excluded={"colour", "treatment"},
        asked={"excluded.colour", "columns.cohort", "clinical.margin"},
    ),
    "one outline folder, other names for the images than the table's": Odd(
        images=counted("export{}.png", 900),
        outlines=counted("export{}.png", 900),
        table={"lesion": IDS, "pathology": alternating("benign", "malignant")},
        columns={"lesion_id": "lesion"},
        asked={"columns.lesion_id", "files.image", "files.outline"},
    ),
    "no diagnosis in the table, but in the folders": Odd(
        images=[f"{('benign', 'malignant')[n % 2]}/{name}.png" for n, name in enumerate(IDS)],
        outlines=PLAIN["outlines"],
        table={"lesion": IDS, "age": counted("{}", 40)},
        columns={"lesion_id": "lesion", "label": None},
        clinical={"age": "numeric"},
        asked={"columns.label"},
    ),
}  # fmt: skip


@pytest.fixture(params=ODD, ids=list(ODD))
def odd(request, tmp_path):
    cohort = ODD[request.param]
    table = None
    if cohort.table is not None:
        path = tmp_path / "t.csv"
        frame = pd.DataFrame(cohort.table)
        path.write_bytes(frame.to_csv(index=False, sep=cohort.separator).encode("utf-16"))
        table = read_table(path)
    return cohort, guess(table, Names(cohort.images, cohort.outlines, cohort.table is None))


def test_what_is_guessed_of_an_odd_cohort(odd):
    cohort, draft = odd
    assert {key: draft.columns[key] for key in cohort.columns} == cohort.columns
    assert (draft.image, draft.outline) == cohort.files
    if draft.columns["label"] is not None:
        assert tuple(map(sorted, draft.labels.values())) == tuple(map(sorted, cohort.labels))
    assert {variable.name: variable.kind for variable in draft.clinical} == cohort.clinical
    assert set(draft.excluded) == cohort.excluded
    # Who no patient is found for is asked wherever none is.
    assert cohort.asked <= set(draft.checks)


def test_the_rows_find_their_files_by_what_was_guessed(odd):
    cohort, draft = odd
    told = next(line for line in draft.told if "find their image" in line)
    lost = cohort.asked >= {"files.image", "files.outline"}
    assert (
        told
        == f"of the rows {0 if lost else ROWS} find their image, {0 if lost else ROWS} an outline"
    )


def test_words_that_say_missing_are_written_down():
    table = pd.DataFrame({"case": IDS, "age": alternating("41", "k.A.", "52", "63")})
    draft = guess(table, Names(PLAIN["images"], PLAIN["outlines"], False))
    assert draft.missing_words == ["", "na", "n/a", "nan", "unknown", "k.a."]


def test_in_one_folder_the_names_say_which_files_are_outlines(tmp_path):
    for name in ("P1.png", "P1_mask.png", "P2.jpg", "P2-seg.png", ".P3.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert names_in(tmp_path, tmp_path) == Names(
        ["P1.png", "P2.jpg"], ["P1_mask.png", "P2-seg.png"], True
    )


def test_a_folder_in_the_other_and_one_that_is_absent_are_refused(tmp_path):
    (tmp_path / "masks").mkdir()
    with pytest.raises(UnusableStudyError, match="lies in the other"):
        names_in(tmp_path, tmp_path / "masks")
    with pytest.raises(UnusableStudyError, match="there is no folder"):
        names_in(tmp_path / "nowhere", tmp_path)


def test_ten_thousand_lesions_take_no_longer_than_their_files():
    """A comparison of all identifiers with all files takes hours, beyond the limit of a test."""
    identifiers = [f"centre_{number % 9}_case_{number}" for number in range(10_000)]
    table = pd.DataFrame({"key": identifiers, "class": ["benign", "malignant"] * 5_000})
    files = [f"us_{name}.png" for name in identifiers]
    draft = guess(table, Names(files, [f"roi_{name}.png" for name in identifiers], False))
    assert (draft.image, draft.outline) == ("us_{id}", "roi_{id}")


@pytest.mark.parametrize(("cell", "factor", "told"), [("0.0078", 10, "cm"), ("0.078", 1, "mm")])
def test_a_pixel_size_without_a_unit_is_told_as_what_it_is_taken_for(cell, factor, told):
    # Fault: a person is asked for the unit, and not told which was taken.
    draft = guess(
        pd.DataFrame({"case": IDS, "pixel_size": [cell] * ROWS}),
        Names(PLAIN["images"], PLAIN["outlines"], False),
    )
    assert draft.spacing_to_mm == factor
    assert f"taken as {told}" in draft.checks["spacing_to_mm"]
    assert "0.078 mm" in draft.checks["spacing_to_mm"]
