"""Radiomics of a single slice: arrays in, pyradiomics' numbers out, from a compiled engine.

A package of its own: it imports nothing else of this project, neither Kedro nor pyradiomics. What
a cohort needs (readers, workers, what is kept on disk, repeatability, pyradiomics as the
reference) is in :mod:`spl_kedro.features.measurement`.
"""

import lazy_loader

# A name's module is imported when the name is first used; __init__.pyi says which.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
