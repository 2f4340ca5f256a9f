"""How the tests start Chromium, and how long they wait for it."""

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds; a browser is slow to answer on a busy machine.
PATIENCE = 300_000
