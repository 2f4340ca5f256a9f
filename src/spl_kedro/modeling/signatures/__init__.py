"""The five signatures as scikit-learn estimators, and the protocols that validate them."""
