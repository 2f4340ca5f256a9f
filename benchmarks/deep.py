"""Speed of training and embedding against a bare loop over random tensors on the same device.

The bare loop is the ceiling: the same network, optimiser and precision, fed with one batch that
lies ready. What the real loop loses against it is cropping, augmentation, bookkeeping and
checkpoints. Rounds of both alternate, so that a busy machine slows both.

Run: ``python benchmarks/deep.py [--quick | --embedding] [--json FILE]``. ``--embedding`` measures
the default study's frozen network alone, and beside a process that keeps one core busy.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable

# As a run sets it, before torch reads it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from spl_kedro.features.deep import DeepSettings, build_network, embed
from spl_kedro.features.deep.checkpoints import CheckpointStore
from spl_kedro.features.deep.embedding import GPU_BATCH, PROCESSOR_BATCH
from spl_kedro.features.deep.machine import (
    autocast,
    choose_device,
    reproducible,
    torch_threads,
    uses_bfloat16,
)
from spl_kedro.features.deep.network import embed_batch
from spl_kedro.features.deep.sources import AugmentedCrops
from spl_kedro.features.deep.training import NetworkTrainer
from spl_kedro.parallel import in_threads

# The network of conf/base.
PACKAGED = DeepSettings(
    architecture="efficientnet_lite0",
    weights="packaged",
    trained_blocks=0,
    pooling="depths",
    image_size=96,
)
# Lesions a network of the default study learns from: two of three folds of 487.
EPOCH = 325
# That embedding is measured on.
IMAGES = 256


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(work: Callable[[], object], device: torch.device) -> float:
    synchronise(device)
    began = time.perf_counter()
    work()
    synchronise(device)
    return time.perf_counter() - began


def random_crops(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 2, size, size), dtype=np.uint8)


def bare_training(settings: DeepSettings, steps: int) -> Callable[[], None]:
    """Return a loop of optimiser steps on one random batch that lies ready on the device."""
    device = choose_device(settings)
    network = build_network(settings).to(device).train()
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, fused=True)
    size = settings.image_size
    images = torch.randn(settings.batch_size, 3, size, size, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.arange(settings.batch_size, device=device) % 2

    def loop() -> None:
        for _ in range(steps):
            with autocast(device, settings):
                loss = cross_entropy(network(images), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return loop


def measure_training(settings: DeepSettings, steps: int, rounds: int) -> dict[str, float]:
    device = choose_device(settings)
    count = steps * settings.batch_size
    pixels = random_crops(count, settings.image_size)
    source = AugmentedCrops(torch.from_numpy(pixels).to(device), settings)
    labels = np.arange(count) % 2
    patients = np.arange(count).astype(str)
    trainer = NetworkTrainer(
        "benchmark", build_network(settings), source, labels, patients, np.arange(count), settings
    )
    bare = bare_training(settings, steps)
    rows = torch.arange(settings.batch_size, device=device)
    data: list[float] = []
    checkpoint: list[float] = []
    real: list[float] = []
    ceiling: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        store = CheckpointStore(folder, "benchmark")
        trainer.run_epoch()
        bare()
        for _ in range(rounds):
            ceiling.append(seconds(bare, device))
            epoch = seconds(trainer.run_epoch, device)
            checkpoint.append(seconds(lambda: store.save("epoch", trainer.state_dict()), device))
            real.append(epoch + checkpoint[-1])
            data.append(steps * seconds(lambda: source.batch(rows, 0), device))
    return {
        "training_images_per_second": count / statistics.median(real),
        "training_ceiling_images_per_second": count / statistics.median(ceiling),
        "training_share_of_ceiling": statistics.median(
            bare / own for bare, own in zip(ceiling, real, strict=True)
        ),
        "training_data_path_share": statistics.median(data) / statistics.median(real),
        "training_checkpoint_share": statistics.median(checkpoint) / statistics.median(real),
    }


def measure_embedding(settings: DeepSettings, rounds: int) -> dict[str, float]:
    """Set embedding beside the network alone, the faster of two ways to run it.

    One gives the library batches of 64 and all threads, the other each thread batches of its own.
    """
    device = choose_device(settings)
    size, threads = settings.image_size, torch.get_num_threads()
    pixels = random_crops(IMAGES, size)
    network = build_network(settings).to(device).eval()

    def ready(batch: int) -> torch.Tensor:
        images = torch.randn(batch, 3, size, size, device=device)
        return images.contiguous(memory_format=torch.channels_last)

    large, small = ready(GPU_BATCH), ready(PROCESSOR_BATCH)

    def run(images: torch.Tensor) -> None:
        with torch.no_grad():
            embed_batch(network, images)

    def in_common() -> None:
        for _ in range(IMAGES // len(large)):
            run(large)

    def apart() -> None:
        with torch_threads(1):
            list(in_threads(run, [small] * (IMAGES // len(small)), "ceiling", "batch", threads))

    def work() -> None:
        embed(network, pixels, settings)

    ways = [in_common] if device.type == "cuda" else [in_common, apart]
    for way in (*ways, work):
        way()
    real, ceiling = [], []
    for _ in range(rounds):
        ceiling.append(min(seconds(way, device) for way in ways))
        real.append(seconds(work, device))
    count = IMAGES
    return {
        "embedding_images_per_second": count / statistics.median(real),
        "embedding_ceiling_images_per_second": count / statistics.median(ceiling),
        "embedding_share_of_ceiling": statistics.median(
            bare / own for bare, own in zip(ceiling, real, strict=True)
        ),
    }


def keep_busy() -> None:
    while True:
        sum(range(100_000))


def measure_beside_work(settings: DeepSettings, rounds: int) -> dict[str, float]:
    """Return seconds of an embedding alone and beside one busy process, with the cores it takes."""
    pixels = random_crops(IMAGES, settings.image_size)
    network = build_network(settings).eval()
    device = choose_device(settings)

    def work() -> None:
        with reproducible(settings, spare_cores=True):
            embed(network, pixels, settings)

    work()
    alone = [seconds(work, device) for _ in range(rounds)]
    busy = multiprocessing.get_context("spawn").Process(target=keep_busy, daemon=True)
    busy.start()
    try:
        time.sleep(1)
        beside = [seconds(work, device) for _ in range(rounds)]
    finally:
        busy.terminate()
        busy.join()
    slower = statistics.median(beside) / statistics.median(alone)
    return {"alone_seconds": statistics.median(alone), "beside_work_times_slower": slower}


def matrix_peak(settings: DeepSettings) -> float:
    """Return the measured floating-point operations per second of a large matrix product."""
    device = choose_device(settings)
    kind = torch.bfloat16 if uses_bfloat16(device, settings) else torch.float32
    edge = 8192 if device.type == "cuda" else 2048
    a, b = (torch.randn(edge, edge, device=device).to(kind) for _ in range(2))
    repeats = 20 if device.type == "cuda" else 3

    def multiply() -> None:
        for _ in range(repeats):
            a @ b

    multiply()
    return repeats * 2 * edge**3 / min(seconds(multiply, device) for _ in range(3))


def operations_per_image(settings: DeepSettings) -> float:
    """Return the operations of a forward and a backward pass per image."""
    network = build_network(settings).train()
    images = torch.randn(2, 3, settings.image_size, settings.image_size)
    with FlopCounterMode(display=False) as counter:
        network(images).sum().backward()
    return counter.get_total_flops() / len(images)


def write(figures: dict[str, object], path: str | None) -> None:
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the default setting only")
    parser.add_argument("--embedding", action="store_true", help="the frozen network only")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of each measurement")
    options = parser.parse_args()
    rounds = options.rounds
    base = DeepSettings(threads=options.threads)
    device = choose_device(base)
    sizes = [64, 96, 128, 224] if device.type == "cuda" else [64, 96, 128]
    sizes = [base.image_size] if options.quick else sizes
    batches = [base.batch_size] if options.quick else [16, 32, 64]
    figures: dict[str, object] = {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else platform.processor(),
        "device_type": device.type,
        "threads": base.threads,
        "torch": torch.__version__,
    }
    packaged = PACKAGED.model_copy(update={"threads": options.threads})
    with reproducible(packaged):
        frozen = measure_embedding(packaged, rounds=rounds)
    if device.type == "cpu":
        frozen |= measure_beside_work(packaged, rounds=rounds)
    figures["packaged"] = frozen
    print(", ".join(f"{name} {value:.3g}" for name, value in frozen.items()))
    if options.embedding:
        write(figures, options.json)
        return
    table = []
    with reproducible(base):
        peak = matrix_peak(base)
        figures["matrix_peak_tflops"] = peak / 1e12
        for size, batch in tqdm(list(itertools.product(sizes, batches)), unit="setting"):
            settings = base.model_copy(update={"image_size": size, "batch_size": batch})
            row: dict[str, float] = {"image_size": size, "batch_size": batch}
            row |= measure_training(settings, EPOCH // batch, rounds=rounds)
            row |= measure_embedding(settings, rounds=rounds)
            used = row["training_images_per_second"] * operations_per_image(settings)
            row["training_share_of_matrix_peak"] = used / peak
            table.append(row)
    default = (base.image_size, base.batch_size)
    figures |= next(r for r in table if (r["image_size"], r["batch_size"]) == default)
    figures["sweep"] = table
    for row in table:
        print(", ".join(f"{name} {value:.3g}" for name, value in row.items()))
    write(figures, options.json)


if __name__ == "__main__":
    main()
