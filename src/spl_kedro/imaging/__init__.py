"""Reading ultrasound files of any kind, and the lesions in them."""

import lazy_loader

# A name's module is imported when the name is first used; __init__.pyi says which. The processes
# that decode files need few of them.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
