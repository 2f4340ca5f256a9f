"""What Hypothesis does to a valid file: its bytes, or those of a part that is then packed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

#: Bytes drawn at a time; a hundred of them make any number that a header may state.
_NUMBERS = [0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1]
_HEADER = 600  # first bytes of a file, in which half of all changes are made
_LONGEST = 400_000


@dataclass(frozen=True)
class Seed:
    """A valid file in parts.

    Attributes
    ----------
    parts : mapping of str to bytes
    pack : function of parts
        Makes the file, its checksums and lengths right.
    """

    parts: Mapping[str, bytes]
    pack: Callable[[Mapping[str, bytes]], bytes] = lambda parts: b"".join(parts.values())


def plain(data: bytes) -> Seed:
    """Return a file that is one part."""
    return Seed({"file": data})


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[Seed], words: Sequence[bytes]) -> bytes:
    """Draw a changed file.

    Parameters
    ----------
    seeds : sequence of Seed
    words : sequence of bytes
        What the format knows, to be put anywhere.
    """
    seed = draw(st.sampled_from(seeds))
    parts = dict(seed.parts)
    if draw(st.integers(0, 3)) == 0:
        whole = bytearray(seed.pack(parts))
        for _ in range(draw(st.integers(1, 4))):
            _change(draw, whole, words)
        return bytes(whole[:_LONGEST])
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(parts)))
        content = bytearray(parts[name])
        for _ in range(draw(st.integers(1, 4))):
            _change(draw, content, words)
        parts[name] = bytes(content[:_LONGEST])
    if len(parts) > 1 and draw(st.integers(0, 9)) == 0:
        del parts[draw(st.sampled_from(sorted(parts)))]
    return seed.pack(parts)


def _change(draw: st.DrawFn, data: bytearray, words: Sequence[bytes]) -> None:
    """Make one change in place."""
    end = len(data)
    first = draw(st.booleans())
    at = draw(st.integers(0, min(end, _HEADER) if first else end))
    kind = draw(st.integers(0, 9))
    if kind <= 1 and at < end:
        data[at] = draw(st.integers(0, 255))
    elif kind == 2 and at < end:
        data[at] ^= 1 << draw(st.integers(0, 7))
    elif kind <= 4:
        number = draw(st.sampled_from(_NUMBERS))
        size = draw(st.sampled_from([2, 4, 8]))
        order = draw(st.sampled_from(["little", "big"]))
        data[at : at + size] = (number % 256**size).to_bytes(size, order)
    elif kind == 5:
        del data[at : at + draw(st.integers(1, 40))]
    elif kind == 6:
        del data[at:]
    elif kind == 7:
        data[at:at] = draw(st.binary(min_size=1, max_size=20))
    elif kind == 8 and words:
        word = draw(st.sampled_from(words))
        data[at : at + (len(word) if draw(st.booleans()) else 0)] = word
    else:
        start = draw(st.integers(0, end))
        times = draw(st.sampled_from([1, 1, 2, 50]))
        data[at:at] = bytes(data[start : start + draw(st.integers(1, 200))]) * times
