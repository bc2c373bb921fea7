"""Candidates per second of likelihood scoring with transformers and PyTorch: the yardstick for bench/likelihood.mjs.

    python bench/pytorch/likelihood.py [--weights FOLDER] [--sentences FILE] [--candidates 120]
        [--method pseudo|onePass] [--window 3|all] [--batchPieces 1024] [--precision float32|bfloat16] [--threads 2]

FOLDER is what bench/masked-lm.mjs makes; FILE has sentences with a span
marked by [ ], tab-separated or one a line. Rows and batches are much like ours: a row for every piece that is masked,
rows in order of length, as many together as padded pieces fit into --batchPieces (ours fill blocks of one length, so that a
score does not depend on the others). The head computes only what is
asked for: the hidden rows at the masked positions, gathered before the head. Prints JSON.
"""
import argparse
import json
import os
import re
import resource
import time
from pathlib import Path

import torch
from transformers import BertForMaskedLM, BertTokenizerFast

LONGEST = 128


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", default="runs/bench/masked-lm")
    parser.add_argument("--sentences", default="experiments/augmentation/pairs.tsv")
    parser.add_argument("--candidates", type=int, default=120)
    parser.add_argument("--method", choices=["pseudo", "onePass"], default="pseudo")
    parser.add_argument("--window", default="3")
    parser.add_argument("--batchPieces", type=int, default=1024)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    load = os.getloadavg()[0]
    cells = [cell for cell in re.split(r"[\t\n]", Path(options.sentences).read_text("utf-8")) if "[" in cell]
    sentences = [cells[i % len(cells)] for i in range(options.candidates)]
    model = BertForMaskedLM.from_pretrained(options.weights, dtype=torch.float32).eval()
    tokenizer = BertTokenizerFast(vocab=str(Path(options.weights) / "vocab.txt"), do_lower_case=False)
    score(model, tokenizer, sentences[:1], options)  # warm-up

    start, cpu_start = time.perf_counter(), time.process_time()
    scores, scored = score(model, tokenizer, sentences, options)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start

    print(json.dumps({
        "candidatesPerSecond": round(len(sentences) / seconds, 3), "seconds": round(seconds, 3),
        "cpuSeconds": round(cpu_seconds, 3), "candidates": len(sentences), "scored": scored,
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "engine": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "cores": os.cpu_count(),
        "loadBefore": round(load, 1), "precision": options.precision, "device": "cpu", "method": options.method,
        "window": options.window, "batchPieces": options.batchPieces, "layers": model.config.num_hidden_layers,
        "scores": scores,
    }))


@torch.inference_mode()
def score(model, tokenizer, sentences, options):
    """The mean log-probability of every sentence's pieces, and how many pieces were scored in all."""
    window = LONGEST if options.window == "all" else int(options.window)
    longest = min(LONGEST, model.config.max_position_embeddings)
    excerpts = [excerpt(tokenizer, sentence, window, longest) for sentence in sentences]
    sums = [0.0] * len(excerpts)
    for batch in batches(rows(excerpts, options.method), options.batchPieces):
        seq = len(batch[-1][1])
        ids = torch.full((len(batch), seq), tokenizer.pad_token_id)
        asked_rows, asked_columns, pieces, owners = [], [], [], []
        for row, (index, sentence, masked, asked) in enumerate(batch):
            ids[row, : len(sentence)] = torch.tensor(sentence)
            ids[row, masked] = tokenizer.mask_token_id
            for column in asked:
                asked_rows.append(row)
                asked_columns.append(column)
                pieces.append(sentence[column])
                owners.append(index)
        lengths = torch.tensor([len(sentence) for _, sentence, _, _ in batch])
        mask = (torch.arange(seq)[None, :] < lengths[:, None]).long()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            hidden = model.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            logits = model.cls(hidden[asked_rows, asked_columns]).float()  # [asked, vocabulary]
        chosen = logits.gather(1, torch.tensor(pieces)[:, None])[:, 0] - logits.logsumexp(1)
        for index, value in zip(owners, chosen.tolist()):
            sums[index] += value
    counts = [len(scored) for _, scored in excerpts]
    return [total / count for total, count in zip(sums, counts)], sum(counts)


def excerpt(tokenizer, sentence, window, longest):
    """Ids with [CLS] and [SEP], cut around the span, and the positions that are scored."""
    before, span, after = re.split(r"[\[\]]", sentence)
    start, end = len(before), len(before) + len(span)
    encoded = tokenizer(before + span + after, add_special_tokens=False, return_offsets_mapping=True)
    ids = encoded["input_ids"]
    inside = [i for i, (a, b) in enumerate(encoded["offset_mapping"]) if a < end and b > start]
    first, last = inside[0], inside[-1]
    content = min(len(ids), longest - 2)
    room = max(0, content - (last + 1 - first))
    cut = min(max(0, first - room // 2), len(ids) - content)
    seen = [tokenizer.cls_token_id, *ids[cut : cut + content], tokenizer.sep_token_id]
    return seen, range(1 + max(0, first - window - cut), 1 + min(content, last + 1 + window - cut))


def rows(excerpts, method):
    """(index, ids, masked positions, asked positions), in order of length."""
    for index in sorted(range(len(excerpts)), key=lambda i: len(excerpts[i][0])):
        ids, scored = excerpts[index]
        if method == "onePass":
            yield index, ids, [], list(scored)
        else:
            for position in scored:
                yield index, ids, [position], [position]


def batches(all_rows, most):
    batch = []
    for row in all_rows:
        if batch and (len(batch) + 1) * len(row[1]) > most:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


if __name__ == "__main__":
    main()
