"""The table of distances, on small sets of drawn speckle."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from tests.sceptic.realism.images import speckle

from spl_kedro.drawing import Rendering, render
from spl_kedro.imaging import UltrasoundImage
from spl_kedro.sceptic.realism.comparisons import TITLES, comparisons
from spl_kedro.sceptic.realism.figure import realism_figure
from spl_kedro.sceptic.realism.measures import (
    BREAST,
    GREY,
    LUNG,
    SIMULATED,
    Picture,
    RealPicture,
    measure_images,
    simulated_picture,
)
from spl_kedro.sceptic.realism.profiles import profile_table
from spl_kedro.sceptic.realism.settings import RealismSettings
from spl_kedro.sceptic.realism.tables import COLUMNS, distance_table

SETTINGS = RealismSettings(n_resamples=20, n_splits=4, repeats=1)


def drawn(
    seed: int, gain_db: float = -25, size: tuple[float, float] = (2.0, 3.0)
) -> tuple[np.ndarray, np.ndarray]:
    """Return image and outline; the image's own size tells even seeds from odd ones."""
    rng = np.random.default_rng(seed)
    image = speckle(rng, (270 + 20 * (seed % 2), 200), gain_db=gain_db, size=size)
    mask = np.zeros(image.shape, dtype=np.uint8)
    mask[60:160, 50:150] = 255
    return np.rint(image).astype(np.uint8), mask


def pictures() -> dict[str, dict[str, Callable[[], Picture]]]:
    # Without functions of this file, which a worker process could not import.
    sets = {
        SIMULATED: {f"s{n}": drawn(n) for n in range(10)},
        # The same speckle, 6 dB or 25.5 grey levels brighter; no outlines.
        LUNG: {f"l{n}": drawn(100 + n, gain_db=-19) for n in range(4)},
        # Larger speckle.
        BREAST: {f"b{n}": drawn(200 + n, size=(3.0, 4.5)) for n in range(11)},
    }
    found: dict = {
        group: {name: partial(simulated_picture, *parts) for name, parts in own.items()}
        for group, own in sets.items()
    }
    found[LUNG] = {
        name: RealPicture(partial(UltrasoundImage, image, None, ""))
        for name, (image, _) in sets[LUNG].items()
    }
    return found


def broken() -> Picture:
    raise OSError("cannot identify the file")


@pytest.fixture(scope="module")
def measured() -> pd.DataFrame:
    table, left_out = measure_images(pictures(), SETTINGS, n_jobs=1)
    assert left_out.empty
    return table


@pytest.fixture(scope="module")
def distances(measured) -> pd.DataFrame:
    return distance_table(measured, SETTINGS, n_jobs=1)


def row(table, comparison, measure, region="field"):
    (found,) = table[
        (table["comparison"] == comparison)
        & (table["measure"] == measure)
        & (table["region"] == region)
    ].to_dict("records")
    return found


def test_every_image_has_a_row_of_finite_numbers_in_the_order_of_sets_and_names(measured):
    assert measured["set"].tolist() == [SIMULATED] * 10 + [LUNG] * 4 + [BREAST] * 11
    for _, own in measured.groupby("set"):
        assert own["name"].tolist() == sorted(own["name"])
    own = measured.filter(regex="^(?!lesion:|set|name)")
    assert np.isfinite(own.to_numpy(dtype=float)).all()
    np.testing.assert_allclose(measured[list(GREY)].sum(axis=1), 1)
    outlined = measured.filter(like="lesion:").notna().all(axis=1)
    assert outlined.tolist() == (measured["set"] != LUNG).tolist()


def test_a_brighter_set_is_as_many_grey_levels_off_as_it_is_brighter(distances):
    found = row(distances, "lung", "grey_histogram")
    assert found["low"] < found["value"] < found["high"]
    # Undone compression: 6 dB of 60 dB over 255 levels.
    assert found["value"] == pytest.approx(25.5, abs=3)


def test_brightness_changes_neither_spectrum_nor_size_of_speckle(distances):
    assert row(distances, "lung", "spectrum")["value"] < 1
    assert row(distances, "breast", "spectrum")["value"] > 3
    for measure in ("speckle_axial", "speckle_lateral"):
        assert row(distances, "lung", measure)["value"] < 15
        found = row(distances, "breast", measure)
        # One and a half times as large; small windows see a little less of that.
        assert found["value"] == pytest.approx(50, abs=15)
        assert found["first_median"] < found["second_median"]


