"""Prints what is in a folder of TensorBoard event files, as JSON, read by the tensorboard package itself.

    python scripts/read_events.py DIR

Scalars as [step, value] per tag, histograms as {step, min, max, count, sum, buckets} per tag, texts as strings.
"""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    texts = {tag: events.Tensors(tag) for tag in tags["tensors"]
             if events.SummaryMetadata(tag).plugin_data.plugin_name == "text"}
    print(json.dumps({
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {tag: [histogram(e) for e in events.Histograms(tag)] for tag in tags["histograms"]},
        "texts": {tag: [e.tensor_proto.string_val[0].decode() for e in found] for tag, found in texts.items()},
    }))


def histogram(event):
    value = event.histogram_value
    return {"step": event.step, "min": value.min, "max": value.max, "count": value.num, "sum": value.sum,
            "buckets": [list(pair) for pair in zip(value.bucket_limit, value.bucket)]}


if __name__ == "__main__":
    main()
