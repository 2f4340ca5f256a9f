import pandas as pd
import pytest

from spl_kedro.reporting.sections.features import _who_outlined


@pytest.mark.parametrize(
    ("source", "words"),
    [("second reader", "Two readers"), ("perturbed outlines", "no second reader")],
)
def test_the_report_says_whose_outlines_were_compared(source, words):
    table = pd.DataFrame({"icc": [0.9], "source": [source]})
    assert words in _who_outlined(table)
