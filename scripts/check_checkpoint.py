"""Opens a checkpoint's encoder with Hugging Face's transformers, and compares its hidden states.

    python scripts/check_checkpoint.py DIR [--expect FILE | --ids "2 17 8 3"] [--tolerance 1e-4]

DIR holds config.json and model.safetensors. Fails where a parameter of the encoder is missing or has another
shape. FILE is a safetensors file with `ids` [batch, seq], `mask` [batch, seq] or `lengths` [batch], and
`hidden` [batch, seq, hidden] (the last layer's) or `hidden.0`, `hidden.1` … (embeddings, then every layer);
padded positions are not compared. Needs torch, transformers and safetensors.
"""
import argparse
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoModel
from transformers.utils import logging


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--expect", metavar="FILE", help="safetensors file with ids and hidden states")
    given.add_argument("--ids", help="piece ids, separated by spaces")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()

    expected = load_file(options.expect) if options.expect else {}
    model, report = open_encoder(options.folder)
    ids, mask = inputs(options.ids, expected, model.config.vocab_size)
    with torch.no_grad():
        hidden = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    inside = mask.bool()
    report["layers"] = [{"mean": round(h[inside].mean().item(), 6), "std": round(h[inside].std().item(), 6),
                         "first": [round(x, 5) for x in h[0, 0, :4].tolist()]} for h in hidden]
    names = {f"hidden.{i}": h for i, h in enumerate(hidden)} | {"hidden": hidden[-1]}
    found = {name: h for name, h in names.items() if name in expected}
    for name, h in found.items():
        if expected[name].shape != h.shape:
            sys.exit(f"{options.expect}: {name} is {list(expected[name].shape)}, the encoder gives {list(h.shape)}")
    report["differences"] = {name: (h - expected[name])[inside].abs().max().item() for name, h in found.items()}
    print(json.dumps(report, indent=2))
    if expected and not found:
        sys.exit(f"{options.expect}: no hidden states in it")
    far = {name: d for name, d in report["differences"].items() if not d <= options.tolerance}
    if far:
        sys.exit(f"{options.folder}: hidden states differ by more than {options.tolerance}: {far}")


def open_encoder(folder):
    """The encoder in evaluation mode, and what was in the file beside it."""
    kind = json.loads((Path(folder) / "config.json").read_text())["model_type"]
    pooled = ("bert", "roberta", "xlm-roberta", "camembert")
    extra = {"add_pooling_layer": False} if kind in pooled else {}
    model, info = AutoModel.from_pretrained(folder, output_loading_info=True, attn_implementation="eager",
                                            dtype=torch.float32, local_files_only=True, **extra)
    missing, mismatched = sorted(info["missing_keys"]), sorted(map(str, info["mismatched_keys"]))
    if missing or mismatched:
        sys.exit(f"{folder}: missing from model.safetensors: {missing}; of another shape: {mismatched}")
    loaded = sum(1 for _ in model.parameters())
    return model.eval(), {"type": kind, "encoderParameters": loaded, "others": sorted(info["unexpected_keys"])}


def inputs(text, expected, vocabulary):
    """ids and mask [batch, seq] as int64."""
    if "ids" in expected:
        ids = expected["ids"].long()
        if "mask" in expected:
            return ids, expected["mask"].long()
        lengths = expected.get("lengths", torch.full((len(ids),), ids.shape[1])).long()
        return ids, (torch.arange(ids.shape[1])[None, :] < lengths[:, None]).long()
    ids = torch.tensor([[int(x) for x in text.split()] if text else list(range(min(8, vocabulary)))])
    return ids, torch.ones_like(ids)


if __name__ == "__main__":
    main()
