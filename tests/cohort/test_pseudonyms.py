import hmac
from collections import Counter
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from tests.cohort.test_cohort import settings

from spl_kedro.cohort.findings import WHOLE_COHORT
from spl_kedro.cohort.pseudonyms import Handed, Pseudonyms, main, without_identifiers
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import Outline, UltrasoundImage, UnusableLesionError
from spl_kedro.pipelines.data_processing.nodes import check_cohort, split_cohort
from spl_kedro.rules import Rule
from spl_kedro.sealing.settings import SealingSettings

KEY, VARIABLE = b"0123456789abcdef0123456789abcdef", "A_KEY"
NAMES = Pseudonyms(KEY)


@pytest.fixture(autouse=True)
def key(tmp_path, monkeypatch):
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def outline(number: int):
    mask = np.zeros((40, 40), bool)
    mask[5 : 10 + number % 9, 5 : 12 + number // 9] = True
    return lambda: Outline(mask, None, f"outline {number}")


def image(number: int):
    grey = np.random.default_rng(number).integers(0, 256, (40, 40)).astype(np.uint8)
    return lambda: UltrasoundImage(grey, None, f"image {number}")


def broken():
    raise ValueError("Anna_3.png: no picture")


def study(**changes) -> dict:
    """Thirty lesions of twenty patients by name; an image that is broken, one that is absent."""
    people = [f"Anna_{i}" for i in range(30)]
    table = pd.DataFrame(
        {
            "case": people,
            "patient": [f"Mueller {i % 20}" for i in range(30)],
            "centre": "a",
            "result": ["benign" if i % 20 % 2 else "malignant" for i in range(30)],
            "pixel_cm": "0.01",
            "Age": [str(30 + i) for i in range(30)],
            "Sex": "F",
        }
    )
    table.loc[5, "Age"] = "300"
    images = {f"{name}.png": image(i) for i, name in enumerate(people) if i != 4}
    images["Anna_3.png"] = broken
    outlines = {f"{name}_left_1.png": outline(i) for i, name in enumerate(people)}
    own = settings(excluded=[], simulated=False, split={"seed": 1}, **changes)
    return {
        "cohort_table": table,
        "ultrasound_images": images,
        "lesion_masks": outlines,
        "reader2_masks": {f"{people[0]}_second.png": outline(1)},
        "settings": own,
    }


def test_a_pseudonym_is_the_beginning_of_an_hmac():
    told = hmac.new(KEY, b"Anna_1", "sha256").hexdigest()
    assert NAMES("Anna_1") == told[:12]
    assert Pseudonyms(KEY[::-1])("Anna_1") != told[:12]
    assert NAMES("Jos\u00e9") == NAMES("Jose\u0301")


@pytest.mark.parametrize("sealed", [False, True])
def test_with_pseudonyms_the_study_is_the_same_under_other_names(sealed):
    state = SealingSettings(sealed=sealed, sample_size="all")
    plain = check_cohort(**study(), sealing=state)
    hidden = check_cohort(**study(pseudonyms=VARIABLE), sealing=state)
    for told, own in zip(plain, hidden, strict=True):
        if isinstance(told, dict):
            assert {NAMES(name) for name in told} == set(own)
    assert set(hidden[0].index) == {NAMES(name) for name in plain[0].index}
    left_out = ["rule", "stage"]
    told, own = (
        found[found["action"].ne("flagged") & found["lesion_id"].ne(WHOLE_COHORT)]
        for found in (plain[3], hidden[3])
    )
    expected = told.assign(lesion_id=told["lesion_id"].map(NAMES)).sort_values("lesion_id")
    assert len(own) == 3
    pd.testing.assert_frame_equal(
        own[["lesion_id", *left_out]].reset_index(drop=True),
        expected[["lesion_id", *left_out]].reset_index(drop=True),
    )
    # The split draws patients in the order of their names; it is another one of the same sizes.
    columns = [c for c in plain[0] if c not in ("patient_id", "cohort", "label")]
    renamed = plain[0].rename(index=NAMES).sort_index()
    pd.testing.assert_frame_equal(renamed[columns], hidden[0][columns], check_names=False)
    assert (renamed["patient_id"].map(NAMES) == hidden[0]["patient_id"]).all()
    if not sealed:
        pd.testing.assert_series_equal(renamed["label"], hidden[0]["label"], check_names=False)
        cohorts = [split_cohort(part[0], study()["settings"]) for part in (plain, hidden)]
        sizes = [c.groupby("cohort")["patient_id"].nunique().to_dict() for c in cohorts]
        assert sizes[0] == sizes[1]
        assert (cohorts[1].groupby("patient_id")["cohort"].nunique() == 1).all()


def test_no_name_stands_in_anything_that_follows(caplog):
    parts = check_cohort(**study(pseudonyms=VARIABLE))
    text = caplog.text + "".join(
        part.reset_index().to_csv()
        if isinstance(part, pd.DataFrame)
        else repr(list(part) if isinstance(part, dict) else vars(part))
        for part in parts
    )
    assert "Anna" not in text
    assert "Mueller" not in text
    assert parts[1][NAMES("Anna_7")]().lesion_id == NAMES("Anna_7")


def test_an_error_of_a_file_names_its_pseudonym_and_hides_the_one_it_came_from():
    handed = Handed(study()["cohort_table"], {"Anna_3.png": broken}, {}, {})
    ((name, read),) = without_identifiers(handed, study(pseudonyms=VARIABLE)["settings"])[1].items()
    with pytest.raises(UnusableLesionError, match=NAMES("Anna_3")) as caught:
        read()
    assert name == f"{NAMES('Anna_3')}.png"
    assert caught.value.rule == Rule.READABLE
    assert "Anna" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_files_found_by_a_pattern_lose_their_names_too():
    given = study(pseudonyms=VARIABLE, files={"image": "us_{id}", "outline": "roi_{id}"})
    for kind, begins in (("ultrasound_images", "us_"), ("lesion_masks", "roi_")):
        given[kind] = {begins + name.replace("_left_1", ""): r for name, r in given[kind].items()}

    def unreadable():
        raise ValueError("us_Anna_3.png: no picture")

    given["ultrasound_images"]["us_Anna_3.png"] = unreadable
    own, expected = check_cohort(**given), check_cohort(**study())
    assert set(own[1]) == {NAMES(name) for name in expected[1]}
    assert "Anna" not in own[3].to_csv()
    assert own[3]["message"].str.contains("no picture").any()


def test_files_that_the_table_names_are_found_under_their_new_names_and_keep_their_folders():
    own = settings(
        pseudonyms=VARIABLE,
        columns={"lesion_id": "case", "label": "result", "image": "image", "masks": "outlines"},
        clinical=[],
        excluded=[],
    )
    table = pd.DataFrame(
        {
            "case": ["1", "1_2", "#REF!", "unknown"],
            "result": "benign",
            "image": ["x/IMG 1.PNG", "IMG_2.png", "", "IMG_9.png"],
            "outlines": ["x/a.png; b.png", "", "", ""],
        }
    )
    files = ("x/IMG 1.PNG", "y/IMG 1.PNG", "IMG_2.png", "IMG_2.tif")
    outlines = ("x/a.png", "b.png", "1_2.png", "1_2_3.png", "IMG_2_mask.png")
    handed = without_identifiers(
        Handed(table, dict.fromkeys(files, int), dict.fromkeys(outlines, int), {}), own
    )
    assert len(handed.images) == len(files)
    assert len(handed.outlines) == len(outlines)
    assert handed.table["image"][0] in handed.images
    assert set(handed.table["outlines"][0].split(";")) <= set(handed.outlines)
    assert handed.table["case"].tolist() == [NAMES("1"), NAMES("1_2"), "#REF!", "unknown"]
    beginnings = Counter(name.partition("_")[0].partition(".")[0] for name in handed.outlines)
    assert beginnings[NAMES("1_2")] == 2
    assert beginnings[NAMES("IMG_2")] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "is not set"), ("absent", "cannot be read"), (b"short", "5 bytes")],
)
def test_a_key_that_is_wanting_ends_the_run_with_one_line(content, words, key, monkeypatch):
    if content is None:
        monkeypatch.delenv(VARIABLE)
    elif content == "absent":
        key.unlink()
    else:
        key.write_bytes(content)
    with pytest.raises(UnusableStudyError, match=words) as caught:
        check_cohort(**study(pseudonyms=VARIABLE))
    assert str(key) not in str(caught.value)


def test_the_command_makes_a_key_for_its_owner_alone_and_lists_pseudonyms(
    tmp_path, monkeypatch, capsys
):
    path = tmp_path / "new"
    monkeypatch.setattr("sys.argv", ["pseudonyms", "--make-key", str(path)])
    main()
    assert path.stat().st_mode & 0o077 == 0
    made = path.read_bytes().strip()
    assert len(made) == 64
    with pytest.raises(FileExistsError):
        main()
    monkeypatch.setattr("sys.argv", ["pseudonyms", "--key", str(path)])
    monkeypatch.setattr("sys.stdin", StringIO("Anna_1\nAnna_2\n"))
    main()
    listed = capsys.readouterr().out.splitlines()
    assert listed[1] == f"Anna_1,{Pseudonyms(made)('Anna_1')}"
