"""Documents per second of transformers' own token-classification pipeline: the other yardstick for bench/predict.mjs.

    python bench/pytorch/pipeline.py --input DIR [--model FOLDER] [--documents 100] [--batch 16]
        [--precision float32|bfloat16] [--device cpu|gpu] [--threads 2]

The same model and texts as in predict.py, through `transformers.pipeline` as its users run it: it cuts the texts into
windows of 128 pieces, 96 apart, batches them as they come, and joins what it finds in them. Prints JSON.
"""
import json
import os
import resource
import time
from pathlib import Path

import torch
from transformers import BertTokenizerFast, PreTrainedModel, pipeline
from transformers.modeling_outputs import TokenClassifierOutput

from predict import STRIDE, WINDOW, options_of
from real_model import real_model, steady_mib, torch_device


class TokenClassifier(PreTrainedModel):
    """The joint model as the pipeline takes one: the channels of all heads are its labels."""

    base_model_prefix = "encoder"
    _supports_sdpa = True

    def __init__(self, model, heads):
        config = model.encoder.config
        names = [f"{head} {channel}" for head, channels in heads.items() for channel in range(channels)]
        config.id2label = dict(enumerate(["O", *names[1:]]))
        super().__init__(config)
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids=None):
        _, _, logits = self.model(input_ids, attention_mask, attention_mask.sum(dim=1))
        return TokenClassifierOutput(logits=torch.cat(list(logits.values()), dim=-1))


def main():
    options = options_of(__doc__)
    load = os.getloadavg()[0]
    device = torch_device(options.device)
    model = TokenClassifier(*real_model(options.model)).eval().to(device)
    vocabulary = str(Path(options.model) / "vocab.txt")
    tokenizer = BertTokenizerFast(vocab=vocabulary, do_lower_case=False, model_max_length=WINDOW)
    classify = pipeline(
        "token-classification", model=model, tokenizer=tokenizer, stride=WINDOW - 2 - STRIDE,
        aggregation_strategy="simple", batch_size=options.batch, device=device,
    )
    autocast = torch.autocast(device, torch.bfloat16, enabled=options.precision == "bfloat16")
    with torch.inference_mode(), autocast:
        classify(["Trabaja de enfermera."])  # warm-up

        start, cpu_start = time.perf_counter(), time.process_time()
        files = sorted(Path(options.input).glob("*.txt"))[: options.documents]
        texts = (file.read_bytes().decode("utf-8") for file in files)
        found = sum(len(entities) for entities in classify(texts))
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start

    print(json.dumps({
        "documentsPerSecond": round(len(files) / seconds, 3), "seconds": round(seconds, 3),
        "cpuSeconds": round(cpu_seconds, 3), "documents": len(files), "found": found,
        "steadyMiB": steady_mib(), "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "engine": f"transformers' pipeline on PyTorch {torch.__version__}", "threads": torch.get_num_threads(),
        "cores": os.cpu_count(), "loadBefore": round(load, 1), "precision": options.precision,
        "device": options.device, "batch": options.batch, "layers": model.config.num_hidden_layers,
    }))


if __name__ == "__main__":
    main()
