"""Rings of a cohort: a ring that is missing costs no lesion."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.features.rings.conftest import HERE, make_lesion

from spl_kedro.features.measurement import FeatureCache, RadiomicsSettings, StabilitySettings
from spl_kedro.features.rings import (
    RingDistances,
    RingParameters,
    measure_rings,
    ring_schema,
    ring_stability,
    rings_of,
)
from spl_kedro.features.rings import jobs as ring_jobs
from spl_kedro.rules import ActionTaken, Rule
from spl_kedro.schemas import Findings, RingsInView

MM = RingDistances("mm", ((0.0, 2.0), (2.0, 5.0)))


def measured(lesions, groups=(), distances=MM, parameters=None, cache=None, **options):
    return measure_rings(
        {name: (lambda lesion=lesion: lesion) for name, lesion in lesions.items()},
        groups,
        distances,
        RingParameters() if parameters is None else parameters,
        RadiomicsSettings(),
        HERE,
        cache,
        **options,
    )


def blinded(lesion, millimetres):
    """The lesion with nothing scanned beyond a distance."""
    near = RingDistances("mm", ((0.0, millimetres),))
    seen = lesion.mask | rings_of(lesion, near)[0].mask
    return replace(lesion, image=np.where(seen, lesion.image, 0))


def test_every_lesion_keeps_its_row_and_a_ring_out_of_view_is_missing_with_a_finding():
    whole = make_lesion("whole")
    lesions = {
        "outer": blinded(whole, 2.0),
        "both": replace(whole, image=np.where(whole.mask, whole.image, 0)),
        "whole": whole,
        "corner": make_lesion("corner", centre=(4, 4)),
    }
    result = measured(lesions)
    Findings.validate(result.findings)
    RingsInView.validate(result.in_view)
    assert list(result.features.index) == sorted(lesions)
    missing = result.features.isna()
    per_ring = missing.T.groupby(missing.columns.str[:5]).agg(["all", "any"]).T.unstack()
    assert per_ring.loc["whole"].tolist() == [False] * 4
    assert per_ring.loc["corner"].tolist() == [False] * 4
    assert per_ring.loc["outer"].tolist() == [False, False, True, True]
    assert per_ring.loc["both"].tolist() == [True] * 4
    findings = result.findings
    assert findings["lesion_id"].tolist() == ["both", "both", "outer"]
    assert set(findings["rule"]) == {str(Rule.RING_IN_VIEW)}
    # The case stays: nothing here puts it into quarantine.
    assert set(findings["action"]) == {str(ActionTaken.LEFT_OUT)}
    assert "the ring 2 to 5 mm from the outline: 0% of it is in view" in findings["message"][2]
    view = result.in_view.set_index(["lesion_id", "ring"])
    assert not view.loc[("outer", 2), "measured"]
    assert 0.2 < view.loc[("corner", 1), "in_view"] < 0.9


def test_a_lesion_without_a_pixel_size_has_no_ring_in_millimetres_and_stays():
    result = measured({"a": make_lesion(), "b": make_lesion(spacing=None)})
    assert result.features.loc["a"].notna().all()
    assert result.features.loc["b"].isna().all()
    assert result.findings["rule"].tolist() == [str(Rule.RING_PIXEL_SIZE)]
    assert result.in_view.query("lesion_id == 'b'")["in_view"].isna().all()


def test_a_tiny_lesion_by_its_diameter_has_rings_too_thin_to_measure():
    share = RingDistances("diameter", ((0.0, 0.1), (0.1, 0.25)))
    result = measured({"tiny": make_lesion(radius=2)}, distances=share)
    assert result.features.isna().all(axis=None)
    assert len(result.findings) == 2


def test_of_two_lesions_in_one_image_neither_lies_in_the_others_ring():
    lesions = {"left": make_lesion(centre=(40, 34)), "right": make_lesion(centre=(40, 62))}
    alone, together = measured(lesions), measured(lesions, [["left", "right"]])
    before, after = (result.in_view.set_index(["lesion_id", "ring"])["pixels"]
                     for result in (alone, together))  # fmt: skip
    assert (after <= before).all()
    assert (after.xs(2, level="ring") < before.xs(2, level="ring")).all()
    assert together.findings.empty


def test_a_file_that_cannot_be_read_costs_its_rings_and_no_others():
    def broken():
        raise OSError("no such file")

    result = measure_rings(
        {"a": make_lesion, "b": broken}, [], MM, RingParameters(), RadiomicsSettings(), HERE
    )
    assert result.features.loc["a"].notna().all()
    assert result.features.loc["b"].isna().all()
    assert result.findings["rule"].tolist() == [str(Rule.READABLE)]


def test_measured_rings_are_found_again_and_others_are_not_taken_for_them(tmp_path, monkeypatch):
    cache = FeatureCache(str(tmp_path))
    first = measured({"a": make_lesion()}, cache=cache)
    calls = []

    def counted(lesion, masks, settings):
        calls.append(len(masks))
        return texture_of(lesion, masks, settings)

    texture_of = ring_jobs.texture_of
    monkeypatch.setattr(ring_jobs, "texture_of", counted)
    again = measured({"a": make_lesion()}, cache=cache)
    pd.testing.assert_frame_equal(first.features, again.features)
    assert calls == []
    other = RingDistances("mm", ((0.0, 2.0), (2.0, 4.0)))
    changed = measured({"a": make_lesion()}, distances=other, cache=cache)
    assert calls == [2]
    assert not np.array_equal(changed.features, first.features)
    assert np.array_equal(
        changed.features.filter(like="ring1_"), first.features.filter(like="ring1_")
    )


@pytest.fixture(scope="module")
def cohort():
    return {
        f"L{k}": make_lesion(f"L{k}", radius=8 + k, shape=(90, 100), seed=k, spacing=(0.5, 0.5))
        for k in range(6)
    }


def stability_of(cohort, reader2, training):
    load = {name: (lambda lesion=lesion: lesion) for name, lesion in cohort.items()}
    second = {name: (lambda lesion=lesion: lesion) for name, lesion in reader2.items()}
    features = measured(cohort).features
    about = (RingParameters(), RadiomicsSettings(), HERE, StabilitySettings(lesions=5))
    return ring_stability(features, load, second, training, [], MM, *about)


def test_stability_compares_rings_drawn_anew_around_each_outline(cohort):
    # Fault: the ring itself perturbed, as if it were the outline.
    same = stability_of(cohort, cohort, list(cohort))
    # But for rounding noise, which has no ICC worth the name.
    values = measured(cohort).features
    varies = ~ring_schema("us2d-1561", MM)["degenerate"] & (
        values.std() > 1e-9 * values.abs().max()
    )
    assert varies.sum() > 2000
    assert same.loc[varies, "icc"].min() == pytest.approx(1)
    wider = {
        name: make_lesion(name, radius=10 + k, shape=(90, 100), seed=k)
        for k, name in enumerate(cohort)
    }
    moved = stability_of(cohort, wider, list(cohort))
    assert set(moved["source"]) == {"second reader"}
    assert (moved["icc"] < 0.999).sum() > 1000
    ring = measured(wider).features
    again = ring_stability(
        ring,
        {name: (lambda lesion=lesion: lesion) for name, lesion in cohort.items()},
        {name: (lambda lesion=lesion: lesion) for name, lesion in wider.items()},
        list(cohort), [], MM, RingParameters(), RadiomicsSettings(), HERE, StabilitySettings(),
    )  # fmt: skip
    assert again.loc[varies, "icc"].min() == pytest.approx(1)


def test_stability_of_a_ring_is_of_lesions_in_which_it_was_measured(cohort):
    blind = {**cohort, "L0": blinded(cohort["L0"], 2.0)}
    found = stability_of(blind, cohort, list(cohort))
    by_ring = found.groupby(found.index.str[:5])["lesions"].unique()
    assert by_ring["ring1"].tolist() == [6]
    assert by_ring["ring2"].tolist() == [5]


def test_without_a_second_reader_the_outline_is_perturbed(cohort):
    found = stability_of(cohort, {}, list(cohort)[:5])
    assert set(found["source"]) == {"perturbed outlines"}
    assert set(found["outlines"]) == {6}
