import sys
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from tests.imaging.quality.drawn import written_on
from tests.matrix.hospital import simulated

from spl_kedro.imaging.quality import Picture, QualitySettings, colours_of, examine, reading


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("12/03/2021", "a date"),
        ("2019-11-05 10:41", "a date"),
        ("3 MAR 2020", "a date"),
        ("SMITH, JOHN", "a name"),
        ("Doe Jane 1962", "a name"),
        ("1 D 1.24 cm", "a number"),
        ("MI 0.8 TIS 0.2", "a number"),
        ("12.4 mm", "a number"),
        ("GAIN", "a word"),
        ("R", "a word"),
    ],
)
def test_words_are_told_by_what_they_look_like(words, kind):
    assert reading.kind_of_words(words) == kind


def written():
    image, mask = simulated(0)
    drawn = written_on(image, "SMITH, JOHN")
    return Picture(drawn[..., 0], mask, colours_of(drawn))


def text_of(picture, settings=None):
    findings = examine(picture, settings or QualitySettings()).findings
    (found,) = (finding for finding in findings if finding.check == "text")
    return found


def test_without_the_extra_text_is_found_and_its_kind_is_not_told(monkeypatch):
    monkeypatch.setattr(reading, "find_spec", lambda name: None)
    reading._engine.cache_clear()
    found = text_of(written())
    reading._engine.cache_clear()
    assert found.found
    assert found.kind == "text of a kind that is not told"


def test_only_the_kind_of_what_is_read_is_kept(monkeypatch, caplog):
    def engine(line, **_):
        assert line.ndim == 3
        return SimpleNamespace(txts=("SMITH, JOHN", "12/03/2021"))

    monkeypatch.setattr(reading, "_engine", lambda: engine)
    found = text_of(written())
    assert found.kind == "a date and a name"
    assert "SMITH" not in repr(found) + caplog.text


def test_text_is_not_read_where_the_study_does_not_want_it(monkeypatch):
    monkeypatch.setattr(reading, "_engine", lambda: pytest.fail("read"))
    assert text_of(written(), QualitySettings(read_text=False)).kind == reading.NOT_TOLD


def test_text_is_read_with_the_models_of_the_wheel(capfd):
    if find_spec("rapidocr") is None:
        pytest.skip("no OCR (install the extra `ocr`)")
    reading._engine.cache_clear()
    found = text_of(written())
    assert found.kind == "a name"
    assert "SMITH" not in "".join(capfd.readouterr())
    assert "rapidocr" in sys.modules
