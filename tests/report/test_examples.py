"""The examples in the docstrings hold."""

import doctest
from importlib import import_module

import pytest

MODULES = (
    "spl_kedro.report.words",
    "spl_kedro.report.sections.methods",
    "spl_kedro.datasets.figure",
    "spl_kedro.datasets.durations",
    "spl_kedro.datasets.raw_file",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name):
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
