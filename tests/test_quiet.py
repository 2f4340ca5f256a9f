import logging

import pytest

from spl_kedro.quiet import LibraryNotes


@pytest.mark.parametrize(
    ("logger", "message", "shown"),
    [
        ("py.warnings", "UserWarning: register_new_resolver() is deprecated and", False),
        (
            "py.warnings",
            "UserWarning: A worker stopped while some jobs were given to the executor",
            False,
        ),
        ("py.warnings", "RuntimeWarning: overflow encountered", True),
        ("spl_kedro", "register_new_resolver() is deprecated", True),
    ],
)
def test_only_the_listed_notes_of_libraries_are_dropped(logger, message, shown):
    record = logging.LogRecord(logger, logging.WARNING, "file", 1, message, None, None)
    assert LibraryNotes().filter(record) is shown
