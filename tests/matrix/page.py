"""The page docs/input_matrix.md, from the table of kinds: python -m tests.matrix.page."""

from itertools import groupby
from pathlib import Path

from tests.matrix.kinds import Kind, Outcome
from tests.matrix.registers import CASES, MISTAKES, TABLES

PAGE = Path(__file__).parents[2] / "docs/input_matrix.md"
HEAD = """# The input matrix

Everything a hospital's export does to files and tables that this project knows of, each kind with
its one outcome. Every row is a test on the path of `kedro run`, and this page is written from the
tests' own table:

```bash
python -m pytest tests/matrix               # tests every row
python -m tests.matrix.page                 # writes this page
```

| outcome | what it means | kinds |
| --- | --- | --- |
{counts}
| all | | {total} |

- An **accepted** kind gives the outline, grey values and pixel size of the undamaged lesion (for a
  lossy format, what Pillow or pydicom decodes), or the cohort of the undamaged table.
- **Repaired** and **warned** kinds give the same, with a row in the table `findings`: rule, action,
  what was found, remedy. A repair is made only where one reading alone is possible.
- A **quarantined** case is left out with a row there, and in `quarantine`; the cohort goes on.
  The lesions of the table are the usable ones and the quarantined ones, none twice, none lost: also
  in a study of which 30 % of the cases are damaged, which runs to its report
  (`tests/matrix/test_damaged_study.py`).
- A **refused** run ends before any work with one line, `Error: rule: what was found. Remedy: what
  to do.`, and an exit code that is not 0; `SPL_KEDRO_TRACEBACK=1` shows the traceback too.

All kinds of images, names, outlines and cells stand in one cohort that runs once.
[inputs.md](inputs.md) says what is read, and how.
"""


COLUMNS = "| kind | outcome | rule | remedy |\n| --- | --- | --- | --- |"


def cell(text: str | None) -> str:
    """Return a text as a cell of a table in Markdown."""
    return (text or "").replace("|", "\\|").replace("\n", " ")


def row(one: Kind) -> str:
    what = one.what[0].upper() + one.what[1:]
    return f"| {cell(what)} | {one.outcome} | {cell(one.rule)} | {cell(one.remedy)} |"


def page() -> str:
    kinds = [*CASES, *TABLES, *MISTAKES]
    counts = {outcome: sum(one.outcome is outcome for one in kinds) for outcome in Outcome}
    means = {
        Outcome.ACCEPTED: "read as it is meant, without a word",
        Outcome.REPAIRED: "put right, and said so",
        Outcome.WARNED: "measured as it is, and said what looks wrong",
        Outcome.QUARANTINED: "this case is left out, with the reason",
        Outcome.REFUSED: "no work is done, nothing is stored",
    }
    lines = "\n".join(f"| {o} | {means[o]} | {counts[o]} |" for o in Outcome)
    parts = [HEAD.format(counts=lines, total=len(kinds))]
    for group, members in groupby(kinds, key=lambda one: one.group):
        table = "\n".join(map(row, members))
        parts.append(f"## {group}\n\n{COLUMNS}\n{table}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(PAGE.parents[1])} is written.")
