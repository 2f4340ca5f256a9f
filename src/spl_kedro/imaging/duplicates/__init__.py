"""Which images are copies of each other: the same, encoded anew, cropped, brighter, near."""

from spl_kedro.imaging.duplicates.pairs import KINDS, Kind, Pair, find_pairs
from spl_kedro.imaging.duplicates.prints import LesionPrint, print_of
from spl_kedro.imaging.duplicates.settings import Action, DuplicateSettings

__all__ = [
    "KINDS",
    "Action",
    "DuplicateSettings",
    "Kind",
    "LesionPrint",
    "Pair",
    "find_pairs",
    "print_of",
]
