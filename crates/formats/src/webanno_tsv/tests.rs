mod round_trip;

use serde_json::json;
use spanarc_document::{Byte, Document, Id, Mention, Origin, Span, State};

use super::escaping::{Cell, escape_text, escape_value, unescape};
use crate::{
    annotated::{Annotated, TextToken, TokenSentence},
    any_document::{read_one, read_text, written},
    format::Format,
    note::Note,
    place::Place,
    reported::{links, mentions, refused},
};

const NER: &str = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity";

/// A file with the layer of named entities, one of relations, and `body`.
fn tsv(body: &str) -> String {
    format!(
        "#FORMAT=WebAnno TSV 3.3\n#T_SP={NER}|value\n#T_RL=webanno.custom.Relation|value|BT_{NER}\n\n\n{body}"
    )
}

fn read_tsv(text: &str) -> Annotated {
    read_one(Format::WebannoTsv, &[text])
}

/// A document of sentences, each given by its words, with mentions by the words they cover, all of the type `P`.
fn document(text: &str, sentences: &[&[&str]], mentioned: &[&str]) -> Annotated {
    let place = Place::new(&"t".into(), 1);
    let mut at = 0;
    let mut span = |word: &str| {
        let start = at + text[at..].find(word).unwrap();
        at = start + word.len();
        Span::<Byte>::new(start, at)
    };
    let sentences = sentences.iter().enumerate().map(|(index, words)| {
        let tokens = words.iter().map(|word| TextToken {
            span: span(word),
            word: (*word).to_owned(),
        });
        TokenSentence {
            id: format!("t:{}", index + 1),
            place: place.clone(),
            tokens: tokens.collect(),
        }
    });
    let sentences: Vec<TokenSentence> = sentences.collect();
    let mentions = mentioned.iter().enumerate().map(|(index, words)| {
        let start = text.find(words).unwrap();
        Mention {
            id: Id(index as u32),
            kind: "P".into(),
            spans: Span::new(start, start + words.len()).try_into().unwrap(),
            origin: Origin::Person,
            state: State::Accepted,
            attributes: Default::default(),
        }
    });
    let document =
        Document::with_annotations(text, mentions.collect(), Vec::new(), Default::default());
    Annotated {
        sentences: Some(sentences),
        ..Annotated::new("t", document.unwrap(), place)
    }
}

/// The rows and text lines of what is written.
fn body(annotated: &Annotated) -> (String, Vec<(Note, String)>) {
    let (files, notes) = written(Format::WebannoTsv, annotated);
    let body = files[0].split_once("\n\n\n").unwrap().1.to_owned();
    let notes = notes.into_iter().map(|noted| (noted.note, noted.subject));
    (body, notes.collect())
}

#[test]
fn annotations_of_several_tokens_of_one_and_of_parts_are_read_with_relations() {
    let read = read_tsv(&tsv("#Text=Ada Byron met Bob's 👍.\n\
         1-1\t0-3\tAda\tPer[1]|Given[2]\t_\t_\t\n\
         1-2\t4-9\tByron\tPer[1]\t_\t_\t\n\
         1-3\t10-13\tmet\t_\t_\t_\t\n\
         1-4\t14-19\tBob's\t_\t_\t_\t\n\
         1-4.1\t14-17\tBob\tPer\tmet\t1-1[1_0]\t\n\
         1-4.2\t18-19\ts\tCase\t_\t_\t\n\
         1-5\t20-22\t👍\t*\tof|by\t1-4.1|1-1[2_0]\t\n\
         1-6\t22-23\t.\t_\t_\t_\t\n"));
    let expected = [
        ("Given", "Ada"),
        ("Per", "Ada Byron"),
        ("Per", "Bob"),
        ("Case", "s"),
        ("NamedEntity", "👍"),
    ];
    assert_eq!(mentions(&read), expected);
    assert_eq!(
        links(&read),
        ["met(Ada Byron, Bob)", "of(Bob, 👍)", "by(Ada, 👍)"]
    );
    assert_eq!(read.sentences.as_ref().unwrap()[0].tokens.len(), 6);
    assert_eq!(read.id, "t");
}

