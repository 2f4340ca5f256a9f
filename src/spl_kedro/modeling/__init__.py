"""From features to measured models: `signatures` fits them, `evaluation` measures any scores."""
