"""Writes the audit's results into its documentation page, from the audit's table alone.

``python -m spl_kedro.pipelines.audit.page`` after ``make audit``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES
from spl_kedro.modeling.signatures.audit import summarise_audit
from spl_kedro.pipelines.audit.figure import audit_figure
from spl_kedro.schemas import MODELS, is_simulated

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
PROBE_BEGIN, PROBE_END = "<!-- probe: begin -->", "<!-- probe: end -->"
COHORTS = ("training", "validation", "external")
ASKED = ("training", "validation")
TITLES = {"leak_free": "leak-free", "as_published": "as published"}


def results_text(audit: pd.DataFrame) -> str:
    """Return the verdict in a sentence or two, and the table of means.

    Parameters
    ----------
    audit : DataFrame
        Rows of :func:`spl_kedro.modeling.signatures.audit.audit_shuffle`.

    Returns
    -------
    str
        Markdown.
    """
    summary = summarise_audit(audit)
    cells = summary.set_index(["protocol", "model", "cohort"])
    header = ["protocol", "model", "shuffles", *COHORTS]
    lines = [" | ".join(header), " | ".join(["---"] * len(header))]
    for protocol in TITLES:
        for model in MODELS:
            if (protocol, model) not in {key[:2] for key in cells.index}:
                continue
            row = [TITLES[protocol], MODEL_NAMES[model], ""]
            for cohort in COHORTS:
                key = (protocol, model, cohort)
                row.append(_cell(cells.loc[key]) if key in cells.index else "")
                if key in cells.index:
                    row[2] = str(cells.loc[key, "shuffles"])
            lines.append(" | ".join(row))
    table = "\n".join(f"| {line} |" for line in lines)
    return f"{verdict(summary)}\n\n{table}\n"


def _cell(row: pd.Series) -> str:
    mark = "" if row["honest"] else " **\\***"
    return f"{row['mean']:.3f} ({row['standard_error']:.3f}){mark}"


def verdict(summary: pd.DataFrame) -> str:
    """Say how many of the cells asked for lie within two standard errors of one half."""
    asked = summary[(summary["protocol"] == "leak_free") & summary["cohort"].isin(ASKED)]
    outside = asked[~asked["honest"]]
    parts = [
        f"**Leak-free: {len(asked) - len(outside)} of {len(asked)} means (cross-fitted and "
        "validation) lie within two standard errors of 0.5.**"
    ]
    for _, row in outside.iterrows():
        side = "above" if row["mean"] > 0.5 else "below"
        distance = abs(row["mean"] - 0.5) / row["standard_error"]
        parts.append(
            f"{MODEL_NAMES[row['model']]}, {row['cohort']}, lies {distance:.1f} standard errors "
            f"{side} (p = {row['p_value']:.3f}, after Holm's correction {row['p_holm']:.2f})."
        )
    lowest = asked["p_holm"].min()
    parts.append(f"The smallest p-value after Holm's correction is {lowest:.2f}.")
    published = summary[(summary["protocol"] == "as_published")].set_index(["cohort", "model"])
    ranges = []
    for cohort in ASKED:
        mean = published.loc[cohort, "mean"]
        ranges.append(f"{mean.min():.2f} to {mean.max():.2f} in {cohort}")
    parts.append(f"As published, the same shuffles give {' and '.join(ranges)}.")
    return " ".join(parts)


def probe_text(summary: pd.DataFrame) -> str:
    """Return the table of the nesting probe.

    Parameters
    ----------
    summary : DataFrame
        From :func:`spl_kedro.modeling.signatures.nesting_probe.summarise_probe`.

    Returns
    -------
    str
        Markdown.
    """
    lines = ["| networks that copy labels | draws | AUC |", "| --- | --- | --- |"]
    for row in summary.to_dict("records"):
        how = "nested" if row["nested"] else "cross-fitted once"
        lines.append(
            f"| {how} | {row['draws']} | {row['mean']:.3f} ({row['standard_error']:.3f}) |"
        )
    return "\n".join(lines) + "\n"


def write_probe(summary: pd.DataFrame, page: Path) -> None:
    """Replace the probe's table on the page.

    Parameters
    ----------
    summary : DataFrame
        From :func:`spl_kedro.modeling.signatures.nesting_probe.summarise_probe`.
    page : Path
        Markdown with the two marks the table stands between.

    Raises
    ------
    ValueError
        If the page lacks the marks.
    """
    replace_between(page, PROBE_BEGIN, PROBE_END, probe_text(summary))


def replace_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put a text between two marks of a page.

    Raises
    ------
    ValueError
        If the page lacks the marks.
    """
    whole = page.read_text(encoding="utf-8")
    if whole.count(begin) != 1 or whole.count(end) != 1:
        raise ValueError(f"{page} needs the lines {begin} and {end}, once each.")
    before, rest = whole.split(begin)
    page.write_text(f"{before}{begin}\n{text}{end}{rest.split(end)[1]}", encoding="utf-8")


def write_page(audit: pd.DataFrame, page: Path, image: Path, *, simulated: bool) -> None:
    """Replace the results on the page, and the figure beside it.

    Parameters
    ----------
    audit : DataFrame
    page : Path
        Markdown with the two marks the results stand between.
    image : Path
    simulated : bool

    Raises
    ------
    ValueError
        If the page lacks the marks.
    """
    replace_between(page, BEGIN, END, results_text(audit))
    image.parent.mkdir(parents=True, exist_ok=True)
    audit_figure(audit, simulated=simulated).savefig(image, dpi=110, bbox_inches="tight")


def main() -> None:
    """Write the page of this project from the stored table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the layers")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    options = parser.parse_args()
    audit = pd.read_parquet(options.data / "07_model_output/permutation_audit.parquet")
    probe = pd.read_parquet(options.data / "07_model_output/nesting_probe_summary.parquet")
    cohort = pd.read_parquet(options.data / "03_primary/cohort.parquet")
    write_page(
        audit,
        options.docs / "permutation_audit.md",
        options.docs / "images/permutation_audit.png",
        simulated=is_simulated(cohort),
    )
    write_probe(probe, options.docs / "permutation_audit.md")


if __name__ == "__main__":
    main()
