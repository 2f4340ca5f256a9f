"""Tests of the evaluation; a package, so that file names may repeat elsewhere."""