def test_sets_that_differ_are_told_apart_and_halves_of_one_are_not(distances):
    assert row(distances, "breast", "radiomics_auc")["value"] > 0.95
    assert row(distances, "breast_halves", "radiomics_auc")["value"] < 0.8
    for region in ("field", "lesion"):
        apart = row(distances, "breast", "radiomics_energy", region)["value"]
        assert apart > 2 * row(distances, "breast_halves", "radiomics_energy", region)["value"]


def test_inside_outlines_only_sets_with_outlines_are_compared(distances):
    assert list(distances.columns) == COLUMNS
    assert set(distances.loc[distances["region"] == "field", "comparison"]) == set(TITLES)
    inside = distances[distances["region"] == "lesion"]
    assert set(inside["comparison"]) == {"breast", "breast_halves", "breast_few", "breast_sizes"}
    assert (distances["reference"] == ~distances["comparison"].isin(["lung", "breast"])).all()


def test_intervals_hold_their_distance_and_stay_within_what_is_possible(distances):
    assert (distances["low"] <= distances["value"] + 1e-12).all()
    assert (distances["value"] <= distances["high"] + 1e-12).all()
    assert (distances["low"] >= 0).all()
    shares = distances[distances["unit"].isin(["share", "AUC"])]
    assert (shares["high"] <= 1).all()
    assert set(distances["method"]) <= {"bootstrap", "delong logit", "newcombe", "splits"}


def test_neither_processes_nor_the_order_of_files_change_the_table(distances):
    shuffled = {
        group: dict(reversed(found.items())) for group, found in reversed(pictures().items())
    }
    ordered = {group: shuffled[group] for group in (SIMULATED, LUNG, BREAST)}
    again, _ = measure_images(ordered, SETTINGS, n_jobs=2)
    pd.testing.assert_frame_equal(distance_table(again, SETTINGS, n_jobs=2), distances)


def test_without_images_of_the_lung_the_rest_is_compared(measured):
    own = measured[measured["set"] != LUNG].reset_index(drop=True)
    found = [comparison.key for comparison in comparisons(own, SETTINGS)]
    assert found == ["breast", "breast_halves", "breast_sizes"]


def test_an_image_that_cannot_be_read_or_compared_is_left_out_with_its_rule():
    sets = {
        SIMULATED: {"fine": partial(simulated_picture, *drawn(1))},
        LUNG: {"damaged.png": broken, "blank.png": blank},
    }
    table, left_out = measure_images(sets, SETTINGS, n_jobs=1)
    assert table["name"].tolist() == ["fine"]
    assert left_out.set_index("lesion_id")["rule"].to_dict() == {
        "damaged.png": "readable file",
        "blank.png": "a plausible image size",
    }


def blank() -> Picture:
    return Picture(np.zeros((300, 300)), None, (300, 300))


def test_the_figure_is_marked_as_simulated_and_names_every_comparison(measured, distances):
    profiles = profile_table(measured, SETTINGS.confidence)
    figure = realism_figure(distances, profiles)
    svg = render(figure, [wanted := Rendering("realism", dpi=60, vector=True)])[wanted].svg
    assert "Simulated patients" in svg
    assert "10 simulated, 4 real lung, 11 BrEaST" in svg
    assert "simulated and real lung" in svg
    assert "halves of BrEaST" in svg


def test_a_profile_is_the_mean_over_images_with_its_interval(measured):
    profiles = profile_table(measured, 0.95)
    own = profiles[(profiles["set"] == LUNG) & (profiles["profile"] == "grey")]
    expected = measured.loc[measured["set"] == LUNG, list(GREY)].mean().to_numpy()
    np.testing.assert_allclose(own["value"], expected)
    assert (own["low"] <= own["value"]).all()
    speckle_sizes = profiles[profiles["profile"] == "speckle_axial"].set_index("set")["value"]
    assert speckle_sizes[BREAST] > 1.25 * speckle_sizes[SIMULATED]
