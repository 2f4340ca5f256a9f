"""The distances that travel with the package, and what the pages say of them."""

import datetime
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from tests.projects import ROOT

from spl_kedro.imaging import read_image
from spl_kedro.pipelines.realism.nodes import simulated
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.sceptic.realism import __main__ as command
from spl_kedro.sceptic.realism.comparisons import REFERENCES, TITLES, comparisons
from spl_kedro.sceptic.realism.distances import even_weights
from spl_kedro.sceptic.realism.field import scaled
from spl_kedro.sceptic.realism.measured import FILE, MeasuredRealism, measured, measured_from
from spl_kedro.sceptic.realism.measures import (
    BREAST,
    LUNG,
    SIMULATED,
    Picture,
    RealPicture,
    field_measures,
)
from spl_kedro.sceptic.realism.settings import RealismSettings
from spl_kedro.sceptic.realism.statement import realism_statement, statement_of, table_of
from spl_kedro.sceptic.realism.tables import COLUMNS, measures_of
from spl_kedro.settings import CONFIG_LOADER_ARGS

KEPT = ROOT / "src/spl_kedro/sceptic/realism" / FILE


def parameters() -> dict:
    """Return the parameters of the study on simulated patients."""
    return OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)["parameters"]


def a_run() -> pd.DataFrame:
    """Return a table as a run writes it, with numbers that no other has."""
    rows = []
    for place, key in enumerate(TITLES):
        for measure, value in (("radiomics_auc", 0.61), ("grey_histogram", 17.0)):
            rows.append(
                {
                    **dict.fromkeys(COLUMNS, 0.0),
                    "comparison": key, "reference": key in REFERENCES, "region": "field",
                    "measure": measure, "unit": "AUC", "method": "splits", "confidence": 0.9,
                    "value": value + place / 100, "low": value - 0.1, "high": value + 0.123456,
                    "first_images": 40, "second_images": 7 if key == "lung" else 90,
                    "first_median": float("nan"), "second_median": 1.0,
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(
        seed=5, simulation_seed=6, dynamic_range_db=60.0, n_resamples=20, n_splits=4
    )


@pytest.fixture
def stored(tmp_path) -> Path:
    path = tmp_path / "sceptic_realism.parquet"
    a_run().to_parquet(path)
    return path


def test_the_command_writes_what_it_read_in_the_form_of_the_packages_file(stored, tmp_path, capsys):
    command.main([str(stored), "--to", str(tmp_path / FILE)])
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    found = MeasuredRealism.model_validate_json(text)
    assert abs(found.measured_on - datetime.datetime.now(tz=datetime.UTC).date()).days <= 1
    assert found == measured_from(a_run(), found.measured_on)
    assert (found.simulated_images, found.lung_images, found.breast_images) == (40, 7, 90)
    assert (found.seed, found.simulation_seed, found.confidence) == (5, 6, 0.9)
    assert found.distance("lung", "grey_histogram").high == 17.12
    assert found.distance("lung", "grey_histogram").first_median is None
    assert set(json.loads(text)) == set(json.loads(KEPT.read_text(encoding="utf-8")))
    assert statement_of(found) in capsys.readouterr().out


def test_the_packages_file_is_as_the_command_writes_it():
    text = KEPT.read_text(encoding="utf-8")
    assert measured().model_dump_json(indent=1) + "\n" == text


def test_the_command_without_a_table_prints_the_statement_and_changes_nothing(capsys):
    before = KEPT.read_bytes()
    command.main([])
    assert realism_statement() in capsys.readouterr().out
    assert KEPT.read_bytes() == before


def test_a_run_without_images_of_the_lung_is_not_kept(stored):
    table = a_run()
    with pytest.raises(KeyError, match="lung"):
        measured_from(table[table["comparison"] != "lung"], datetime.date(2026, 1, 1))


def test_the_statement_names_the_distances_their_intervals_and_the_number_of_images():
    said = statement_of(measured_from(a_run(), datetime.date(2026, 1, 1)))
    assert "from 7 real lung images with AUC 0.61 (0.51 to 0.73)" in said
    assert "from 90 real breast images (BrEaST) with 0.62" in said
    assert "17 (17 to 17) and 17 (17 to 17) of 255 levels off" in said
    assert said.endswith("not how well the method does in patients.")


@pytest.mark.parametrize("page", ["README.md", "docs/simulation.md"])
def test_the_pages_say_what_was_measured(page):
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert realism_statement() in text


def test_the_table_of_the_docs_is_that_of_the_packages_file():
    assert table_of(measured()) in (ROOT / "docs/simulation.md").read_text(encoding="utf-8")


def test_every_page_with_results_on_simulated_patients_points_to_the_distances():
    # The anchor that GitHub gives the heading.
    link = "simulation.md#how-far-from-real"
    silent = []
    for path in sorted((ROOT / "docs").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if path.name != "simulation.md" and "simulated" in text.lower() and "0." in text:
            silent += [] if link in text else [path.name]
    assert silent == []
    assert "\n## How far from real\n" in (ROOT / "docs/simulation.md").read_text(encoding="utf-8")


def plain_rows(name: str, pictures: Iterable[Picture], settings: RealismSettings) -> pd.DataFrame:
    rows = [
        {"set": name, "height": picture.shape[0], "width": picture.shape[1]}
        | field_measures(scaled(picture.grey).field, settings)
        for picture in pictures
    ]
    return pd.DataFrame(rows)


@pytest.mark.breast
def test_the_packages_distances_are_those_of_the_real_images(lung_dir, breast_dir):
    # All but the radiomics, whose 520 images take longer than a test should.
    kept = measured()
    settings = RealismSettings(seed=kept.seed, dynamic_range_db=kept.dynamic_range_db)
    study = SimulationParameters(**parameters()["simulation"]).model_copy(
        update={"workers": 2, "progress": False}
    )
    read = {
        LUNG: sorted(path for path in lung_dir.iterdir() if path.suffix in (".jpg", ".png")),
        BREAST: sorted((breast_dir / "images").iterdir()),
    }
    table = pd.concat(
        [
            plain_rows(
                SIMULATED, (make() for make in simulated(study, settings).values()), settings
            ),
            *(
                plain_rows(
                    name, (RealPicture(partial(read_image, path))() for path in paths), settings
                )
                for name, paths in read.items()
            ),
        ],
        ignore_index=True,
    )
    counts = table["set"].value_counts()
    assert counts[[SIMULATED, LUNG, BREAST]].tolist() == [
        kept.simulated_images, kept.lung_images, kept.breast_images,
    ]  # fmt: skip
    plain = [m for m in measures_of("field", table) if not m.name.startswith("radiomics")]
    assert len(plain) == 9
    for comparison in comparisons(table, settings):
        if comparison.is_split:
            continue
        ((first, second),) = comparison.pairs
        weights = even_weights(len(first)), even_weights(len(second))
        for measure in plain:
            sets = [
                np.squeeze(table.loc[rows, list(measure.columns)].to_numpy())
                for rows in (first, second)
            ]
            (value,) = measure.distance(*sets, *weights)
            found = kept.distance(comparison.key, measure.name)
            # Digits kept, and the last bits of other processors.
            assert value == pytest.approx(found.value, rel=1e-3), (comparison.key, measure.name)
