"""The error of a case that cannot be used, in the words the quarantine table needs."""

from __future__ import annotations


class UnusableCaseError(ValueError):
    """One case breaks a rule; the cohort goes on without it.

    Parameters
    ----------
    rule : str
        Short name of the rule, such as ``"empty outline"``.
    message : str
        What was found, naming the file or the value.
    remedy : str
        What the user can do about it.
    """

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(f"{rule}: {message} Remedy: {remedy}")
        self.rule = rule
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple:
        """Travel between processes whole: an exception is pickled by its arguments."""
        return type(self), (self.rule, self.message, self.remedy)
