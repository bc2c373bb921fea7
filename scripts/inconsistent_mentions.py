"""How much of what is wrong the annotators' own inconsistency explains: strings marked in one document and not in another.

    python scripts/inconsistent_mentions.py GOLD PREDICTED [PREDICTED ...]

GOLD is a task's folder of .txt and .ann files, PREDICTED one of .ann files of some of its documents, such as the
predictions of a fold. For every string (case aside) that is marked somewhere, it counts where else the corpus' texts have
it as whole words, unmarked. Needs Python alone.
"""
import re
import sys
from collections import defaultdict
from pathlib import Path


def main(gold_folder, *predicted_folders):
    texts = {file.stem: file.read_bytes().decode("utf-8") for file in Path(gold_folder).glob("*.txt")}
    gold = {name: spans(Path(gold_folder) / f"{name}.ann") for name in texts}
    predicted = {file.stem: spans(file) for folder in predicted_folders for file in Path(folder).glob("*.ann")}
    marked, bare = occurrences(texts, gold)
    both = [text for text in marked if bare[text]]
    print(f"{len(marked)} strings are marked in {sum(len(ds) for ds in map(set, marked.values()))} places by document; "
          f"{len(both)} of them stand unmarked elsewhere")

    invented, missed = [], []
    for name, found in predicted.items():
        right = gold[name] & found
        invented += [(name, *span) for span in found - right]
        missed += [(name, *span) for span in gold[name] - right]
    other = lambda places, name: any(document != name for document in places)
    of_invented = [one for one in invented if other(marked.get(cut(texts, *one), ()), one[0])]
    of_missed = [one for one in missed if other(bare[cut(texts, *one)], one[0])]
    print(f"of {len(invented)} spans that are predicted and not gold, {len(of_invented)} have a text that is gold in another document")
    print(f"of {len(missed)} gold spans that are not predicted, {len(of_missed)} have a text that stands unmarked in another document")


def spans(file):
    """(label, start, end) of each line T of a .ann file whose span is in one part; a span may have several labels."""
    lines = file.read_bytes().decode("utf-8").splitlines() if file.exists() else []
    fields = [line.split("\t")[1].split(" ") for line in lines if line.startswith("T")]
    return {(label, int(start), int(end)) for label, start, *rest, end in fields if not rest}


def cut(texts, name, label, start, end):
    return texts[name][start:end].lower()


def occurrences(texts, gold):
    """Of every gold string, the documents where it is marked, and those where it stands as words outside of any mark."""
    marked, bare = defaultdict(list), defaultdict(list)
    for name, found in gold.items():
        for label, start, end in found:
            marked[texts[name][start:end].lower()].append(name)
    for name, text in texts.items():
        lower = text.lower()
        if len(lower) != len(text):
            continue
        for string in marked:
            at = lower.find(string)
            while string and at >= 0:
                end = at + len(string)
                whole = not re.match(r"\w\w", lower[max(0, at - 1):at + 1]) and not re.match(r"\w\w", lower[end - 1:end + 1])
                if whole and all(end <= a or b <= at for _, a, b in gold[name]):
                    bare[string].append(name)
                at = lower.find(string, at + 1)
    return marked, bare


if __name__ == "__main__":
    main(*sys.argv[1:])
