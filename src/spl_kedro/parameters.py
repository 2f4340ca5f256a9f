"""The base class of every group of settings, so that a misspelt key never passes."""

import hashlib

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Immutable settings that refuse unknown keys.

    Subclasses state each value's type and range; a bad value raises
    ``pydantic.ValidationError`` naming the key, the value and the range.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )

    def fingerprint(self) -> str:
        """Return a checksum of all values: 64 hexadecimal digits, equal for equal settings."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def __str__(self) -> str:
        """Name the class and the fingerprint; the tracker shows this beside the flat values."""
        return f"{type(self).__name__} {self.fingerprint()[:12]}"
