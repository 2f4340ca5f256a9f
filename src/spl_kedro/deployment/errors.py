"""What is wrong with a packaged study."""

from __future__ import annotations

from spl_kedro.errors import UnusableStudyError


class PackageError(UnusableStudyError):
    """A file that is no packaged study, cut short, changed, or newer than this program."""
