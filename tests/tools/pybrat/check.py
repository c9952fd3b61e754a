"""Lets pybrat read brat's files: `check.py read FOLDER`. It writes none."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from documents import neutral, run
from pybrat.parser import BratParser


def mention(entity):
    return [[[span.start, span.end] for span in entity.spans], entity.type]


def read(folder):
    for example in BratParser(error="raise").parse(folder):
        relations = [[relation.type, mention(relation.arg1), mention(relation.arg2)] for relation in example.relations]
        yield neutral(f"{example.id}.txt", example.text, map(mention, example.entities), relations)


def write(folder):
    raise SystemExit("pybrat writes no files")


run(sys.argv, read, write)
