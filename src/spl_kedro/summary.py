"""What a run tells its user at the end: models, what was found, and where to look next."""

from __future__ import annotations

import pandas as pd
from rich.table import Table

from spl_kedro.cohort.findings import count_findings, quarantined, rules_broken
from spl_kedro.modeling.evaluation.figures.cohort import count_words
from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES, coverage
from spl_kedro.reporting.results import FrozenStudy
from spl_kedro.schemas import MODELS, NO_CLINICAL_MODEL

_COHORT_TITLES = {
    "training": "Training, cross-fitted",
    "validation": "Validation",
    "external": "External",
}
# The variable that says where an environment's files are.
_FOLDERS = {"breast": "BREAST_DIR", "study": "STUDY_DIR"}
_RATES = {"sensitivity": "sens.", "specificity": "spec.", "accuracy": "acc."}


def performance_table(
    performance: pd.DataFrame, *, simulated: bool, frozen: FrozenStudy | None = None
) -> Table:
    """Lay out the leak-free performance of the five models within 80 columns.

    Parameters
    ----------
    performance : DataFrame
        From :func:`spl_kedro.modeling.evaluation.performance`.
    simulated : bool
        Whether the patients are simulated; the title then says so.
    frozen : FrozenStudy, optional
        The study that was validated on them; None where the run fitted its own models.

    Returns
    -------
    rich.table.Table
        A section for each cohort, a row for each model: AUC with its interval, sensitivity,
        specificity and accuracy at the threshold chosen on the training cohort, in training
        at those of the other folds.
    """
    rows = performance[performance["protocol"] == "leak_free"]
    caption = (
        "Training, cross-fitted: mean over repeats of single models,\n"
        "at thresholds of the other folds. Elsewhere: the deployed model."
    )
    if frozen is not None:
        absent = [MODEL_NAMES[m] for m in frozen.models if m not in set(rows["model"])]
        caption = f"Study {frozen.study_id} at its own thresholds; nothing was refitted."
        caption += "\nIt learnt from simulated patients." if frozen.simulated else ""
        caption += f"\nNot applicable here: {', '.join(absent)}." if absent else ""
    elif "clinical" not in set(rows["model"]):
        caption += f"\n{NO_CLINICAL_MODEL}"
    patients = ", SIMULATED patients" if simulated else ""
    table = Table(
        title=f"Benign or malignant{patients}, leak-free protocol",
        caption=caption,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("model", no_wrap=True)
    for column in (f"AUC ({coverage(rows)} interval)", *_RATES.values()):
        table.add_column(column, justify="right", no_wrap=True)
    for cohort, title in _COHORT_TITLES.items():
        part = rows[rows["cohort"] == cohort]
        if part.empty:
            continue
        size = part.to_dict("records")[0]
        count = f"{count_words(size)}, {size['events']:.0f} malignant"
        table.add_row(f"[bold]{title}[/bold]", f"[bold]{count}[/bold]")
        for model in MODELS:
            values = part[part["model"] == model].set_index("metric")
            if len(values):
                table.add_row(f"  {MODEL_NAMES[model]}", *_cells(values))
        table.add_section()
    return table


def _cells(values: pd.DataFrame) -> list[str]:
    auc = values.loc["auc"]
    rates = [f"{float(values['value'].loc[name]):.3f}" for name in _RATES]
    return [f"{auc['value']:.3f} ({auc['low']:.3f}-{auc['high']:.3f})", *rates]


def scored_cases(
    scores: pd.DataFrame, findings: pd.DataFrame, most: int = 20, *, word: str = "cases"
) -> Table:
    """Lay out what a packaged study says of new cases.

    Parameters
    ----------
    scores : DataFrame
        From :func:`spl_kedro.deployment.scoring.score_cases`.
    findings : DataFrame
        From :func:`spl_kedro.deployment.findings.find_unusual`.
    most : int
        Cases shown.
    word : str
        What they are called.

    Returns
    -------
    rich.table.Table
        A row for each case: the five scores, CDLR's decision, and how much is unusual about it.
    """
    wide = scores.pivot(index="lesion_id", columns="model", values="score")
    decided = scores[scores["model"] == "cdlr"].set_index("lesion_id")["decision"]
    unusual = findings["lesion_id"].value_counts()
    shown = wide.index[:most]
    caption = f"The first {most} of {len(wide)} {word}." if len(wide) > most else None
    table = Table(title="Probability of malignancy", caption=caption, title_justify="left",
                  caption_justify="left")  # fmt: skip
    table.add_column(word.removesuffix("s"), no_wrap=True)
    models = [name for name in MODELS if name in wide]
    for name in models:
        table.add_column(MODEL_NAMES[name], justify="right", no_wrap=True)
    table.add_column("decision", no_wrap=True)
    table.add_column("unusual", justify="right")
    for case in shown:
        values = [wide.loc[case, name] for name in models]
        cells = ["" if pd.isna(value) else f"{value:.3f}" for value in values]
        table.add_row(str(case), *cells, decided.get(case, ""), str(unusual.get(case, 0)))
    return table


def findings_lines(
    findings: pd.DataFrame, cases: pd.Index, *, most: int = 6, word: str = "lesions"
) -> str:
    """Say how many cases came, how many are usable, and by which rules others are not.

    Parameters
    ----------
    findings : DataFrame
        ``schemas.Findings``.
    cases : Index
        Identifiers of the cases that were checked and are used, sealed ones among them.
    most : int
        Rules named for each action.
    word : str
        What the cases are.

    Returns
    -------
    str
        A line for the counts, one for each action that was taken.
    """
    lost = set(quarantined(findings)["lesion_id"])
    usable = len(set(cases) - lost)
    lines = [("Received", f"{usable + len(lost)} {word}: {usable} usable, {len(lost)} quarantined")]
    for action, counts in count_findings(findings).groupby("action", sort=False):
        lines.append((str(action).capitalize(), rules_broken(counts, most)))
    return "".join(f"{name:<20}{words}\n" for name, words in lines)


def next_steps(environment: str | None, data: str, validation: str = "") -> str:
    """Say where the results lie.

    Parameters
    ----------
    environment : str or None
        Kedro environment of the run.
    data : str
        Folder of the environment's data.
    validation : str
        Folder, within each layer, of an external validation; empty for a study.
    """
    if validation:
        return (
            f"Report              {data}/08_reporting/{validation}/report.html\n"
            f"Tables              {data}/07_model_output/{validation}\n"
        )
    env = f" ENV={environment}" if environment not in (None, "local", "base") else ""
    if environment in _FOLDERS:
        env += f" {_FOLDERS[environment]}=..."
    return (
        f"Report              {data}/08_reporting/study_report.html\n"
        f"Tables              {data}/07_model_output\n"
        f"Pipelines           make viz{env}\n"
        "Tracked runs        make mlflow\n"
    )
