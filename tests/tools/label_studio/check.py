"""Lets Label Studio's SDK validate and write tasks: `check.py read|write FOLDER`. Files are `.json`; `minimal.json` is a JSON-MIN
export, which has no relations."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from documents import DOCUMENTS, files, neutral, run
from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface
from label_studio_sdk.label_interface.objects import AnnotationValue, PredictionValue


def config(kinds, relations):
    labels = "".join(f'<Label value="{kind}"/>' for kind in sorted(kinds))
    relations = "".join(f'<Relation value="{kind}"/>' for kind in sorted(relations))
    return (
        f'<View><Relations>{relations}</Relations><Labels name="label" toName="text">{labels}</Labels>'
        '<Text name="text" value="$text"/></View>'
    )


def is_relation(item):
    return item["type"] == "relation"


def read(folder):
    for path in files(folder, ".json"):
        tasks = json.loads(path.read_text(encoding="utf-8"))
        results = [
            item for task in tasks for said in task["annotations"] + task["predictions"] for item in said["result"]
        ]
        kinds = {kind for item in results if not is_relation(item) for kind in item["value"]["labels"]}
        relations = {kind for item in results if is_relation(item) for kind in item["labels"]}
        interface = LabelInterface(config(kinds, relations))
        interface.validate()
        for task in tasks:
            regions, related = {}, []
            for prediction in task["predictions"]:
                errors = interface.validate_prediction(prediction, return_errors=True)
                assert not errors, errors
                PredictionValue.model_validate(prediction)
            for annotation in task["annotations"]:
                assert interface.validate_annotation(annotation), annotation
            for said in task["annotations"] + task["predictions"]:
                for item in filter(lambda item: not is_relation(item), said["result"]):
                    value = item["value"]
                    text = task["data"]["text"][value["start"] : value["end"]]
                    assert text == value["text"], (text, value)
                    regions[item["id"]] = [[[value["start"], value["end"]]], value["labels"][0]]
                related += filter(is_relation, said["result"])
            related = [[item["labels"][0], regions[item["from_id"]], regions[item["to_id"]]] for item in related]
            yield neutral(path.name, task["data"]["text"], regions.values(), related)


def write(folder):
    kinds = {kind for document in DOCUMENTS for _, kind in document["mentions"]}
    relations = {kind for document in DOCUMENTS for kind, _, _ in document["relations"]}
    configuration = config(kinds, relations)
    control = LabelInterface(configuration).get_control("label")
    tasks = []
    for number, document in enumerate(DOCUMENTS, 1):
        regions = {}
        for mention in document["mentions"]:
            [[start, end]], kind = mention
            region = control.label(label=[kind], start=start, end=end, text=document["text"][start:end])
            regions[json.dumps(mention)] = region
        # What the SDK makes of relations of regions is a list in the list, so they are added by hand.
        result = [region._dict() for region in regions.values()]
        for kind, head, tail in document["relations"]:
            head, tail = (regions[json.dumps(mention)].id for mention in (head, tail))
            result.append({"type": "relation", "from_id": head, "to_id": tail, "direction": "right", "labels": [kind]})
        annotation = AnnotationValue(completed_by=1, result=result).model_dump()
        tasks.append({"id": number, "data": {"text": document["text"]}, "annotations": [annotation], "predictions": []})
    path = folder / "tasks.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    converter = Converter(configuration, project_dir=None, upload_dir=str(folder))
    converter.convert_to_json_min(str(path), str(folder), is_dir=False)
    (folder / "result.json").rename(folder / "minimal.json")
    minimal = [neutral("minimal.json", document["text"], document["mentions"], []) for document in DOCUMENTS]
    return minimal + [
        neutral("tasks.json", document["text"], document["mentions"], document["relations"]) for document in DOCUMENTS
    ]


run(sys.argv, read, write)
