from pathlib import Path

from spl_kedro.features.radiomics import compiled, texture


def test_a_change_in_any_file_changes_the_digest(tmp_path):
    (tmp_path / "called.py").write_text("a = 1")
    (tmp_path / "calls.py").write_text("b = 1")
    before = compiled.digest_of_sources(tmp_path)
    (tmp_path / "called.py").write_text("a = 2")
    assert compiled.digest_of_sources(tmp_path) != before


def test_a_kernel_is_named_by_the_digest_of_the_engines_sources():
    digest = compiled.digest_of_sources(Path(compiled.__file__).parent)
    assert texture._count_images.__qualname__.endswith(digest)
