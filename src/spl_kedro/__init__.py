"""From a lung-ultrasound cohort to a validated, explained model of subpleural lesions."""

import os
from pathlib import Path

__version__ = "0.1.0"


def _has_avx2() -> bool:
    """Return whether Linux says that this processor has AVX2 and FMA."""
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return False
    return {"avx2", "fma"} <= set(known)


# OpenBLAS, of NumPy and SciPy, sums in another order on another processor, and a feature that is
# chosen or not by a last digit moves a printed one: all take the same kernels. Read once, when
# NumPy is imported, which is later; on processors without these kernels it chooses by itself.
if _has_avx2():
    os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")
