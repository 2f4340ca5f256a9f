"""Habitats: parts of a lesion whose pixels are alike by maps of features, and their measures."""

import lazy_loader

# A name's module is imported when the name is first used; __init__.pyi says which.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
