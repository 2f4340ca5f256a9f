import base64
import io

import numpy as np
from PIL import Image

from spl_kedro.deployment.picture import EDGE, lesion_pictures
from spl_kedro.explainability.lesion_map import LesionMap


def decoded(uri):
    kind, content = uri.split(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))), float)


def lesion(saliency):
    image = np.full((60, 60), 90.0)
    mask = np.zeros((60, 60), bool)
    mask[15:45, 20:40] = True
    return LesionMap("A", image, mask, saliency, (0.2, 0.2), "frozen", 1)


def test_evidence_is_laid_over_the_grey_and_the_outline_is_drawn_on_both():
    saliency = np.zeros((60, 60))
    saliency[:20, :20] = 3.0
    plain, mapped = map(decoded, lesion_pictures(lesion(saliency)))
    assert plain.shape == mapped.shape == (EDGE, EDGE, 3)
    corner, far, edge = (20, 20), (400, 400), (round(EDGE * 30 / 60), round(EDGE * 20.2 / 60))
    np.testing.assert_allclose(plain[corner], 90, atol=2)
    assert mapped[corner][0] > mapped[corner][2] + 50
    np.testing.assert_allclose(mapped[far], plain[far])
    for picture in (plain, mapped):
        assert picture[edge][0] > 200 > picture[edge][2]


def test_a_map_without_evidence_leaves_the_picture_as_it_is():
    plain, mapped = lesion_pictures(lesion(np.zeros((60, 60))))
    assert plain == mapped
