"""Hooks of the project."""


class RunTrackingHooks:
    """Placeholder filled below."""
