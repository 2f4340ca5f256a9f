"""Features of lesions: radiomics and deep."""
