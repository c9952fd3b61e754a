"""Prodigy is not public: spaCy, for which it annotates, builds documents of its lines and lines of documents, after Prodigy's
specification. `check.py read|write FOLDER`; files are `.jsonl`."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from documents import DOCUMENTS, files, neutral, run

import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab


def read(folder):
    for path in files(folder, ".jsonl"):
        # `splitlines` would cut at line separators inside strings.
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            example = json.loads(line)
            tokens = example["tokens"]
            assert [token["id"] for token in tokens] == list(range(len(tokens)))
            doc = Doc(Vocab(), words=[token["text"] for token in tokens], spaces=[token["ws"] for token in tokens])
            assert doc.text == example["text"], (doc.text, example["text"])
            assert [token.idx for token in doc] == [token["start"] for token in tokens]
            mentions, by_place = [], {}
            for span in example["spans"]:
                found = doc.char_span(span["start"], span["end"], label=span["label"])
                assert (found.start, found.end - 1) == (span["token_start"], span["token_end"])
                mention = [[[found.start_char, found.end_char]], found.label_]
                mentions.append(mention)
                by_place[span["start"], span["end"], span["label"]] = mention
            relations = []
            for relation in example["relations"]:
                ends = []
                for token, span in (("head", "head_span"), ("child", "child_span")):
                    assert relation[token] == relation[span]["token_end"]
                    ends.append(by_place[tuple(relation[span][key] for key in ("start", "end", "label"))])
                relations.append([relation["label"], *ends])
            yield neutral(path.name, example["text"], mentions, relations)


def tokens(blank, document):
    """The text in spaCy's tokens, cut where a mention begins or ends."""
    cuts = {end for [[span], _] in document["mentions"] for end in span}
    for token in blank(document["text"]):
        ends = [*sorted(cut - token.idx for cut in cuts if token.idx < cut < token.idx + len(token)), len(token)]
        for start, end in zip([0, *ends], ends):
            place = {"start": token.idx + start, "end": token.idx + end}
            yield {"text": token.text[start:end], **place, "ws": end == len(token) and bool(token.whitespace_)}


def write(folder):
    blank = spacy.blank("xx")
    lines, expected = [], []
    for number, document in enumerate(DOCUMENTS):
        words = [{**token, "id": index} for index, token in enumerate(tokens(blank, document))]
        first = {token["start"]: token["id"] for token in words}
        last = {token["end"]: token["id"] for token in words}

        def span(mention):
            [[start, end]], label = mention
            return {"start": start, "end": end, "token_start": first[start], "token_end": last[end], "label": label}

        relations = [
            {
                "head": span(head)["token_end"],
                "child": span(tail)["token_end"],
                "head_span": span(head),
                "child_span": span(tail),
                "color": "#c5bdf4",
                "label": kind,
            }
            for kind, head, tail in document["relations"]
        ]
        example = {
            "text": document["text"],
            "_input_hash": number,
            "_task_hash": -number,
            "tokens": words,
            "_view_id": "relations",
            "relations": relations,
            "spans": [span(mention) for mention in document["mentions"]],
            "_is_binary": False,
        }
        lines += [{**example, "answer": answer} for answer in ("reject", "accept", "ignore")]
        expected.append(neutral("all.jsonl", document["text"], document["mentions"], document["relations"]))
    (folder / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return expected


run(sys.argv, read, write)
