"""The base class of every group of settings, so that a misspelt key never passes."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Immutable settings that refuse unknown keys.

    Subclasses state each value's type and range; a bad value raises
    ``pydantic.ValidationError`` naming the key, the value and the range.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )
