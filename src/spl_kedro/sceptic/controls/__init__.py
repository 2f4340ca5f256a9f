"""Negative controls: what else than the lesion's texture could give the label away."""
