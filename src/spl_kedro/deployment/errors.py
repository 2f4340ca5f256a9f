"""What is wrong with a packaged study."""

from __future__ import annotations

from spl_kedro.errors import MendableError, UnusableStudyError


class PackageError(UnusableStudyError):
    """A file that is no packaged study, cut short, changed, or newer than this program."""


class RefusedCaseError(MendableError):
    """A case sent to be scored that breaks a rule.

    Its words name the field and what is expected there, never what was sent: they may be kept in a
    log, where no value of a patient belongs.
    """
