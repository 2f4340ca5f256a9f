"""What a program and all it starts ask of the network, told by the interpreter itself."""

import os
from pathlib import Path

# Python imports it at its start, in each process: what a poll of /proc/net would miss is told too.
_WATCH = """
import os, sys

def _told(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto"):
        address = arguments[1]
        if not isinstance(address, tuple) or str(address[0]) in ("127.0.0.1", "::1", "localhost"):
            return
        words = f"{event} {address[0]}:{address[1]}"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if arguments[0] in (None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"):
            return
        words = f"{event} {arguments[0]}"
    else:
        return
    with open(os.environ["SOCKETS_TOLD"], "a") as file:
        file.write(words + "\\n")

sys.addaudithook(_told)
with open(os.environ["SOCKETS_TOLD"], "a") as file:
    file.write("watched\\n")
"""


def watching(folder: Path) -> dict[str, str]:
    """Return the environment variables by which all Python started with them is watched."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_WATCH)
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "SOCKETS_TOLD": str(folder / "told")}


def asked_of_others(folder: Path) -> list[str]:
    """Return what was asked of any address but this machine's own, once something was watched."""
    told = (folder / "told").read_text().splitlines()
    assert "watched" in told
    return sorted(set(told) - {"watched"})
