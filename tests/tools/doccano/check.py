"""Lets doccano import and export: `check.py read|write FOLDER`. Everything goes through doccano's own pipelines and a database
of its own; files are `.jsonl`."""

import json
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from documents import DOCUMENTS, files, neutral, run

sys.path.insert(0, str(Path(find_spec("backend").origin).parent))
DATABASE = tempfile.NamedTemporaryFile(suffix=".sqlite3")
os.environ["DATABASE_URL"] = f"sqlite:///{DATABASE.name}"
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.base"

import django
from django.conf import settings

# Two processes that find it missing at once are in each other's way.
os.makedirs(settings.DJANGO_DRF_FILEPOND_UPLOAD_TMP, exist_ok=True)
django.setup()
from django.core.management import call_command

call_command("migrate", verbosity=0)

from data_export.models import ExportedExample
from data_export.pipeline.dataset import Dataset
from data_export.pipeline.factories import create_comment, create_formatter, create_labels, create_writer
from data_export.pipeline.services import ExportApplicationService
from data_import.datasets import load_dataset
from data_import.pipeline.catalog import JSONL, RELATION_EXTRACTION
from data_import.pipeline.readers import FileName
from django.contrib.auth.models import User
from examples.models import Comment, Example
from label_types.models import RelationType, SpanType
from labels.models import Relation, Span
from projects.models import ProjectType, SequenceLabelingProject

USER = User.objects.create(username="vera")


def project():
    return SequenceLabelingProject.objects.create(
        name="letters",
        created_by=USER,
        project_type=ProjectType.SEQUENCE_LABELING,
        allow_overlapping=True,
        use_relation=True,
    )


def read(folder):
    for path in files(folder, ".jsonl"):
        target = project()
        name = FileName(str(path), path.name, path.name)
        dataset = load_dataset(RELATION_EXTRACTION, JSONL, [name], target, encoding="utf-8")
        dataset.save(USER)
        assert not dataset.errors, [str(error) for error in dataset.errors]
        for example in Example.objects.filter(project=target).order_by("id"):
            spans = {
                span.id: [[[span.start_offset, span.end_offset]], span.label.text]
                for span in Span.objects.filter(example=example)
            }
            relations = [
                [relation.type.text, spans[relation.from_id_id], spans[relation.to_id_id]]
                for relation in Relation.objects.filter(example=example)
            ]
            yield neutral(path.name, example.text, spans.values(), relations)


def write(folder):
    target = project()
    for number, document in enumerate(DOCUMENTS):
        example = Example.objects.create(project=target, text=document["text"], meta={"number": number})
        spans = {}
        for mention in document["mentions"]:
            [[start, end]], kind = mention
            kind, _ = SpanType.objects.get_or_create(project=target, text=kind, defaults={"background_color": f"#00000{len(spans)}"})
            spans[json.dumps(mention)] = Span.objects.create(
                example=example, user=USER, label=kind, start_offset=start, end_offset=end
            )
        for kind, head, tail in document["relations"]:
            kind, _ = RelationType.objects.get_or_create(project=target, text=kind)
            Relation.objects.create(
                example=example, user=USER, type=kind, from_id=spans[json.dumps(head)], to_id=spans[json.dumps(tail)]
            )
        Comment.objects.create(example=example, user=USER, text=f"remark {number} 👍")
    examples = ExportedExample.objects.filter(project=target)
    dataset = Dataset(examples, create_labels(target, examples), create_comment(examples))
    formatters = create_formatter(target, JSONL.name)
    ExportApplicationService(dataset, formatters, create_writer(JSONL.name)).export(str(folder / "all.jsonl"))
    return [
        neutral("all.jsonl", document["text"], document["mentions"], document["relations"]) for document in DOCUMENTS
    ]


run(sys.argv, read, write)
