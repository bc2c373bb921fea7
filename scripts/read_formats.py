"""Reads what `meddoprof convert` wrote with the tools it was written for, and prints as JSON what they found.

usage: read_formats.py cassis FOLDER | datasets FILE | spacy FOLDER | seqeval FILE
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def cassis(folder):
    """Texts and named entities by document, in code points, as dkpro-cassis counts."""
    from cassis import load_cas_from_json, load_cas_from_xmi, load_typesystem

    entity = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
    found = {}
    for file in sorted(Path(folder).iterdir()):
        if file.suffix == ".xmi":
            types = load_typesystem((Path(folder) / "TypeSystem.xml").read_bytes().decode())
            cas = load_cas_from_xmi(file.read_bytes().decode(), typesystem=types)
        elif file.suffix == ".json":
            cas = load_cas_from_json(file.read_bytes().decode())
        else:
            continue
        spans = [[one.begin, one.end, one.value, one.identifier] for one in cas.select(entity)]
        found[file.stem] = {"text": cas.sofa_string, "spans": spans}
    return found


def datasets(file):
    """The columns' types, and the records, as load_dataset has them."""
    from datasets import load_dataset

    with tempfile.TemporaryDirectory() as cache:
        data = load_dataset("json", data_files=file, split="train", cache_dir=cache)
        return {"features": {name: str(kind) for name, kind in data.features.items()}, "records": data.to_list()}


def spacy(folder):
    """By document the words and the spans of the last column, as `spacy convert` makes them."""
    import spacy as library
    from spacy.tokens import DocBin

    vocab = library.blank("es").vocab
    found = {}
    with tempfile.TemporaryDirectory() as out:
        for file in sorted(Path(folder).glob("*.conll")):
            command = [sys.executable, "-m", "spacy", "convert", str(file), out, "-c", "ner"]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                sys.exit(run.stdout + run.stderr)
            docs = list(DocBin().from_disk(Path(out) / f"{file.stem}.spacy").get_docs(vocab))
            words = [token.text for doc in docs for token in doc]
            spans = [[ent.label_, [token.text for token in ent]] for doc in docs for ent in doc.ents]
            found[file.stem] = {"words": words, "spans": spans}
    return found


def seqeval(file):
    """The entities of each list of tags, end inclusive."""
    from seqeval.metrics.sequence_labeling import get_entities

    return [get_entities(tags) for tags in json.loads(Path(file).read_text())]


if __name__ == "__main__":
    tool, path = sys.argv[1:]
    json.dump({"cassis": cassis, "datasets": datasets, "spacy": spacy, "seqeval": seqeval}[tool](path), sys.stdout)
