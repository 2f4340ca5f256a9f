"""Assisted outlining: from a box or a click to a lesion's outline, and how far it is a reader's."""

import lazy_loader

# A name's module is imported when the name is first used; __init__.pyi says which.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
