"""The packaged study as a model of MLflow."""
