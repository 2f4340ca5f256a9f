"""Maps features over the lesions and measures their habitats, for studies extended by them."""

from spl_kedro.pipelines.habitats.pipeline import create_pipeline

__all__ = ["create_pipeline"]
