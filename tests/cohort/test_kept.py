"""Lesions between their check and their storing."""

import numpy as np
import pytest

from spl_kedro.cohort.kept import CompactLesion, KeptLesions
from spl_kedro.imaging import Lesion


def lesion(values, spacing_mm=None):
    mask = np.zeros(values.shape, dtype=bool)
    mask[1:3, 2:5] = True
    return Lesion("a", values.astype(np.float64), mask, spacing_mm)


def equal(one, other):
    return (
        one.lesion_id == other.lesion_id
        and one.spacing_mm == other.spacing_mm
        and one.image.dtype == other.image.dtype
        and one.mask.dtype == other.mask.dtype
        and np.array_equal(one.image, other.image)
        and np.array_equal(one.mask, other.mask)
    )


@pytest.mark.parametrize("step", [1.0, 0.5], ids=["whole grey values", "grey values with parts"])
def test_a_compact_lesion_is_the_lesion(step):
    given = lesion(np.arange(35).reshape(5, 7) * step, (0.1, 0.2))
    compact = CompactLesion.of(given)
    assert equal(compact.lesion("a"), given)
    assert (compact.image.dtype == np.uint8) == (step == 1.0)


def test_a_kept_lesion_is_handed_out_once_and_then_read():
    given, kept = lesion(np.ones((5, 7))), KeptLesions()
    kept.keep("a", CompactLesion.of(given))
    asked = []
    get = kept.reader("a", lambda: asked.append("read") or given)
    assert equal(get(), given)
    assert asked == []
    assert get() is given
    assert asked == ["read"]


def test_what_does_not_fit_is_read_from_its_files():
    small, large = lesion(np.ones((5, 7))), lesion(np.ones((50, 70)))
    kept = KeptLesions(most=1000)
    kept.keep("large", CompactLesion.of(large))
    kept.keep("small", CompactLesion.of(small))
    assert kept.reader("large", lambda: "from its files")() == "from its files"
    assert np.array_equal(kept.reader("small", lambda: None)().image, small.image)
