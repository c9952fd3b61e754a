"""UIMA CAS, XMI and JSON, as dkpro-cassis reads and writes it.

`check.py read FOLDER` prints a JSON line for each `.xmi` and `.json` in FOLDER (the former need its `TypeSystem.xml`):
file, text, mentions as `[[[start, end]], type]`, relations as `[type, head, tail]`; offsets are code points.
`check.py write FOLDER` writes documents into FOLDER and the same lines about them as `expected.jsonl`.
"""

import json
import sys
from pathlib import Path

from cassis import (
    Cas,
    load_cas_from_json,
    load_cas_from_xmi,
    load_dkpro_core_typesystem,
    load_typesystem,
)

ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
RELATION = "webanno.custom.Relation"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
POS = "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS"

# Text, mentions as (words, type), relations as (type, head, tail) by index. Mentions are found from left to right.
DOCUMENTS = {
    "ascii": (
        "Ada met Bob in York.",
        [("Ada", "Person"), ("Bob", "Person"), ("York", "Place")],
        [("met", 0, 1), ("visited", 0, 2)],
    ),
    "emoji": (
        "👩‍👩‍👧 Ada 👍🏽 likes 🇨🇭 Bern 𝒳.",
        [("👩‍👩‍👧", "Family"), ("👍🏽", "Sign"), ("🇨🇭 Bern", "Place"), ("Bern", "Place"), ("𝒳", "Sign")],
        [("likes", 0, 3)],
    ),
    "marks": (
        "Zoe\u0308 and E\u0301mile read \u05e9\u05dc\u05d5\u05dd and \u0645\u0631\u062d\u0628\u0627.",
        [("Zoe\u0308", "Person"), ("E\u0301mile", "Person"), ("\u05e9\u05dc\u05d5\u05dd", "Word"), ("\u0645\u0631\u062d\u0628\u0627", "Word")],
        [("read", 1, 3)],
    ),
    "lines": (
        "Ada wrote\r\nto Bob.\n\n\tHe <never> \"answered\" & left New York City's Times.",
        [("Ada", "Person"), ("Bob", "Person"), ("He", "Person"), ("New York City's Times", "Org"), ("New York City", "Place")],
        [("wrote_to", 0, 1), ("left", 2, 3), ("in", 3, 4)],
    ),
}


def lines(folder):
    """What the files of a folder hold."""
    types = folder / "TypeSystem.xml"
    for path in sorted(folder.iterdir()):
        if path.suffix == ".xmi":
            with types.open("rb") as file:
                typesystem = load_typesystem(file)
            yield line(path, load_cas_from_xmi(path, typesystem=typesystem))
        elif path.suffix == ".json":
            with path.open("rb") as file:
                yield line(path, load_cas_from_json(file))


def line(path, cas):
    """What a file holds."""

    def mention(entity):
        return [[[entity.begin, entity.end]], entity.value]

    relations = cas.select(RELATION) if cas.typesystem.contains_type(RELATION) else []
    for relation in relations:
        assert (relation.begin, relation.end) == (relation.Dependent.begin, relation.Dependent.end)
    return {
        "file": path.name,
        "text": cas.sofa_string,
        "mentions": sorted(map(mention, cas.select(ENTITY))),
        "relations": sorted([r.value, mention(r.Governor), mention(r.Dependent)] for r in relations),
    }


def typesystem():
    """The types of DKPro Core and a relation between named entities."""
    types = load_dkpro_core_typesystem()
    relation = types.create_type(RELATION, "uima.tcas.Annotation")
    for name in ["Governor", "Dependent"]:
        types.create_feature(relation, name, ENTITY)
    types.create_feature(relation, "value", "uima.cas.String")
    return types


def build(text, mentions, relations):
    """A CAS of a document, with sentences, tokens and a layer of syntax."""
    cas = Cas(typesystem=typesystem())
    cas.sofa_string = text
    cas.sofa_mime = "text/plain"

    def add(kind, begin, end, **features):
        annotation = cas.typesystem.get_type(kind)(begin=begin, end=end, **features)
        cas.add(annotation)
        return annotation

    add(SENTENCE, 0, len(text))
    begin = 0
    for word in text.split():
        begin = text.index(word, begin)
        pos = add(POS, begin, begin + len(word), PosValue="X")
        add(TOKEN, begin, begin + len(word), pos=pos)
        begin += len(word)
    entities = []
    begin = 0
    for words, kind in mentions:
        begin = text.index(words, begin)
        entities.append(add(ENTITY, begin, begin + len(words), value=kind))
    for kind, head, tail in relations:
        head, tail = entities[head], entities[tail]
        add(RELATION, tail.begin, tail.end, Governor=head, Dependent=tail, value=kind)
    return cas


def write(folder):
    """Writes the documents in both formats."""
    folder.mkdir(parents=True, exist_ok=True)
    typesystem().to_xml(folder / "TypeSystem.xml")
    with (folder / "expected.jsonl").open("w", encoding="utf-8") as expected:
        for name, document in DOCUMENTS.items():
            cas = build(*document)
            for ending, print_cas in [("xmi", cas.to_xmi), ("json", cas.to_json)]:
                path = folder / f"{name}.{ending}"
                print_cas(path)
                print(json.dumps(line(path, cas)), file=expected)


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "write":
        write(folder)
    else:
        for found in lines(folder):
            print(json.dumps(found))
