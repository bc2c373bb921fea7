"""Seconds and memory of a training step of the joint model in PyTorch: the yardstick for bench/train-step.mjs.

    python bench/pytorch/train_step.py [--model FOLDER] [--batch 16] [--seq 128] [--steps 3] [--rows 15089]
        [--dropout 0.1] [--precision float32|bfloat16] [--device cpu|gpu] [--threads 2]

FOLDER is what bench/model.mjs makes. The step: encoder with dropout, BiLSTM, heads, loss, gradients, clipping,
fused AdamW. Every window is full: so the LSTM runs plainly, without packing. The first step warms up and is not
counted. bfloat16 is autocast over float32 weights, the LSTM apart. Prints JSON.
"""
import argparse
import json
import os
import resource
import statistics
import time

import torch

from real_model import real_model, steady_mib, torch_device
from joint_model import joint_loss, optimizer_of


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="runs/bench/model")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seq", type=int, default=128)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rows", type=int, default=15089)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    torch.manual_seed(0)
    load = os.getloadavg()[0]
    model, heads = real_model(options.model, options.rows, options.dropout)
    device = torch_device(options.device)
    model.train().to(device)
    optimizer = optimizer_of(model, 5e-5, 1e-3, 0.01, fused=True)
    parameters = list(model.named().values())
    seconds, cpu_seconds, losses = [], [], []
    for number in range(options.steps + 1):
        batch = full_batch(number, heads, options)
        start, cpu_start = time.perf_counter(), time.process_time()
        ids, real = (part.to(device) for part in batch[:2])
        targets = {name: values.to(device) for name, values in batch[2].items()}
        with torch.autocast(device, torch.bfloat16, enabled=options.precision == "bfloat16"):
            _, _, logits = model(ids, torch.ones_like(ids))
        loss, _ = joint_loss({name: values.float() for name, values in logits.items()}, targets, real)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(round(loss.item(), 6))
        seconds.append(round(time.perf_counter() - start, 6))
        cpu_seconds.append(round(time.process_time() - cpu_start, 6))

    print(json.dumps({
        "secondsPerStep": seconds[1:], "cpuSecondsPerStep": cpu_seconds[1:],
        "median": statistics.median(seconds[1:]), "medianCpu": statistics.median(cpu_seconds[1:]),
        "warmup": seconds[0], "losses": losses,
        "parameters": sum(p.numel() for p in parameters),
        "steadyMiB": steady_mib(), "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "engine": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "cores": os.cpu_count(),
        "loadBefore": round(load, 1), "precision": options.precision, "device": options.device,
        "batch": options.batch, "seq": options.seq, "rows": options.rows, "layers": model.encoder.config.num_hidden_layers, "dropout": options.dropout,
    }))


def full_batch(number, heads, options):
    """The same numbers as in bench/train-step.mjs."""
    n = options.batch * options.seq
    shape = (options.batch, options.seq)
    ids = (torch.arange(n) * 7919 + number * 104729) % options.rows
    real = torch.ones(shape)
    real[:, 0] = real[:, -1] = 0
    targets = {name: ((torch.arange(n * channels) * 7 + number) % 19 == 0).reshape(*shape, channels)
               for name, channels in heads.items()}
    return ids.reshape(shape), real, targets


if __name__ == "__main__":
    main()
