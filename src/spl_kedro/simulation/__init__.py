"""Simulated patients: a lung-ultrasound phantom with a lesion under the pleura.

``simulate_cohort`` gives what two hospitals would hand over, ``simulate_lesions`` any
number of further lesions. Read :mod:`~spl_kedro.simulation.patient` first: it puts the
parts together.
"""

import lazy_loader

# A name's module is imported when the name is first used; __init__.pyi says which.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