#[test]
fn text_between_sentences_is_a_line_end_with_the_spaces_that_offsets_leave() {
    let read = read_tsv(&tsv(
        "#Sentence.id=s1\n#Text=Ada\n#Text=met\n1-1\t2-5\tAda\t_\t_\t_\n1-2\t6-9\tmet\t_\t_\t_\n\n\
         #Text=Bob.\n2-1\t9-13\tBob.\t_\t_\t_\n\n\
         #Text=Yes.\n3-1\t16-20\tYes.\tPer[1]\t_\t_\n\n\
         #Text=No.\n4-1\t21-24\tNo.\tPer[1]\t_\t_\n",
    ));
    assert_eq!(&**read.document.text(), "  Ada\nmetBob.\n  Yes.\nNo.");
    assert_eq!(mentions(&read), [("Per", "Yes.\nNo.")]);
    let ids: Vec<_> = (read.sentences.iter().flatten())
        .map(|sentence| &*sentence.id)
        .collect();
    assert_eq!(ids, ["s1", "t:2", "t:3", "t:4"]);
}

#[test]
fn a_relation_may_join_mentions_of_two_sentences() {
    let read = read_tsv(&tsv(
        "#Text=Ada left.\n1-1\t0-3\tAda\tPer\t_\t_\n1-2\t4-9\tleft.\t_\t_\t_\n\n\
         #Text=She ran.\n2-1\t10-13\tShe\tPer\tsame\t1-1\n2-2\t14-18\tran.\t_\t_\t_\n",
    ));
    assert_eq!(links(&read), ["same(Ada, She)"]);
}

