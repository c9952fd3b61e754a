//! Columns with tags.

use super::*;
use crate::schema::LabelSchema;
use spanarc_formats::columns::TagDialect;

fn with_tags(tags: TagDialect, text: &str) -> Reading {
    let rules = rules(ReadingRules {
        tags,
        ..ReadingRules::default()
    });
    read_as(Format::Conll, text, &rules)
}

fn rules(reading: ReadingRules) -> SentenceRules {
    SentenceRules {
        reading,
        ..SentenceRules::default()
    }
}

/// One sentence of the tokens a, b, c, … with these tags.
fn tagged(tags: &str) -> String {
    let rows = tags.split(' ').zip('a'..);
    rows.map(|(tag, word)| format!("{word} {tag}\n")).collect()
}

#[test]
fn tokens_and_tags_are_the_first_and_last_column_and_blank_lines_part_sentences() {
    let text = "\u{feff}# made by hand\r\n-DOCSTART- -X- O\r\n\r\nParsers NN B-Method\r\nlabel VB O\r\n\r\n\r\n# next\r\n# NN O\r\ntrees NN B-Data\r\n";
    let (format, reading) = read_detected(text);
    assert_eq!(format, Format::Conll);
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(
        sentences(&reading),
        ["Parsers label | Method=Parsers", "# trees | Data=trees"]
    );
    let place = |line, document| (format!("x, line {line}"), document);
    assert_eq!(places(&reading), [place(4, 1), place(9, 1)]);
}

#[test]
fn documents_begin_at_their_marks_or_where_there_are_none_with_each_sentence() {
    let documents = |text: &str| -> Vec<usize> {
        let reading = read_as(Format::Conll, text, &SentenceRules::default());
        assert_eq!(refused(&reading), [""; 0]);
        reading
            .sentences
            .iter()
            .map(|located| located.document)
            .collect()
    };
    let marked = "-DOCSTART- O\n\na O\n\nb O\n\n-DOCSTART- O\n\nc O\n\nd O\n";
    assert_eq!(documents(marked), [1, 1, 2, 2]);
    assert_eq!(documents("a O\n\nb O\n\nc O\n"), [1, 2, 3]);
}

#[test]
fn columns_are_parted_by_tabs_where_there_are_tabs_and_may_be_chosen() {
    let rules = rules(ReadingRules {
        word_column: Some(2),
        tag_column: Some(3),
        ..ReadingRules::default()
    });
    let text = "1\tNew York\tB-Place\tx\n2\tsleeps\tO\ty\n";
    let reading = read_as(Format::Conll, text, &rules);
    assert_eq!(sentences(&reading), ["New York sleeps | Place=New York"]);
    assert_eq!(
        refused(&read_as(Format::Conll, "a\tO\n", &rules)),
        ["x, line 1: there is no column 3: the row has 2"]
    );
}

#[test]
fn a_no_break_space_parts_no_columns() {
    let reading = read_as(
        Format::Conll,
        "Ada\u{a0}Lovelace B-Person\u{a0}\nsleeps O\n",
        &SentenceRules::default(),
    );
    assert_eq!(
        sentences(&reading),
        ["Ada\u{a0}Lovelace sleeps | Person=Ada\u{a0}Lovelace"]
    );
}

#[test]
fn the_dialect_of_the_tags_is_told_by_the_tags() {
    let cases = [
        // IOB2, with entities that touch.
        ("B-X I-X B-X O B-Y", "X=a b; X=c; Y=e"),
        // IOB1: B- only where entities of one type touch.
        ("I-X I-X B-X O I-Y", "X=a b; X=c; Y=e"),
        // BILOU and IOBES.
        ("B-X L-X U-X O U-Y", "X=a b; X=c; Y=e"),
        ("B-X E-X S-X O S-Y", "X=a b; X=c; Y=e"),
        ("B-X M-X E-X O W-Y", "X=a b c; Y=e"),
        ("O O", ""),
    ];
    for (tags, entities) in cases {
        let (_, reading) = read_detected(&tagged(tags));
        assert_eq!(refused(&reading), [""; 0], "{tags}");
        let found = sentences(&reading).remove(0);
        assert_eq!(found.split_once("| ").unwrap().1, entities, "{tags}");
    }
}

#[test]
fn malformed_tags_are_refused_line_by_line() {
    let (_, reading) = read_detected(&tagged("B-X O I-X B-Y I-X"));
    let problem = |line, tag, previous| {
        format!(
            "x, line {line}: {tag} cannot follow {previous} in bio tags; `tags = \"iob1\"` takes it for the beginning \
             of an entity"
        )
    };
    assert_eq!(
        refused(&reading),
        [problem(3, "I-X", "O"), problem(5, "I-X", "B-Y")]
    );
    let (_, reading) = read_detected("a I-X\nb B-Y\n");
    assert_eq!(
        refused(&reading),
        [problem(1, "I-X", "the sentence's start")]
    );
    let (_, reading) = read_detected(&tagged("B-X O L-X B-Y L-X"));
    assert_eq!(
        refused(&reading),
        [
            "x, line 2: O cannot follow B-X in bilou tags",
            "x, line 3: L-X cannot follow O in bilou tags",
            "x, line 5: L-X cannot follow B-Y in bilou tags"
        ]
    );
    let (_, reading) = read_detected(&tagged("U-X B-X"));
    assert_eq!(
        refused(&reading),
        ["x, line 2: B-X is never finished by an L- or E- tag"]
    );
}

