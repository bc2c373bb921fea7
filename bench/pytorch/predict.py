"""Documents per second of prediction with transformers and PyTorch: the yardstick for bench/predict.mjs.

    python bench/pytorch/predict.py --input DIR [--model FOLDER] [--documents 100] [--batch 16]
        [--precision float32|bfloat16] [--device cpu|gpu] [--threads 2]

DIR holds .txt files, FOLDER is what bench/model.mjs makes. The fast tokenizer cuts the texts into pieces; windows
and batches are those of `meddoprof predict`: windows of 128 pieces, 96 apart, the last one moved back to be full;
windows of like length share a batch, padded to a multiple of 16. Then encoder, BiLSTM (packed), heads, sigmoid.
Reading and tokenizing are counted; stitching, decoding and writing are not done. Prints JSON.
"""
import argparse
import json
import os
import resource
import time
from pathlib import Path

import torch
from transformers import BertTokenizerFast, PreTrainedTokenizerFast

from real_model import real_model, steady_mib, torch_device

WINDOW, STRIDE = 128, 96
WINDOWS_AT_ONCE = 256  # documents are taken together until they have so many windows
PADDED_TO = 16


def main():
    options = options_of(__doc__)
    load = os.getloadavg()[0]
    device = torch_device(options.device)
    model = real_model(options.model)[0].eval().to(device)
    tokenizer = tokenizer_of(Path(options.model))
    predict(model, windows_of(tokenizer, "Trabaja de enfermera."), options, device)  # warm-up

    start, cpu_start = time.perf_counter(), time.process_time()
    files = sorted(Path(options.input).glob("*.txt"))[: options.documents]
    windows = pieces = 0
    for group in groups(tokenizer, files):
        predict(model, group, options, device)
        windows, pieces = windows + len(group), pieces + sum(map(len, group))
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start

    print(json.dumps({
        "documentsPerSecond": round(len(files) / seconds, 3), "seconds": round(seconds, 3),
        "cpuSeconds": round(cpu_seconds, 3), "documents": len(files), "windows": windows, "pieces": pieces,
        "steadyMiB": steady_mib(), "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "engine": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "cores": os.cpu_count(),
        "loadBefore": round(load, 1), "precision": options.precision,
        "device": options.device, "batch": options.batch,
        "layers": model.encoder.config.num_hidden_layers,
    }))


def tokenizer_of(folder):
    """Of vocab.txt, or of what bench/model.mjs --family takes: a tokenizer.json, or vocab.json with merges.txt."""
    if (folder / "vocab.txt").exists():
        return BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=False)
    return PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), cls_token="<s>", sep_token="</s>")


def options_of(doc):
    """Those of the command line, for predict.py and pipeline.py; sets the threads."""
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("--model", default="runs/bench/model")
    parser.add_argument("--input", required=True)
    parser.add_argument("--documents", type=int, default=100, help="how many, by name")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    return options


def groups(tokenizer, files):
    """Windows of as many documents as have WINDOWS_AT_ONCE."""
    group = []
    for file in files:
        group += windows_of(tokenizer, file.read_bytes().decode("utf-8"))
        if len(group) >= WINDOWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def windows_of(tokenizer, text):
    """Piece ids of every window with [CLS] and [SEP]."""
    pieces = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    content = WINDOW - 2
    starts = list(range(0, max(0, len(pieces) - content), STRIDE))
    if pieces:
        starts.append(max(0, len(pieces) - content))
    return [[tokenizer.cls_token_id, *pieces[start : start + content], tokenizer.sep_token_id] for start in starts]


@torch.inference_mode()
def predict(model, windows, options, device):
    """Per window, in order of length: {head: probabilities [pieces, channels]}."""
    windows = sorted(windows, key=len)
    results = []
    for at in range(0, len(windows), options.batch):
        chosen = windows[at : at + options.batch]
        lengths = torch.tensor([len(window) for window in chosen])
        seq = -(-int(lengths.max()) // PADDED_TO) * PADDED_TO
        ids = torch.zeros(len(chosen), seq, dtype=torch.long)
        for row, window in enumerate(chosen):
            ids[row, : len(window)] = torch.tensor(window)
        mask = (torch.arange(seq)[None, :] < lengths[:, None]).long()
        with torch.autocast(device, torch.bfloat16, enabled=options.precision == "bfloat16"):
            _, _, logits = model(ids.to(device), mask.to(device), lengths)
        logits = {name: values.float().sigmoid().cpu() for name, values in logits.items()}
        for row, length in enumerate(lengths.tolist()):
            results.append({name: values[row, :length] for name, values in logits.items()})
    return results


if __name__ == "__main__":
    main()
