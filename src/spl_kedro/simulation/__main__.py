"""Compile the simulation's loops for this processor: ``python -m spl_kedro.simulation``.

It simulates one lesion; numba keeps what it compiles on disk beside the source. Without it the
first patient waits for that, a few seconds.
"""

from spl_kedro.simulation import PhantomSettings, simulate_lesions


def main() -> None:
    """Simulate one lesion with the default settings."""
    list(simulate_lesions(PhantomSettings(), count=1))


if __name__ == "__main__":
    main()
