"""Cross-validates variants of the default that finds codes, in scikit-learn: what was tried and not kept.

    python scripts/code_variants.py --corpus CORPUS --codes FILE.tsv --split SPLIT.json [--folds-seeds 0 1]
        [--what folded class-label learned]

Only the split's training documents are used. `base` is the shipped default over again; of every variant are printed
accuracy, that of codes that the other folds lack, and the mentions won and lost against `base`. Needs scikit-learn,
and torch for `learned`.
"""
import argparse
import json
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from coded_mentions import read_codes, read_documents, terminology

UNSEEN, LABEL_WEIGHT, FOLDS = -1.1, 0.7, 5
VARIANTS = {
    "base": {},
    "folded": {"folded": True},  # endings of gender and number off the classifier's words
    "class-label": {"class_weight": 0.5},  # whose occupation it is, as a feature beside the label
}
SETS = {  # of the learned combination
    "scores": ["classifier", "label", "seen"],
    "and alternatives": ["classifier", "label", "seen", "alternative"],
    "and mentions": ["classifier", "label", "seen", "mention"],
    "and frequency": ["classifier", "label", "seen", "frequency"],
    "and groups": ["classifier", "label", "seen", "group2", "group4"],
    "and terminology": ["classifier", "label", "seen", "terminology"],
    "all": ["classifier", "label", "seen", "alternative", "mention", "frequency", "group2", "group4", "terminology"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("corpus", "codes", "split"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--folds-seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--what", nargs="+", default=[name for name in VARIANTS if name != "base"] + ["learned"])
    options = parser.parse_args()
    concepts = read_codes(options.codes)
    groups = read_documents(Path(options.corpus), json.loads(Path(options.split).read_text())["training"])
    for seed in options.folds_seeds:
        folds = draw_folds(groups, seed)
        base = cross_validate(concepts, folds, {})
        report(f"folds {seed}: base", base, base)
        for name in options.what:
            if name == "learned":
                for kind, results in learned(concepts, folds).items():
                    report(f"folds {seed}: learned, {kind}", results, base)
            else:
                report(f"folds {seed}: {name}", cross_validate(concepts, folds, VARIANTS[name]), base)


class Codes:
    """The default: exact look-up, else a classifier of n-grams and the nearest label."""

    def __init__(self, concepts, known, folded=False, class_weight=0):
        self.concepts, self.options = concepts, (folded, class_weight)
        self.codes = list(concepts)
        self.index = {code: i for i, code in enumerate(self.codes)}
        counted = Counter((m["text"], m["label"], m["whose"] if class_weight else None, m["code"]) for m in known)
        rows = list(counted)
        by_text = defaultdict(Counter)
        for (text, _, _, code), count in counted.items():
            by_text[text][code] += count
        self.exact = {text: min(c, key=lambda code: (-c[code], code)) for text, c in by_text.items()}
        self.labels = sorted({row[1] for row in rows if row[1]})
        self.whose = sorted({row[2] for row in rows if row[2]})
        self.grams = tfidf().fit([self.word_forms(row[0]) for row in rows])
        features = self.features([row[:3] for row in rows])
        self.classifier = LinearSVC(C=1, fit_intercept=False, tol=1e-2, random_state=0).fit(features, [row[3] for row in rows])
        self.seen = np.array([self.index[code] for code in self.classifier.classes_])
        points = list(dict.fromkeys((text, code) for code, (labels, _) in concepts.items() for text in labels))
        self.lexicon = tfidf().fit([row[0] for row in rows] + [text for text, _ in points])
        self.points = self.space(points)
        self.train = rows

    def word_forms(self, text):
        return fold_endings(text) if self.options[0] else text

    def features(self, queries):
        extra = np.zeros((len(queries), 1 + len(self.labels) + len(self.whose)))
        extra[:, 0] = 1
        for row, (_, label, whose) in enumerate(queries):
            if label in self.labels:
                extra[row, 1 + self.labels.index(label)] = LABEL_WEIGHT
            if whose in self.whose:
                extra[row, 1 + len(self.labels) + self.whose.index(whose)] = self.options[1]
        grams = self.grams.transform([self.word_forms(query[0]) for query in queries])
        return sparse.hstack([grams, sparse.csr_matrix(extra)]).tocsr()

    def space(self, points):
        """Points ordered by concept, to take each concept's best."""
        points = sorted(points, key=lambda point: self.index[point[1]])
        of = np.array([self.index[code] for _, code in points])
        starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
        return self.lexicon.transform([text for text, _ in points]), of[starts], starts

    def nearest(self, space, queries):
        vectors, concepts, starts = space
        scores = np.zeros((len(queries), len(self.codes)))
        similarities = (self.lexicon.transform([q[0] for q in queries]) @ vectors.T).toarray()
        scores[:, concepts] = np.maximum.reduceat(similarities, starts, axis=1)
        return scores

    def queries(self, mentions):
        return [(m["text"], m["label"], m["whose"] if self.options[1] else None) for m in mentions]

    def score(self, queries):
        scores = np.full((len(queries), len(self.codes)), UNSEEN)
        scores[:, self.seen] = self.classifier.decision_function(self.features(queries))
        return scores + self.nearest(self.points, queries)

    def predict(self, mentions, scores=None):
        scores = self.score(self.queries(mentions)) if scores is None else scores
        return [self.exact.get(m["text"]) or self.codes[row.argmax()] for m, row in zip(mentions, scores)]

    def evidence(self, queries):
        """What the learned combination weighs, each [queries, concepts]."""
        shape = (len(queries), len(self.codes))
        seen = np.zeros(len(self.codes))
        seen[self.seen] = 1
        classifier = np.zeros(shape)
        features = self.features(queries)
        classifier[:, self.seen] = self.classifier.decision_function(features)
        frequency = np.zeros(len(self.codes))
        by_label = Counter()
        for _, label, _, code in self.train:
            frequency[self.index[code]] += 1
            by_label[label, terminology(code)] += 1
        esco = np.array([1 if terminology(code) == "ESCO" else -1 for code in self.codes])
        odds = [np.log((by_label[q[1], "ESCO"] + 1) / (by_label[q[1], "SNOMED CT"] + 1)) for q in queries]
        alternatives = [(text, code) for code, (_, others) in self.concepts.items() for text in dict.fromkeys(others)]
        found = {
            "classifier": classifier,
            "label": self.nearest(self.points, queries),
            "seen": np.broadcast_to(seen, shape),
            "alternative": self.nearest(self.space(alternatives), queries),
            "mention": self.nearest(self.space(list({(row[0], row[3]): 1 for row in self.train})), queries),
            "frequency": np.broadcast_to(np.log1p(frequency), shape),
            "terminology": np.outer(odds, esco) / 2,
        }
        train = self.features([row[:3] for row in self.train])
        for digits in (2, 4):
            groups = LinearSVC(C=1, fit_intercept=False, tol=1e-2, random_state=0)
            groups.fit(train, [group(row[3], digits) for row in self.train])
            place = {name: i for i, name in enumerate(groups.classes_)}
            column = np.array([place.get(group(code, digits), -1) for code in self.codes])
            scores = groups.decision_function(features)
            found[f"group{digits}"] = np.where(column >= 0, scores[:, np.maximum(column, 0)], UNSEEN)
        return {name: values.astype(np.float32) for name, values in found.items()}


def learned(concepts, folds):
    """Weights of the evidence by softmax regression, on mentions that are not known word for word of inner folds."""
    import torch

    torch.set_num_threads(1)
    results = {name: [] for name in SETS}
    for held, others in splits(folds):
        inner, targets = [], []
        for part, rest in splits(others):
            codes = Codes(concepts, flat(rest))
            unknown = {(q, m["code"]): 1 for q, m in zip(codes.queries(part), part)
                       if m["text"] not in codes.exact and m["code"] in codes.index}
            inner.append(codes.evidence([q for q, _ in unknown]))
            targets += [codes.index[code] for _, code in unknown]
        codes = Codes(concepts, flat(others))
        outer = codes.evidence(codes.queries(held))
        for name, kinds in SETS.items():
            x = torch.tensor(np.stack([np.concatenate([part[kind] for part in inner]) for kind in kinds], -1))
            weights = torch.zeros(len(kinds), requires_grad=True)
            optimizer = torch.optim.LBFGS([weights], max_iter=60, line_search_fn="strong_wolfe")

            def loss():
                optimizer.zero_grad()
                value = torch.nn.functional.cross_entropy(x @ weights, torch.tensor(targets))
                value = value + 5e-4 * (weights * weights).sum()
                value.backward()
                return value

            optimizer.step(loss)
            scores = sum(w * outer[kind] for w, kind in zip(weights.detach().numpy(), kinds))
            results[name] += outcomes(codes, held, codes.predict(held, scores))
    return results


def cross_validate(concepts, folds, options):
    results = []
    for held, others in splits(folds):
        codes = Codes(concepts, flat(others), **options)
        results += outcomes(codes, held, codes.predict(held))
    return results


def outcomes(codes, mentions, predicted):
    seen = {row[3] for row in codes.train}
    return [(code == m["code"], m["code"] in seen) for m, code in zip(mentions, predicted)]


def report(name, results, base):
    right, seen = np.array(results).T
    before = np.array(base)[:, 0]
    print(f"{name}: {right.mean():.4f}, codes not seen {right[~seen].mean():.3f} of {(~seen).sum()}; "
          f"won {(right & ~before).sum()}, lost {(~right & before).sum()}", flush=True)


def splits(folds):
    return [(fold, folds[:i] + folds[i + 1:]) for i, fold in enumerate(folds)]


def flat(folds):
    return [mention for fold in folds for mention in fold]


def draw_folds(groups, seed):
    shuffled = groups[:]
    random.Random(seed).shuffle(shuffled)
    return [[m for group in shuffled[i::FOLDS] for m in group] for i in range(FOLDS)]


def tfidf():
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, lowercase=False)


def fold_endings(text):
    """enfermeros, enfermera → enfermer"""
    return " ".join(re.sub(r"[oae]$", "", re.sub(r"(?<=...)(es|s)$" if len(word) > 5 else r"s$", "", word))
                    if len(word) > 4 else word for word in text.split())


def group(code, digits):
    return code.split(".")[0][:digits] if terminology(code) == "ESCO" else "SNOMED CT"


if __name__ == "__main__":
    main()
