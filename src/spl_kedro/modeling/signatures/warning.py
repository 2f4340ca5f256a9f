"""The warning a signature gives when it falls back on something simpler."""


class SignatureWarning(UserWarning):
    """A signature could not be fitted as asked and says what it did instead."""
