"""Documented commands that take longer than the ordinary tests may: ``make test-commands``."""

import pytest
from tests.long import LONG
from tests.long.scratch import name_of, run


@pytest.mark.long
@pytest.mark.parametrize("text", LONG, ids=name_of)
def test_the_command_leaves_what_its_page_says(text):
    run(LONG[text], LONG)
