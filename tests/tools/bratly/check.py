"""Lets bratly read and write brat's files: `check.py read|write FOLDER`. Its writer leaves the texts to who calls it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from bratly import (
    AnnotationCollection,
    AttributeAnnotation,
    EntityAnnotation,
    EquivalenceAnnotation,
    EventAnnotation,
    Fragment,
    NormalizationAnnotation,
    NoteAnnotation,
    RelationAnnotation,
)
from bratly.io import read_and_load_ann_file, read_from_file, write_ann_file
from documents import DOCUMENTS, files, neutral, run

#: Mentions in pieces, two of which share one.
IN_PIECES = {
    "text": "Its left 🦶 and right feet, Dr Bo.",
    "mentions": [[[[4, 8], [21, 25]], "Part"], [[[15, 25]], "Part"], [[[30, 32]], "Person"]],
    "relations": [["has", [[[30, 32]], "Person"], [[[4, 8], [21, 25]], "Part"]]],
}


def mention(entity):
    return [[[fragment.start, fragment.end] for fragment in entity.fragments], entity.label]


def read(folder):
    for path in files(folder, ".txt"):
        text = read_from_file(str(path))
        loaded = read_and_load_ann_file(str(path.with_suffix(".ann")), no_duplicates=False, sorting=False, renumerotize=False)
        mentions = loaded.get_annotations(descendant_type=EntityAnnotation)
        relations = loaded.get_annotations(descendant_type=RelationAnnotation)
        ends = lambda relation: [mention(end) for _, end in (relation.argument1, relation.argument2)]
        yield neutral(path.name, text, map(mention, mentions), [[one.label, *ends(one)] for one in relations])


def annotations(document):
    """A document's annotations, and one of every other kind about its first two mentions."""
    text = document["text"]
    entities = []
    for number, (spans, kind) in enumerate(document["mentions"], 1):
        fragments = [Fragment(start=start, end=end) for start, end in spans]
        content = " ".join(text[start:end] for start, end in spans)
        entities.append(EntityAnnotation(id=f"T{number}", label=kind, fragments=fragments, content=content))
    yield from entities
    argument = lambda role, mention: (role, entities[document["mentions"].index(mention)])
    for number, (kind, head, tail) in enumerate(document["relations"], 1):
        ends = {"argument1": argument("Arg1", head), "argument2": argument("Arg2", tail)}
        yield RelationAnnotation(id=f"R{number}", label=kind, **ends)
    match entities:
        case [first, second, *_]:
            yield EventAnnotation(id="E1", label="Meeting", event_trigger=first, args={"Who": second})
            yield EquivalenceAnnotation(entities=[first, second])
            yield AttributeAnnotation(id="A1", label="Known", component=first)
            yield AttributeAnnotation(id="A2", label="Sure", component=second, values=["High"])
            yield NormalizationAnnotation(
                id="N1", label="Reference", component=first, external_resource=("Wikidata", "Q7259"), content="Ada"
            )
            yield NoteAnnotation(id="#1", label="AnnotatorNotes", component=second, value="who 👍 is this?")


def write(folder):
    for number, document in enumerate([*DOCUMENTS, IN_PIECES]):
        path = folder / f"{number}.txt"
        path.write_text(document["text"], encoding="utf-8", newline="")
        write_ann_file(AnnotationCollection(annotations=list(annotations(document))), str(path.with_suffix(".ann")))
        yield neutral(path.name, document["text"], document["mentions"], document["relations"])


run(sys.argv, read, write)