#[test]
fn the_lenient_dialect_reads_malformed_tags_as_conlleval_does() {
    let reading = with_tags(TagDialect::Iob1, &tagged("B-X O I-X B-Y I-X"));
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(sentences(&reading), ["a b c d e | X=a; X=c; Y=d; X=e"]);
}

#[test]
fn rows_that_cannot_be_read_are_named_and_their_sentence_is_left_out() {
    let (_, reading) = read_detected("a O\nb\nc X-Y\n\nd e O\n\nf B-\n\ng O\n");
    let no_tag = |tag| {
        format!("{tag:?} in column 2 is no tag: neither O nor B-, I-, … with a type after it")
    };
    assert_eq!(
        refused(&reading),
        [
            "x, line 2: 1 column instead of 2".to_owned(),
            format!("x, line 3: {}", no_tag("X-Y")),
            "x, line 5: 3 columns instead of 2".to_owned(),
            format!("x, line 7: {}", no_tag("B-")),
        ]
    );
    assert_eq!(sentences(&reading), ["g | "]);
}

#[test]
fn the_layout_of_multi_head_selection_brings_relations() {
    let text = "\
#doc 1
0\tAda\tB-Person\t['N']\t[0]
1\tMoe\tI-Person\t['Lives_In', 'Works_For']\t[3, 6]
2\tleft\tO\t['N']\t[2]
3\tRome\tB-Place\t['N']\t[3]
4\tand\tO\t['N']\t[4]
5\tBig\tB-Firm\t['N']\t[5]
6\tOil\tI-Firm\t['Based_In']\t[3]
#doc 2
0\tNothing\tO\t['N']\t[0]
";
    let (format, reading) = read_detected(text);
    assert_eq!(format, Format::Multihead);
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(
        sentences(&reading),
        [
            "Ada Moe left Rome and Big Oil | Person=Ada Moe; Place=Rome; Firm=Big Oil; \
             Lives_In(Ada Moe, Rome); Works_For(Ada Moe, Big Oil); Based_In(Big Oil, Rome)",
            "Nothing | "
        ]
    );
    let (_, mut unknown) = read_detected(&text.replace("Based_In", "Sold_In"));
    unknown.check_against(&LabelSchema::from_sentences(
        reading.sentences.iter().map(|located| &located.sentence),
    ));
    assert_eq!(
        refused(&unknown),
        [
            "x, line 8: relations[2].type is \"Sold_In\", which the label schema does not know; it knows Based_In, Lives_In, Works_For"
        ]
    );
    let cases = [
        (
            "[3, 6]",
            "[2, 6]",
            3,
            "the relation Lives_In has token 2 as its tail, which belongs to no entity",
        ),
        (
            "[3, 6]",
            "[3]",
            3,
            "['Lives_In', 'Works_For'] and [3] are no lists of as many types as token numbers",
        ),
        (
            "[3, 6]",
            "[3, x]",
            3,
            "['Lives_In', 'Works_For'] and [3, x] are no lists of as many types as token numbers",
        ),
        (
            "2\tleft",
            "3\tleft",
            4,
            "the first column is \"3\" and should be 2, the token's number in its sentence",
        ),
        (
            "['N']\t[4]",
            "['At']\t[3]",
            6,
            "the relation At has token 4 as its head, which belongs to no entity",
        ),
    ];
    for (old, new, line, problem) in cases {
        let (_, reading) = read_detected(&text.replacen(old, new, 1));
        assert_eq!(refused(&reading), [format!("x, line {line}: {problem}")]);
        assert_eq!(reading.sentences.len(), 1);
    }
}

#[test]
fn a_first_column_that_numbers_the_rows_holds_no_words() {
    let text = "1\tAda\tB-P\n2\tsleeps\tO\n\n1\tBo\tB-P\n";
    let (_, reading) = read_detected(text);
    assert_eq!(sentences(&reading), ["Ada sleeps | P=Ada", "Bo | P=Bo"]);
    // Numbers that are words of a sentence do not begin anew with it.
    let (_, reading) = read_detected("3\tX\tO\n4\tX\tO\n");
    assert_eq!(sentences(&reading), ["3 4 | "]);
}

#[test]
fn an_empty_or_invisible_word_is_named_by_its_own_row() {
    let (_, reading) = read_detected("Ada\tB-P\n\tI-P\nlaughs\tO\n");
    assert_eq!(
        refused(&reading),
        ["x, line 2: there is no word in column 1"]
    );
    let (_, reading) = read_detected("went\tO\n\u{200b}\tB-L\n");
    assert_eq!(
        refused(&reading),
        ["x, line 2: B-L (L) covers nothing visible"]
    );
}