#[test]
fn escapes_of_text_and_values_are_read_in_all_spellings() {
    let cases = [
        (r"a\\b\tc\rd", "a\\b\tc\rd"),
        (r"\[x\]\|\_\->\;\*", "[x]|_->;*"),
        (r"\u00e4\ud83d\udc4d \u12 \ud83d", "ä👍 \\u12 \\ud83d"),
        ("\\\u{1}", "\u{1}"),
        (r"\a\", r"\a\"),
    ];
    for (escaped, plain) in cases {
        assert_eq!(unescape(escaped), plain);
    }
    assert_eq!(
        escape_value("a->b-c [d]_|;*\\\t\n"),
        r"a\->b-c \[d\]\_\|\;\*\\\t\n"
    );
    assert_eq!(escape_text("a\tb\r\\[_]\u{1}"), "a\\tb\\r\\\\[_]\\\u{1}");
}

#[test]
fn a_cell_is_parted_at_bars_without_escapes_and_marks_are_numbers() {
    let parts = |cell| -> Vec<(&str, Option<&str>)> {
        let cells: Vec<Cell<'_>> = Cell::all(cell);
        cells.iter().map(|cell| (cell.value, cell.mark)).collect()
    };
    assert_eq!(parts("_"), []);
    assert_eq!(
        parts(r"a\|b[1]|*[2]"),
        [(r"a\|b", Some("1")), ("*", Some("2"))]
    );
    assert_eq!(
        parts(r"x\\|y\[1]|1-1[0_3]"),
        [(r"x\\", None), (r"y\[1]", None), ("1-1", Some("0_3"))]
    );
    assert_eq!(parts("a[b]"), [("a[b]", None)]);
}

#[test]
fn chains_slots_and_syntax_are_noted_by_layer() {
    let text = format!(
        "#FORMAT=WebAnno TSV 3.2\n#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue\n\
         #T_SP=webanno.custom.Frame|FE|ROLE_webanno.custom.Frame:Roles_webanno.custom.RolesLink|{NER}\n\
         #T_SP=webanno.custom.Empty|\n\
         #T_CH=webanno.custom.SameLink|referenceRelation|referenceType\n\
         #T_RL=de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency|DependencyType|BT_de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS\n\
         #T_RL=webanno.custom.Link|BT_de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token\n\n\n\
         #Text=Ada ran\n\
         1-1\t0-3\tAda\tNE\t_\t_\t_\t*\tsame->1-1\tx[1]\t_\t_\t_\n\
         1-2\t4-7\tran\tV\tmove\tagent;goal\t1-1;1-1\t_\t*->1-2\t*[1]\tSB\t1-1\t1-1\n"
    );
    let reading = read_text(Format::WebannoTsv, &[text]);
    assert_eq!(refused(&reading), Vec::<String>::new());
    let read = &reading.documents[0];
    assert_eq!(mentions(read), [("Empty", "Ada"), ("Frame", "ran")]);
    let attributes = json!({"FE": "move", "layer": "webanno.custom.Frame"});
    assert_eq!(json!(read.document.mentions()[1].attributes), attributes);
    let notes: Vec<_> = reading
        .notes
        .iter()
        .map(|noted| (noted.note, &*noted.subject))
        .collect();
    let other = Note::OtherAnnotation;
    let expected = [
        (other, "webanno.custom.Frame:Roles (2)"),
        (other, "webanno.custom.SameLink (2)"),
        (Note::RelationOfDropped, "row 1-2 relation 2 (Link)"),
        (
            other,
            "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS (2)",
        ),
        (
            other,
            "de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency (1)",
        ),
    ];
    assert_eq!(notes, expected);
}

#[test]
fn an_annotation_that_skips_a_row_covers_it_and_is_noted() {
    let text = tsv(
        "#Text=a b c\n1-1\t0-1\ta\tX[1]\t_\t_\n1-2\t2-3\tb\t_\t_\t_\n1-3\t4-5\tc\tX[1]\t_\t_\n",
    );
    let reading = read_text(Format::WebannoTsv, &[text]);
    assert_eq!(mentions(&reading.documents[0]), [("X", "a b c")]);
    assert_eq!(reading.notes[0].note, Note::DiscontinuousCovered);
}

#[test]
fn offsets_in_code_points_are_taken_for_such() {
    let text = tsv(
        "#Text=👍 Ada\n1-1\t0-1\t👍\t_\t_\t_\n1-2\t2-5\tAda\tPer\t_\t_\n\n#Text=𝒳 ran\n2-1\t6-7\t𝒳\tX\t_\t_\n2-2\t8-11\tran\t_\t_\t_\n",
    );
    let reading = read_text(Format::WebannoTsv, &[text]);
    assert_eq!(
        mentions(&reading.documents[0]),
        [("Per", "Ada"), ("X", "𝒳")]
    );
    assert_eq!(reading.notes[0].note, Note::OtherUnit);
}

#[test]
fn faults_name_line_and_row() {
    let row = |row: &str| tsv(&format!("#Text=Ada met\n1-1\t0-3\tAda\tPer\t_\t_\n{row}\n"));
    let cases = [
        (
            "#FORMAT=WebAnno TSV 2\n".to_owned(),
            "t, line 1: the file begins with \"#FORMAT=WebAnno TSV 2\", not with `#FORMAT=WebAnno TSV 3.3` or another 3.x",
        ),
        (
            "#FORMAT=WebAnno TSV 3.3\n#T_RL=a.B|value\n".to_owned(),
            "t, line 2: the relation layer a.B has no column `BT_…`, which names the layer that it relates",
        ),
        (
            row("1-2\t4-7\tmet"),
            "t, line 8: the row has 3 columns, and the header asks for 6",
        ),
        (
            row("met"),
            "t, line 8: the row has 1 column, and the header asks for 6",
        ),
        (
            row("1.2\t4-7\tmet\t_\t_\t_"),
            "t, line 8: the row begins with \"1.2\", which is no token's number such as 1-2 or 1-2.1",
        ),
        (
            row("1-1\t4-7\tmet\t_\t_\t_"),
            "t, line 8: row 1-1 stands on line 7 already",
        ),
        (
            row("1-2\t4\tmet\t_\t_\t_"),
            "t, line 8: the second column is \"4\", which are no offsets such as 4-9",
        ),
        (
            row("1-2\t4-8\tmet\t_\t_\t_"),
            "t, line 8: row 1-2 has the offsets 4-8, and its sentence 0-7; offsets count UTF-16 units",
        ),
        (
            row("1-2\t3-7\tmat\t_\t_\t_"),
            "t, line 8: row 1-2 is said to be \"mat\", but the text at its offsets, counted in UTF-16 units, is \" met\"",
        ),
        (
            row("1-2\t4-7\tmet\tX\tr\t1-3[0_2]"),
            "t, line 8: row 1-2 relation 1 (Relation) names 1-3[0] in the layer de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity, which is not there",
        ),
        (
            row("\n#Text=no rows\n"),
            "t, line 9: the sentence has no rows, whose offsets say where it is",
        ),
        (
            row("\n2-1\t8-9\tx\t_\t_\t_"),
            "t, line 9: the row belongs to no sentence: there is no line `#Text=` above it",
        ),
        (
            row("\n#Text=x\n2-1\t6-7\tx\t_\t_\t_"),
            "t, line 9: the sentence begins at 6, and the one in front of it ends at 7; offsets count UTF-16 units",
        ),
        (
            row("\n#Text=x\n2-1\t9999999-10000000\tx\t_\t_\t_"),
            "t, line 9: the sentence begins at 9999999, and the one in front of it ends at 7; offsets count UTF-16 units",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&read_text(Format::WebannoTsv, &[text])), [expected]);
    }
}

