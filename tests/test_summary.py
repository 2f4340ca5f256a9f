import io

import pandas as pd
from rich.console import Console

from spl_kedro.cohort.findings import findings_table
from spl_kedro.summary import findings_lines, next_steps, performance_table


def _performance(unit="lesions"):
    rows = []
    for protocol, auc in [("leak_free", 0.731), ("as_published", 0.991)]:
        for cohort in ("training", "validation"):
            for metric, value in [
                ("auc", auc),
                ("sensitivity", 0.81),
                ("specificity", 0.62),
                ("accuracy", 0.72),
            ]:
                rows.append(
                    {"protocol": protocol, "model": "cdlr", "cohort": cohort, "metric": metric}
                    | {"value": value, "low": value - 0.1, "high": 1.0, "n": 50, "events": 20}
                    | {"confidence": 0.9, "unit": unit}
                )
    return pd.DataFrame(rows)


def _printed(simulated):
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(performance_table(_performance(), simulated=simulated))
    return console.export_text()


def test_the_table_shows_the_leak_free_protocol_alone_with_its_intervals():
    text = _printed(simulated=False)
    assert "0.731 (0.631-1.000)" in text
    assert "AUC (90% interval)" in text
    assert "0.991" not in text
    assert "50, 20 malignant" in text
    assert "Validation" in text
    assert "Training, cross-fitted: mean over repeats of single models" in text
    assert "External" not in text  # this cohort has none


def test_pooled_scores_are_counted_as_patients():
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(performance_table(_performance("patients"), simulated=False))
    assert "50 patients, 20 malignant" in console.export_text()


def test_simulated_patients_are_called_so_and_real_ones_are_not():
    assert "SIMULATED" in _printed(simulated=True)
    assert "Benign or malignant, leak-free protocol" in _printed(simulated=False)


def test_the_hints_name_the_environment_and_the_folder_it_asks_for():
    assert "make viz\n" in next_steps("base", "data")
    assert "make viz ENV=breast BREAST_DIR=..." in next_steps("breast", "data/breast")
    assert "data/breast/08_reporting" in next_steps("breast", "data/breast")


def test_a_study_without_clinical_variables_says_what_that_means():
    assert "Clinical: not available, no clinical variable" in _printed(simulated=False)
    both = pd.concat([_performance(), _performance().assign(model="clinical")])
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(performance_table(both, simulated=False))
    assert "not available" not in console.export_text()


def test_the_cases_received_are_the_usable_and_the_quarantined_ones_whatever_else_was_found():
    why = ("data_processing", "readable file", "quarantined", "cannot be read", "Export it again.")
    odd = ("data_processing", "an outline in one piece", "flagged", "3 pieces", "Look at it.")
    late = ("radiomics", "finite features", "quarantined", "not finite", "Look at it.")
    findings = findings_table([("z", *why), ("z", *why), ("a", *odd), ("b", *late)])
    lines = findings_lines(findings, pd.Index(["a", "b", "c"])).splitlines()
    assert lines[0].split(maxsplit=1) == ["Received", "4 lesions: 2 usable, 2 quarantined"]
    assert lines[1].split(maxsplit=1) == [
        "Quarantined",
        "rules broken: finite features (1), readable file (1)",
    ]
    assert lines[2].split(maxsplit=1) == ["Flagged", "rule broken: an outline in one piece (1)"]
    assert len(lines) == 3


def test_of_many_rules_the_commonest_are_named_and_the_others_counted():
    rows = [(f"l{n}", "radiomics", f"rule {n}", "flagged", "m", "r") for n in range(9)]
    line = findings_lines(findings_table(rows), pd.Index([]), most=2).splitlines()[1]
    assert line.endswith("rule 0 (1), rule 1 (1), and 7 more rules")
