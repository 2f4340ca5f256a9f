"""What a run tells its user at the end: the five models, and where to look next."""

from __future__ import annotations

import pandas as pd
from rich.table import Table

from spl_kedro.schemas import MODELS

_COHORT_TITLES = {
    "training": "training, cross-fitted",
    "validation": "validation",
    "external": "external",
}
_RATES = ("sensitivity", "specificity", "accuracy")
_MODEL_TITLES = {
    "clinical": "Clinical",
    "rad": "Rad",
    "dtl": "DTL",
    "dlr": "DLR",
    "cdlr": "CDLR",
}


def performance_table(performance: pd.DataFrame, *, simulated: bool) -> Table:
    """Lay out the leak-free performance of the five models.

    Parameters
    ----------
    performance : DataFrame
        From :func:`spl_kedro.evaluation.performance`.
    simulated : bool
        Whether the patients are simulated; the title then says so.

    Returns
    -------
    rich.table.Table
        A row for each cohort and model: AUC with its interval, sensitivity, specificity and
        accuracy at the threshold chosen on the training cohort.
    """
    rows = performance[performance["protocol"] == "leak_free"]
    patients = "SIMULATED patients" if simulated else "patients"
    table = Table(
        title=f"Benign or malignant, {patients}: leak-free protocol",
        caption="Sensitivity, specificity and accuracy at the threshold of the training cohort.",
        title_justify="left",
        caption_justify="left",
    )
    for column in ("cohort", "model", "n (malignant)", "AUC (95 % interval)", *_RATES):
        table.add_column(column, justify="left" if column in ("cohort", "model") else "right")
    for cohort, title in _COHORT_TITLES.items():
        for model in MODELS:
            values = rows[(rows["cohort"] == cohort) & (rows["model"] == model)]
            if len(values):
                label = title if model == MODELS[0] else ""
                table.add_row(label, _MODEL_TITLES[model], *_cells(values.set_index("metric")))
        table.add_section()
    return table


def _cells(values: pd.DataFrame) -> list[str]:
    auc = values.loc["auc"]
    rates = [f"{values.loc[name, 'value']:.3f}" for name in _RATES]
    return [
        f"{int(auc['n'])} ({int(auc['events'])})",
        f"{auc['value']:.3f} ({auc['low']:.3f}-{auc['high']:.3f})",
        *rates,
    ]


def next_steps(environment: str | None, data: str) -> str:
    """Say where the results lie.

    Parameters
    ----------
    environment : str or None
        Kedro environment of the run.
    data : str
        Folder of the environment's data.
    """
    env = f" ENV={environment}" if environment not in (None, "local", "base") else ""
    return (
        f"Report and figures  {data}/08_reporting (open study_report.html)\n"
        f"Tables              {data}/07_model_output\n"
        f"Pipelines           make viz{env}\n"
        "Tracked runs        make mlflow\n"
    )
