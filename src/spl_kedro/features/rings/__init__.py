"""Radiomics and deep features of rings around each lesion's outline, inside what was scanned."""

import lazy_loader

# A name's module is imported when the name is first used; __init__.pyi says which.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
