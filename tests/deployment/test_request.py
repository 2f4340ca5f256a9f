"""What decoding a case that was sent may take."""

import base64

import pytest
from tests.matrix.cases.pictures import jpeg_of_scans

from spl_kedro.deployment import request
from spl_kedro.guarded import Limits, limits
from spl_kedro.imaging import UnusableLesionError


def test_an_image_that_takes_too_long_is_refused_and_names_no_patient(monkeypatch):
    monkeypatch.setattr(request, "LIMITS", Limits(request.MOST_PIXELS, 1.0, 2048))
    sent = base64.b64encode(jpeg_of_scans(4000, 20_000)).decode()
    for field, decode in (("image", request.image_of), ("outline", request.outline_of)):
        with pytest.raises(UnusableLesionError, match=f"the {field} was not decoded within 1 s"):
            decode(request.parse_request({field: sent}))
    assert limits() == Limits()
