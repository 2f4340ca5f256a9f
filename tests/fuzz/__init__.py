"""Fuzzing of every reader, outside the test suite: python -m tests.fuzz --help."""
