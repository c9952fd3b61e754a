"""Documents that checks of formats write, and the neutral form in which they are compared. Offsets are code points."""

import json
from pathlib import Path


def marked(marked_text, relations=()):
    """A document of a text with marks `⟦Type|words⟧`, which may nest; relations name mentions by number, in order of their starts."""
    text, mentions, opened = "", [], []
    position = 0
    while position < len(marked_text):
        character = marked_text[position]
        if character == "⟦":
            end = marked_text.index("|", position)
            opened.append(len(mentions))
            mentions.append([[len(text), None], marked_text[position + 1 : end]])
            position = end + 1
            continue
        if character == "⟧":
            mentions[opened.pop()][0][1] = len(text)
        else:
            text += character
        position += 1
    mentions = [[[span], kind] for span, kind in mentions]
    relations = [[kind, mentions[head], mentions[tail]] for kind, head, tail in relations]
    return {"text": text, "mentions": mentions, "relations": relations}


#: Emoji, combining marks, both directions, CR LF, tabs, nested mentions, relations across sentences and lines.
DOCUMENTS = [
    marked("⟦Person|Ada⟧ met ⟦Person|Bo⟧ in ⟦Place|York⟧.", [("knows", 0, 1), ("lives_in", 1, 2)]),
    marked("👍🏽 ⟦Person|Zoë⟧ and ⟦Person|E\u0301mile⟧ 👩‍👩‍👧 left ⟦Place|𝒳-Town⟧.", [("knows", 1, 0), ("lives_in", 0, 2)]),
    marked("⟦Org|⟦Place|York⟧ Museum⟧ opened.\r\n⟦Person|Ada⟧ led\tit.\n\nThen ⟦Person|Bo⟧ came.", [("leads", 2, 0), ("knows", 3, 2)]),
    marked("⟦Person|דנה⟧ גרה ב⟦Place|חיפה⟧, ⟦Person|Ada⟧ לא.", [("lives_in", 0, 1), ("knows", 2, 0)]),
    marked("  Nobody is here.  "),
]


def neutral(file, text, mentions, relations):
    """The form in which documents are compared; mentions are `[[[start, end], …], type]`."""
    key = lambda item: json.dumps(item, ensure_ascii=False)
    return {
        "file": file,
        "text": text,
        "mentions": sorted(mentions, key=key),
        "relations": sorted(relations, key=key),
    }


def show(documents):
    """Prints a line for each document."""
    for document in documents:
        print(json.dumps(document, ensure_ascii=False))


def expect(folder, documents):
    """Writes what a reader of `folder` should find."""
    lines = [json.dumps(document, ensure_ascii=False) + "\n" for document in documents]
    (Path(folder) / "expected.jsonl").write_text("".join(lines), encoding="utf-8", newline="")


def files(folder, ending):
    """The files of a folder with an ending, in order."""
    return sorted(path for path in Path(folder).iterdir() if path.name.endswith(ending) and path.name != "expected.jsonl")


def run(arguments, read, write):
    """`check.py read FOLDER` prints what the tool reads there; `check.py write FOLDER` lets the tool write."""
    match arguments[1:]:
        case ["read", folder]:
            show(read(Path(folder)))
        case ["write", folder]:
            Path(folder).mkdir(parents=True, exist_ok=True)
            expect(folder, write(Path(folder)))
        case _:
            raise SystemExit("usage: check.py read|write FOLDER")
