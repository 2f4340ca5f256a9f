from dataclasses import replace

import numpy as np

from spl_kedro.features.measurement import FeatureCache, RadiomicsSettings
from spl_kedro.features.measurement import cache as module
from spl_kedro.features.measurement.cache import lesion_key

from ..radiomics.lesions import speckle_lesion

VALUES = np.arange(5.0)


def test_what_is_stored_is_found_again_under_its_own_length_alone(tmp_path):
    cache = FeatureCache(str(tmp_path))
    assert cache.load("ab" * 32, 5) is None
    cache.store("ab" * 32, VALUES)
    assert np.array_equal(cache.load("ab" * 32, 5), VALUES)
    assert cache.load("ab" * 32, 4) is None


def test_the_key_changes_with_everything_the_values_depend_on(monkeypatch):
    lesion, settings = speckle_lesion(spacing=(0.2, 0.3)), RadiomicsSettings()
    image, mask = lesion.image.copy(), lesion.mask.copy()
    image[0, 0] += 1
    mask[0, 0] = True
    physical = RadiomicsSettings(spacing="physical")
    keys = [
        lesion_key(lesion, settings),
        lesion_key(replace(lesion, image=image), settings),
        lesion_key(replace(lesion, mask=mask), settings),
        lesion_key(lesion, physical),
        lesion_key(replace(lesion, spacing_mm=(0.2, 0.4)), physical),
        lesion_key(lesion, RadiomicsSettings(preset="us2d-native")),
        lesion_key(lesion, RadiomicsSettings(bin_width=6)),
    ]
    module._versions.cache_clear()
    monkeypatch.setattr(module, "ENGINE_VERSION", "another")
    keys.append(lesion_key(lesion, settings))
    module._versions.cache_clear()
    assert len(set(keys)) == len(keys)


def test_the_key_of_engine_stock_is_another_one(pyradiomics):
    lesion = speckle_lesion()
    stock = RadiomicsSettings(engine="stock")
    assert lesion_key(lesion, stock) != lesion_key(lesion, RadiomicsSettings())


def test_the_key_does_not_change_with_the_name_or_an_unused_spacing():
    lesion, settings = speckle_lesion(), RadiomicsSettings()
    other = replace(lesion, lesion_id="other", spacing_mm=(0.1, 0.1))
    assert lesion_key(other, settings) == lesion_key(lesion, settings)
