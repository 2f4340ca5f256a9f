"""Table 1: the clinical variables by cohort and by class."""

from __future__ import annotations

import warnings

import pandas as pd
from tableone import TableOne

from spl_kedro.schemas import clinical_columns

_CLASSES = {0: "benign", 1: "malignant"}


def table_one(cohort: pd.DataFrame) -> pd.DataFrame:
    """Compare classes within each cohort, and the cohorts with each other.

    Numbers are given as median [first quartile, third quartile], categories as n (%), with
    the p value of the Kruskal-Wallis or chi-squared (Fisher's exact for small counts) test
    that the tableone library chooses, uncorrected. A variable that is the same for everyone
    compared, or known in one group alone, has no p value there; one that nobody compared has a
    value of is not listed there.

    Parameters
    ----------
    cohort : DataFrame
        ``schemas.Cohort``.

    Returns
    -------
    DataFrame
        Columns `comparison` (``cohorts`` or a cohort's name), `variable`, `category`,
        `missing`, `group`, `value`, `p_value`; one row for each group of each variable.
    """
    variables = clinical_columns(cohort)
    data = cohort[variables].copy()
    data["diagnosis"] = cohort["label"].map(_CLASSES)
    parts = [_compare(data, [*variables, "diagnosis"], cohort["cohort"], "cohorts")]
    for name in cohort["cohort"].unique():
        rows = data[cohort["cohort"] == name]
        known = any(rows[variable].notna().any() for variable in variables)
        if known and rows["diagnosis"].nunique() == 2:
            parts.append(_compare(rows, variables, rows["diagnosis"], str(name)))
    return pd.concat(parts, ignore_index=True)


def _compare(
    data: pd.DataFrame, variables: list[str], groups: pd.Series, comparison: str
) -> pd.DataFrame:
    variables = [name for name in variables if data[name].notna().any()]
    numeric = [name for name in variables if pd.api.types.is_numeric_dtype(data[name])]
    testable = groups.nunique() > 1
    untestable = [name for name in variables if not _differs(data[name], groups)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # notes on small counts, which the table itself shows
        table = TableOne(
            data[variables]
            .assign(_group=groups.to_numpy())
            .astype({name: object for name in variables if name not in numeric}),
            columns=variables,
            categorical=[name for name in variables if name not in numeric],
            nonnormal=numeric,
            groupby="_group",
            pval=testable,
            htest=dict.fromkeys(untestable, _no_test),
            htest_name=False,
            tukey_test=False,
            dip_test=False,
            normal_test=False,
            include_null=False,
        ).tableone
    table.columns = table.columns.get_level_values(-1)
    table = table.reset_index(names=["variable", "category"])
    table["variable"] = table["variable"].str.replace(r", (median|n \(%\)).*", "", regex=True)
    keep = [c for c in table.columns if c in set(groups.astype(str)) | {"Overall"}]
    tidy = table.melt(
        id_vars=["variable", "category", "Missing", *(["P-Value"] if testable else [])],
        value_vars=keep,
        var_name="group",
    ).rename(columns={"Missing": "missing", "P-Value": "p_value"})
    if not testable:
        tidy["p_value"] = ""
    tidy.loc[tidy["variable"].isin(untestable), "p_value"] = ""
    tidy.insert(0, "comparison", comparison)
    columns = ["comparison", "variable", "category", "missing", "group", "value", "p_value"]
    tidy = tidy[columns].astype("str")
    # A group without a single value.
    tidy["value"] = tidy["value"].mask(tidy["value"].str.contains("nan"), "")
    return tidy


def _differs(values: pd.Series, groups: pd.Series) -> bool:
    """Return whether there is something to test: two values, known in two groups."""
    known = values.notna().to_numpy()
    return values[known].nunique() > 1 and groups[known].nunique() > 1


def _no_test(*groups: object) -> float:
    return float("nan")
