"""Reads a model card as the hub's own library does, and prints as JSON what it finds.

    python scripts/check_card.py DIR

DIR holds README.md. Fails where the metadata or the scores in them are not what the library takes. Needs huggingface_hub;
what the hub itself checks when a card is pushed needs the hub.
"""
import json
import sys
from pathlib import Path

from huggingface_hub import ModelCard


def main(folder):
    card = ModelCard.load(Path(folder) / "README.md", ignore_metadata_errors=False)
    data = card.data
    print(json.dumps({
        "license": data.license,
        "language": data.language,
        "model": data.model_name,
        "pipeline": data.pipeline_tag,
        "results": [
            [one.task_type, one.task_name, one.dataset_type, one.dataset_name, one.metric_type, one.metric_value]
            for one in data.eval_results or []
        ],
    }))


if __name__ == "__main__":
    main(*sys.argv[1:])
