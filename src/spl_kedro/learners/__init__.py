"""Other learners of the study's table beside its own, an addition of the extended study."""
