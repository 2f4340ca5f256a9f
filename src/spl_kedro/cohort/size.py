"""How large a table may be: far beyond any cohort, and within any memory."""

from __future__ import annotations

from spl_kedro.errors import UnusableStudyError

#: Of the file, and of a workbook once unpacked.
MOST_BYTES, MOST_UNPACKED = 64 * 2**20, 512 * 2**20
#: Rows times columns, blank ones too; 100,000 lesions with 50 columns.
MOST_CELLS = 5_000_000


def require_few_cells(cells: int, name: str) -> None:
    """Raise if a table has more cells than that.

    Parameters
    ----------
    cells : int
        Rows times columns.
    name : str
        The file.

    Raises
    ------
    UnusableStudyError
    """
    if cells > MOST_CELLS:
        raise UnusableStudyError(
            f"{name}: a table of at most {MOST_CELLS:,} cells",
            "its rows times its columns, blank ones too, are more.",
            "Delete what lies outside the table, also formats of blank cells, and save it again.",
        )
