import pytest

from spl_kedro.reuse import forget_reuse, note_reuse, reuse_told


@pytest.fixture(autouse=True)
def _nothing_counted():
    forget_reuse()
    yield
    forget_reuse()


def test_counts_of_one_name_add_up_and_what_was_made_anew_is_not_told():
    note_reuse("radiomics", 5, 10)
    note_reuse("radiomics", 10, 10)
    note_reuse("refits", 0, 6)
    assert reuse_told() == "radiomics: 15 of 20"


def test_a_run_that_reused_nothing_says_nothing():
    note_reuse("radiomics", 0, 10)
    assert reuse_told() == ""
