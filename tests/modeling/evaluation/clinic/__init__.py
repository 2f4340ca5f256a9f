"""Tests of the evaluation figures."""
