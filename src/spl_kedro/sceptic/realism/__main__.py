"""Keep what a run measured: ``python -m spl_kedro.sceptic.realism TABLE``.

TABLE is ``data/07_model_output/sceptic_realism.parquet``, of a run with both sets of real images.
Without it the statement and the table of docs/simulation.md are printed as they are.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import pandas as pd

from spl_kedro.sceptic.realism.measured import FILE, measured, measured_from
from spl_kedro.sceptic.realism.statement import statement_of, table_of


def main(arguments: list[str] | None = None) -> None:
    """Write the file from a run's table, if one is named, and print what the pages say."""
    parser = argparse.ArgumentParser(prog="python -m spl_kedro.sceptic.realism")
    parser.add_argument("table", nargs="?", type=Path, help="sceptic_realism.parquet of a run")
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name(FILE))
    given = parser.parse_args(arguments)
    if given.table is None:
        found = measured()
    else:
        today = datetime.datetime.now(tz=datetime.UTC).date()
        found = measured_from(pd.read_parquet(given.table), today)
        given.to.write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{statement_of(found)}\n\n{table_of(found)}")


if __name__ == "__main__":
    main()
