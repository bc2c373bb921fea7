"""What training documents and a table of codes say, read as the program reads them: for code_variants.py."""
import csv
import re
import unicodedata
from collections import defaultdict


def read_documents(corpus, names):
    """Mentions of the documents; those of documents with one text together."""
    (table,) = corpus.glob("*.tsv")
    rows = defaultdict(list)
    for row in csv.DictReader(table.open(encoding="utf-8-sig"), delimiter="\t"):
        rows[row["filename"]].append(row)
    groups = defaultdict(list)
    for name in names:
        ner, whose = (annotations(corpus / task / f"{name}.ann") for task in ("task1", "task2"))
        text = (corpus / "task1" / f"{name}.txt").read_bytes()
        groups[text] += [{"text": key(row["text"]), "label": ner.get(row["span"]), "whose": whose.get(row["span"]),
                          "code": row["code"]} for row in rows[name]]
    return list(groups.values())


def annotations(file):
    found = re.findall(r"^T\d+\t(\S+) (\d+ \d+)\t", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {span: label for label, span in found}


def read_codes(file):
    """Code → its labels' forms and its alternatives, sorted by code."""
    concepts = defaultdict(lambda: ([], []))
    for row in csv.DictReader(open(file, encoding="utf-8-sig"), delimiter="\t"):
        labels, others = concepts[row["code"]]
        labels += [key(form) for form in row["label"].split("/") if key(form)]
        others += [key(other) for other in row["alternative_label"].split("|") if key(other)]
    return dict(sorted(concepts.items()))


def key(text):
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c)[0] != "M")
    return " ".join(re.findall(r"\w+", plain))


def terminology(code):
    return "SNOMED CT" if code.startswith("SCTID") else "ESCO"
