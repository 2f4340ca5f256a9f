"""How much features and scores depend on how the lesion was outlined."""
