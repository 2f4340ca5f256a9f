"""Who packaged a study: an Ed25519 signature (RFC 8032) of its manifest.

The manifest names every part with its SHA-256, so that what signs it signs them all. Keys are PEM
files, as ``openssl genpkey -algorithm ed25519 -out key.pem`` makes them and
``openssl pkey -in key.pem -pubout -out public.pem`` hands out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spl_kedro.deployment.errors import PackageError

_RULE = "a study signed by whom you trust"


def sign(content: bytes, key: Path) -> bytes:
    """Return the signature of some bytes, 64 bytes long.

    Parameters
    ----------
    content : bytes
    key : Path
        PEM file of a private key without a password.

    Raises
    ------
    PackageError
        If the file holds no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    found = _key(key, lambda pem: load_pem_private_key(pem, password=None))
    if not isinstance(found, Ed25519PrivateKey):
        raise _no_key(key)
    return found.sign(content)


def verify(file: str, content: bytes, signature: bytes | None, key: Path) -> None:
    """Raise unless a key signed some bytes.

    Parameters
    ----------
    file : str
        Name of the study's file, for the message.
    content : bytes
    signature : bytes or None
    key : Path
        PEM file of a public key.

    Raises
    ------
    PackageError
        If there is no signature, another key's, or one of other bytes; if the file holds no key.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    found = _key(key, load_pem_public_key)
    if not isinstance(found, Ed25519PublicKey):
        raise _no_key(key)
    try:
        if signature is None:
            raise InvalidSignature
        found.verify(signature, content)
    except InvalidSignature as error:
        what = "is not signed" if signature is None else f"was not signed by the key of {key.name}"
        remedy = "Ask whoever packaged it for a signed file and their public key."
        raise PackageError(_RULE, f"{file} {what}.", remedy) from error


def _key(path: Path, load: Any) -> Any:
    try:
        return load(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise _no_key(path) from error


def _no_key(path: Path) -> PackageError:
    return PackageError(
        "an Ed25519 key in a PEM file",
        f"{path.name} holds none that can be read.",
        "Make one with: openssl genpkey -algorithm ed25519 -out key.pem",
    )
