"""Lets spaCy read and write documents: `check.py read|write FOLDER`. Files are `.jsonl`."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from documents import DOCUMENTS, files, neutral, run

import spacy
from spacy.tokens import Doc, Span
from spacy.util import filter_spans
from spacy.vocab import Vocab


def mention(span):
    return [[[span["start"], span["end"]]], span["label"]]


def read(folder):
    for path in files(folder, ".jsonl"):
        # `splitlines` would cut at line separators inside strings.
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            object = json.loads(line)
            doc = Doc(Vocab()).from_json(object, validate=True)
            assert all(not a.start < b.start < a.end for a in doc.ents for b in doc.ents)
            spans = {(span.start_char, span.end_char, span.label_) for span in doc.ents}
            for group in doc.spans.values():
                spans |= {(span.start_char, span.end_char, span.label_) for span in group}
            mentions = [[[[start, end]], label] for start, end, label in spans]
            relations = []
            for relation in object["rel"]:
                head, child = relation["head_span"], relation["child_span"]
                # The tokens are the first of their spans.
                assert doc[relation["head"]].idx == head["start"] and doc[relation["child"]].idx == child["start"]
                relations.append([relation["label"], mention(head), mention(child)])
            yield neutral(path.name, doc.text, mentions, relations)


def tokenised(blank, document):
    """The text in spaCy's tokens, cut where a mention begins or ends."""
    cuts = {end for [[span], _] in document["mentions"] for end in span}
    words, spaces = [], []
    for token in blank(document["text"]):
        ends = [*sorted(cut - token.idx for cut in cuts if token.idx < cut < token.idx + len(token)), len(token)]
        words += [token.text[start:end] for start, end in zip([0, *ends], ends)]
        spaces += [False] * (len(ends) - 1) + [bool(token.whitespace_)]
    return Doc(blank.vocab, words=words, spaces=spaces)


def write(folder):
    Doc.set_extension("rel", default=[])
    Span.set_extension("note", default=None)
    blank = spacy.blank("xx")
    lines = []
    for document in DOCUMENTS:
        doc = tokenised(blank, document)
        spans = {}
        for item in document["mentions"]:
            [[start, end]], label = item
            span = doc.char_span(start, end, label=label, alignment_mode="strict")
            assert span is not None, item
            spans[json.dumps(item)] = span
        doc.ents = filter_spans(spans.values())
        if len(doc.ents) < len(spans):
            doc.spans["sc"] = list(spans.values())
        doc._.rel = [
            {
                "head": spans[json.dumps(head)].start,
                "child": spans[json.dumps(tail)].start,
                "head_span": {"start": head[0][0][0], "end": head[0][0][1], "label": head[1]},
                "child_span": {"start": tail[0][0][0], "end": tail[0][0][1], "label": tail[1]},
                "label": kind,
            }
            for kind, head, tail in document["relations"]
        ]
        for span in doc.ents:
            span._.note = "see 👍"
        names = ["rel", "note"] if doc.ents else ["rel"]
        lines.append(json.dumps(doc.to_json(underscore=names)) + "\n")
    (folder / "docs.jsonl").write_text("".join(lines), encoding="utf-8")
    return [
        neutral("docs.jsonl", document["text"], document["mentions"], document["relations"]) for document in DOCUMENTS
    ]


run(sys.argv, read, write)
