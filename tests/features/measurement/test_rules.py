import re
from pathlib import Path

import pytest

from spl_kedro.features import measurement, radiomics
from spl_kedro.rules import Rule, rule_of_extraction

RAISED = re.compile(r'UnmeasurableError\(\s*"(\w+)"')
SOURCES = [
    path
    for package in (measurement, radiomics)
    for path in Path(package.__file__).parent.glob("*.py")
]
NAMES = sorted({name for path in SOURCES for name in RAISED.findall(path.read_text("utf-8"))})


def test_the_names_are_found():
    assert {"derived_images_finite", "features_finite", "spacing_known"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_of_the_engine_has_its_words_in_the_quarantine_table(name):
    assert isinstance(rule_of_extraction(name), Rule)
