"""The served study under load, and under a thousand hostile requests.

    python benchmarks/serving.py --json serving.json

Serves ``data/06_models/study.spl`` by ``mlflow models serve`` on this machine alone, sends hostile
requests, then cases of the study's own simulated patients from several clients at once, and
compares with the same model in one process without a server. Figures depend on what else the
machine does meanwhile: its load is stated with them.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import psutil

from spl_kedro.deployment.archive import read_study
from spl_kedro.serving.register import model_of

JSON_TYPE = {"Content-Type": "application/json"}


def cases_of(study, folder: Path, count: int) -> list[dict]:
    """Return simulated patients' lesions as they are sent."""
    columns = study.cohort.columns
    table = pd.read_csv(folder / "cohort.csv", dtype="str").head(count)
    numeric = {v.name for v in study.cohort.clinical if v.kind == "numeric"}

    def sent(kind, name):
        return base64.b64encode((folder / kind / name).read_bytes()).decode()

    def clinical(row):
        cells = {v.name: row[v.column] for v in study.cohort.clinical}
        known = {name: cell for name, cell in cells.items() if not pd.isna(cell)}
        return {n: float(cell) if n in numeric else cell for n, cell in known.items()}

    return [
        {
            "image": sent("images", row[columns.image]),
            "outline": sent("outlines", row[columns.masks]),
            "spacing_mm": float(row[columns.spacing_mm]),
            "site": row[columns.site],
            "clinical": clinical(row),
        }
        for row in table.to_dict("records")
    ]


def hostile(case: dict) -> dict[str, bytes]:
    """Return bodies that must be refused, by what is wrong with them."""
    image = base64.b64decode(case["image"])

    def changed(**change):
        return json.dumps({"inputs": [case | change]}).encode()

    def file(content):
        return changed(image=base64.b64encode(content).decode())

    return {
        "no JSON": b"{'inputs': ",
        "nested too deeply": b"[" * 100_000,
        "another key": b'{"dataframe_split": {"columns": [], "data": []}}',
        "no list": b'{"inputs": 1}',
        "wrong type": changed(image=12),
        "200 megapixels": file(claimed_png(20_000, 10_000)),
        "truncated PNG": file(image[: len(image) // 2]),
        "random bytes": file(random.Random(1).randbytes(20_000)),
        "a path": changed(image="/etc/passwd"),
        "an address": changed(image="https://example.org/image.png"),
        "NaN": changed(spacing_mm=float("nan")),
        "extra field": changed(note="x"),
        "unknown variable": changed(clinical={"shoe_size": 42}),
        "the image as outline": changed(outline=case["image"]),
    }


def claimed_png(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that claims a size."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )


def send(connection: http.client.HTTPConnection, body: bytes) -> int:
    connection.request("POST", "/invocations", body, JSON_TYPE)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def start(model: Path, log) -> tuple[subprocess.Popen, int]:
    """Start the server and return it, ready, with its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    programs = Path(sys.executable).parent
    command = [
        programs / "mlflow",
        "models",
        "serve",
        "--model-uri",
        model,
        "--env-manager",
        "local",
    ]
    server = subprocess.Popen(
        [*map(str, command), "--host", "127.0.0.1", "--port", str(port)],
        env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    while server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        try:
            connection.request("GET", "/ping")
            connection.getresponse().read()
            return server, port
        except ConnectionError:
            time.sleep(0.3)
        finally:
            connection.close()
    raise RuntimeError("the server did not start; see its log")


def resident(server: subprocess.Popen) -> float:
    """Return the memory of the server and what it started, in MB."""
    root = psutil.Process(server.pid)
    return sum(p.memory_info().rss for p in [root, *root.children(recursive=True)]) / 1e6


def attack(port: int, case: dict, count: int) -> dict:
    """Send hostile requests one after the other; then ask whether a good one is answered."""
    bodies = list(hostile(case).items())
    statuses, other = Counter(), []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for number in range(count):
        name, body = bodies[number % len(bodies)]
        status = send(connection, body)
        statuses[str(status)] += 1
        if not 400 <= status < 500:
            other.append(name)
    up = send(connection, json.dumps({"inputs": [case]}).encode()) == 200
    return {"sent": count, "statuses": statuses, "not_refused": other, "still_up": up}


def load(server, port: int, cases: list[dict], clients: int, seconds: float) -> dict:
    """Send cases from several clients at once."""
    bodies = [json.dumps({"inputs": [case]}).encode() for case in cases]
    taken: list[float] = []
    statuses: Counter = Counter()
    lock, end = threading.Lock(), time.perf_counter() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        step = number
        while time.perf_counter() < end:
            began = time.perf_counter()
            status = send(connection, bodies[step % len(bodies)])
            with lock:
                taken.append(time.perf_counter() - began)
                statuses[str(status)] += 1
            step += clients

    memory = [resident(server)]
    began = time.perf_counter()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        memory.append(resident(server))
    lasted = time.perf_counter() - began
    tenth = max(1, len(memory) // 10)
    return {
        "clients": clients,
        "seconds": lasted,
        "answers": len(taken),
        "errors": len(taken) - statuses["200"],
        "requests_per_second": len(taken) / lasted,
        "latency_p50_s": float(np.quantile(taken, 0.5)),
        "latency_p95_s": float(np.quantile(taken, 0.95)),
        # Without the first tenth, in which threads and libraries take what they keep.
        "memory_mb": {
            "start": memory[0], "after_a_tenth": memory[tenth], "end": memory[-1],
            "most": max(memory),
        },
    }  # fmt: skip


def bare(model: Path, cases: list[dict], seconds: float) -> dict:
    """Score cases in this process, one after the other."""
    loaded = mlflow.pyfunc.load_model(str(model))
    loaded.predict([cases[0]])
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        loaded.predict([cases[count % len(cases)]])
        count += 1
    return {"cases_per_second": count / (time.perf_counter() - began), "cases": count}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--study", type=Path, default=Path("data/06_models/study.spl"))
    arguments.add_argument("--patients", type=Path, default=Path("data/01_raw/simulated"))
    arguments.add_argument("--hostile", type=int, default=1000)
    arguments.add_argument("--clients", type=int, default=8)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--cases", type=int, default=24)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    study = read_study(given.study)
    cases = cases_of(study, given.patients, given.cases)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        mlflow.pyfunc.save_model(str(model), **model_of(study, given.study))
        found = {"study_id": study.study_id, "cores": os.cpu_count(), "load": os.getloadavg()}
        found["bare"] = bare(model, cases, given.seconds / 3)
        with (Path(folder) / "log").open("w") as log:
            server, port = start(model, log)
            try:
                found["hostile"] = attack(port, cases[0], given.hostile)
                found["load_test"] = load(server, port, cases, given.clients, given.seconds)
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait()
        found["load_at_the_end"] = os.getloadavg()
    text = json.dumps(found, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