#[test]
fn a_file_of_refused_rows_is_no_document() {
    let reading = read_text(
        Format::WebannoTsv,
        &[tsv("#Text=Ada met\n1-1\t0\tAda\tPer\t_\t_\n")],
    );
    assert_eq!(refused(&reading).len(), 2);
    assert!(reading.documents.is_empty());
}

#[test]
fn a_mention_that_cuts_tokens_is_written_as_parts_of_them() {
    let text = "New-York's mayor.";
    let annotated = document(
        text,
        &[&["New-York's", "mayor."]],
        &["York", "mayor", "York's mayor", "New-York's mayor."],
    );
    let expected = "#Text=New-York's mayor.\n\
         1-1\t0-10\tNew-York's\tP[3]\t\n\
         1-1.1\t4-8\tYork\tP\t\n\
         1-1.2\t4-10\tYork's\tP[2]\t\n\
         1-2\t11-17\tmayor.\tP[3]\t\n\
         1-2.1\t11-16\tmayor\tP[1]|P[2]\t\n";
    let (body, notes) = body(&annotated);
    assert_eq!((body.as_str(), notes), (expected, vec![]));
    let read = read_tsv(&written(Format::WebannoTsv, &annotated).0[0]);
    let words: Vec<_> = mentions(&read)
        .into_iter()
        .map(|(_, words)| words)
        .collect();
    assert_eq!(
        words,
        ["New-York's mayor.", "York", "York's mayor", "mayor"]
    );
}

#[test]
fn a_mention_between_tokens_is_left_out_and_noted() {
    let annotated = document(
        "Ada - ran",
        &[&["Ada", "ran"]],
        &["-", "Ada -", "- ran", "Ada - ran"],
    );
    let (_, notes) = body(&annotated);
    let cut: Vec<_> = notes.into_iter().map(|(note, _)| note).collect();
    assert_eq!(cut, [Note::CutsTokens; 3]);
}

#[test]
fn what_parts_sentences_survives_and_what_stands_in_front_of_them_is_noted() {
    let text = "\n Ada ran. Bob\r\n\nsat.\n  Eve [left]_\n";
    let annotated = document(
        text,
        &[&["Ada", "ran."], &["Bob"], &["sat."], &["Eve", "[left]_"]],
        &[],
    );
    let (body, notes) = body(&annotated);
    let texts: Vec<_> = body.lines().filter(|line| line.starts_with('#')).collect();
    let expected = [
        "#Text=Ada ran. ",
        "#Text=Bob\\r",
        "#Text=",
        "#Text=",
        "#Text=sat.",
        "#Text=Eve [left]_",
        "#Text=",
    ];
    assert_eq!(texts, expected);
    let front = "text in front of the first sentence".to_owned();
    assert_eq!(notes, [(Note::TextChanged, front)]);
    let read = read_tsv(&written(Format::WebannoTsv, &annotated).0[0]);
    assert_eq!(&**read.document.text(), text.replacen('\n', " ", 1));
}

#[test]
fn identifiers_get_a_column_where_there_are_some() {
    let text = format!(
        "#FORMAT=WebAnno TSV 3.3\n#T_SP={NER}|identifier|value\n\n\n#Text=Ada Bob\n1-1\t0-3\tAda\thttp://kb.example/7\tPer\t\n1-2\t4-7\tBob\t*\tPer\t\n"
    );
    let read = read_tsv(&text);
    assert_eq!(written(Format::WebannoTsv, &read).0, [text]);
    let iri = json!([{"resource": "", "id": "http://kb.example/7"}]);
    assert_eq!(
        read.document.mentions()[0].attributes["normalizations"],
        iri
    );
}

#[test]
fn the_format_is_told_by_its_first_line() {
    assert_eq!(Format::detect(tsv("").as_bytes()), Ok(Format::WebannoTsv));
}
