//! Brat's standoff format.

use super::*;
use crate::schema::LabelSchema;

const TEXT: &str = "Naïve parsers 🌲 label trees\nThey beat taggers on treebanks\n";

const ANNOTATIONS: &str = "\
T1\tMethod 0 13\tNaïve parsers
T2\tTask 16 27\tlabel trees
R1\tUsed_For Arg1:T1 Arg2:T2

T3\tMethod 38 45\ttaggers
T4\tData 49 58\ttreebanks
R2\tTested_On Arg1:T3 Arg2:T4
";

fn read_with(text: &str, annotations: &str, rules: &SentenceRules) -> Reading {
    let mut reading = Reading::default();
    let (text, annotations) = (
        File {
            name: "d.txt",
            bytes: text.as_bytes(),
        },
        File {
            name: "d.ann",
            bytes: annotations.as_bytes(),
        },
    );
    read_pair(
        Format::Brat,
        "d",
        [text, annotations],
        rules,
        &Plain,
        &mut reading,
    );
    reading
}

fn read(text: &str, annotations: &str) -> Reading {
    read_with(text, annotations, &SentenceRules::default())
}

#[test]
fn code_points_become_tokens_and_relations_stay_in_their_sentence() {
    let reading = read(TEXT, ANNOTATIONS);
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(
        sentences(&reading),
        [
            "Naïve parsers 🌲 label trees | Method=Naïve parsers; Task=label trees; \
             Used_For(Naïve parsers, label trees)",
            "They beat taggers on treebanks | Method=taggers; Data=treebanks; \
             Tested_On(taggers, treebanks)",
        ]
    );
    assert_eq!(reading.sentences[1].sentence.id, "d:2");
    let place = |line| (format!("d.txt, line {line}"), 1);
    assert_eq!(places(&reading), [place(1), place(2)]);
}

#[test]
fn what_is_neither_entity_nor_relation_is_passed_over_and_counted() {
    let more = "\
E1\tBeating:T3 Loser:T4
E2\tBeating:T4
R3\tCauses Arg1:E1 Arg2:T1
A1\tNegated E1
M1\tSpeculated E1
N1\tReference T1 Wiki:7\tparser
#1\tAnnotatorNotes T1\tsure?
*\tEquiv T1 T3
*\tEquiv T2 T4
";
    let reading = read(TEXT, &format!("{ANNOTATIONS}{more}"));
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(
        notes(&reading),
        [
            (Note::Attribute, 2),
            (Note::Event, 2),
            (Note::RelationOfEvent, 1),
            (Note::Equivalence, 2)
        ]
    );
}

#[test]
fn an_entity_that_cannot_stay_is_named_by_its_own_line() {
    let mut reading = read(TEXT, &format!("{ANNOTATIONS}T5\tMethod 6 13\tparsers\n"));
    let mut known = LabelSchema::from_sentences(
        &reading
            .sentences
            .iter()
            .map(|located| located.sentence.clone())
            .collect::<Vec<_>>(),
    );
    known.entity_types.retain(|kind| kind.name != "Data");
    reading.refuse_overlaps();
    reading.check_against(&known);
    let refused = refused(&reading);
    assert!(
        refused[0].starts_with("d.ann, line 8: entities["),
        "{refused:?}"
    );
    assert!(refused[0].contains("parsers"), "{refused:?}");
    assert!(
        refused[1].starts_with("d.ann, line 6: entities[1].type is \"Data\""),
        "{refused:?}"
    );
}

#[test]
fn a_relation_that_cannot_stay_is_named_by_its_own_line() {
    let more = "R3\tTested_On Arg1:T3 Arg2:T4\nR4\tBeats Arg1:T3 Arg2:T4\n";
    let mut reading = read(TEXT, &format!("{ANNOTATIONS}{more}"));
    let known = read(TEXT, ANNOTATIONS).sentences;
    let known = LabelSchema::from_sentences(known.iter().map(|located| &located.sentence));
    reading.check_against(&known);
    assert_eq!(
        refused(&reading),
        [
            "d.ann, line 9: relations[2].type is \"Beats\", which the label schema does not know; it knows Tested_On, Used_For"
        ]
    );
}

#[test]
fn the_first_argument_is_the_head_wherever_it_stands() {
    let [straight, turned] = ["Arg1:T1 Arg2:T2", "Arg2:T2 Arg1:T1"].map(|arguments| {
        let lines = "T1\tMethod 6 13\tparsers\nT2\tData 22 27\ttrees\n";
        let reading = read(TEXT, &format!("{lines}R1\tLabels {arguments}\n"));
        assert_eq!(refused(&reading), [""; 0]);
        reading.sentences[0].sentence.relations.clone()
    });
    assert_eq!(straight, turned);
    assert_eq!((straight[0].head, straight[0].tail), (0, 1));
}

#[test]
fn spaces_in_place_of_tabs_are_told_as_such() {
    let reading = read(TEXT, "T1 Method 6 13 parsers\n");
    let [told] = refused(&reading).try_into().unwrap();
    assert!(
        told.ends_with(
            "line 1: T1 has no tab behind it, by which brat parts identifier, annotation and text"
        ),
        "{told}"
    );
}

#[test]
fn a_relation_keeps_its_sentences_together_unless_they_lie_far_apart() {
    let reading = read(TEXT, &format!("{ANNOTATIONS}R3\tBeats Arg1:T1 Arg2:T3\n"));
    assert_eq!(notes(&reading), [(Note::SentencesJoined, 1)]);
    assert_eq!(reading.sentences[0].sentence.relations.len(), 3);
    let far = TEXT.replacen('\n', &format!("\n{}\n", "far ".repeat(300)), 1);
    let far_annotations =
        "T1\tMethod 6 13\tparsers\nT2\tMethod 1239 1246\ttaggers\nR1\tBeats Arg1:T1 Arg2:T2\n";
    let reading = read(&far, far_annotations);
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(
        reading.notes[0].to_string(),
        "d.ann, line 3: relations between two sentences left out: Beats(parsers, taggers)"
    );
}

#[test]
fn sentences_that_share_an_entity_are_one() {
    // As brat writes it: the pieces of an entity on two lines.
    let reading = read(TEXT, "T1\tData 22 27;28 32\ttrees They\n");
    assert_eq!(refused(&reading), [""; 0]);
    assert_eq!(
        sentences(&reading),
        ["Naïve parsers 🌲 label trees They beat taggers on treebanks | Data=trees They"]
    );
    assert_eq!(notes(&reading), [(Note::SentencesJoined, 1)]);
}

#[test]
fn a_token_is_cut_where_an_entity_begins_or_ends_inside_it() {
    let reading = read("pre-trained word2vec vectors", "T1\tA 4 16\nT2\tB 17 20\n");
    assert_eq!(
        sentences(&reading),
        ["pre- trained word 2 vec vectors | A=trained word; B=vec"]
    );
    assert_eq!(notes(&reading), [(Note::TokenCut, 2)]);
}

#[test]
fn white_space_at_the_ends_of_an_entity_is_no_part_of_it() {
    let reading = read("one two three", "T1\tA 3 8\n");
    assert_eq!(sentences(&reading), ["one two three | A=two"]);
    let reading = read("one two three", "T1\tA 3 4\n");
    assert_eq!(
        refused(&reading),
        ["d.ann, line 1: T1 (A) covers nothing visible"]
    );
}

#[test]
fn overlapping_and_nested_entities_are_read_as_they_are() {
    let reading = read(
        "one two three",
        "T1\tA 0 7\nT2\tB 4 13\nT3\tC 4 7\nR1\tr a:T1 b:T3\n",
    );
    assert_eq!(
        sentences(&reading),
        ["one two three | A=one two; B=two three; C=two; r(one two, two)"]
    );
}

#[test]
fn a_discontinuous_entity_is_refused_dropped_or_covered_as_the_rules_say() {
    let annotations = "\
T1\tTask 16 21;33 37\tlabel beat
T2\tMethod 6 13\tparsers
R1\tUsed_For Arg1:T2 Arg2:T1
";
    let with = |discontinuous| {
        let rules = SentenceRules {
            discontinuous,
            ..SentenceRules::default()
        };
        read_with(TEXT, annotations, &rules)
    };
    let refusing = with(Discontinuous::Refuse);
    assert_eq!(
        refused(&refusing),
        [
            "d.ann, line 1: Task \"label … beat\" (code points 16..37) is discontinuous, which tags cannot express: \
             `discontinuous = \"drop\"` leaves such entities out, \"cover\" takes the text from first to last piece"
        ]
    );
    let dropping = with(Discontinuous::Drop);
    assert_eq!(
        sentences(&dropping),
        [
            "Naïve parsers 🌲 label trees | Method=parsers",
            "They beat taggers on treebanks | "
        ]
    );
    assert_eq!(
        notes(&dropping),
        [
            (Note::DiscontinuousDropped, 1),
            (Note::RelationOfDropped, 1)
        ]
    );
    let covering = with(Discontinuous::Cover);
    assert_eq!(
        sentences(&covering),
        [
            "Naïve parsers 🌲 label trees They beat taggers on treebanks | Task=label trees They beat; \
             Method=parsers; Used_For(parsers, label trees They beat)"
        ]
    );
    assert_eq!(
        notes(&covering),
        [(Note::DiscontinuousCovered, 1), (Note::SentencesJoined, 1)]
    );
}

#[test]
fn faults_are_named_with_line_and_identifier_and_reading_goes_on() {
    let cases = [
        (
            "T5\tMethod\tparsers",
            "T5 is not of the form `T5<tab>TYPE START END<tab>TEXT`",
        ),
        (
            "T5\tMethod 0 x\tparsers",
            "T5 is not of the form `T5<tab>TYPE START END<tab>TEXT`",
        ),
        (
            "T5\tMethod 50 70\tparsers",
            "T5: char position 70 is out of range in a text of length 59",
        ),
        (
            "T5\tMethod 9 2\tparsers",
            "T5: char span 9..2 ends before it starts",
        ),
        (
            "T5\tMethod 7 14\tparsers",
            "T5 is said to be \"parsers\", but the text at its offsets, counted in code points, is \"arsers \"",
        ),
        ("T1\tMethod 6 13\tparsers", "T1 stands on line 1 already"),
        (
            "R1\tUsed_For Arg1:T1 Arg2:T2",
            "R1 stands on line 3 already",
        ),
        (
            "R5\tUsed_For T1 T2",
            "R5 is not of the form `R5<tab>TYPE ARGUMENT:ID ARGUMENT:ID`",
        ),
        (
            "R5\tUsed_For Arg1:T1",
            "R5 is not of the form `R5<tab>TYPE ARGUMENT:ID ARGUMENT:ID`",
        ),
        (
            "R5\tUsed_For Arg1:T1 Arg2:T9",
            "R5 names T9, which is not there",
        ),
        (
            "R5\tUsed_For Arg1:R1 Arg2:T2",
            "R5 names R1, which is not there",
        ),
        (
            "R5\tUsed_For Arg1:T2 Arg2:T2",
            "R5 has T2 as both arguments",
        ),
        (
            "X5\tMethod 0 3\tone",
            "\"X5\" is no identifier of brat: T, R, E, A, M, N or # with a number, or *",
        ),
    ];
    for (line, problem) in cases {
        let reading = read(TEXT, &format!("{ANNOTATIONS}{line}\n"));
        assert_eq!(refused(&reading), [format!("d.ann, line 8: {problem}")]);
        assert_eq!(reading.sentences.len(), 2, "{line}");
    }
}

#[test]
fn what_refers_to_a_refused_entity_is_not_refused_once_more() {
    let reading = read(TEXT, "T1\tA 0 99\nT2\tB 0 5\nR1\tr a:T1 b:T2\n");
    assert_eq!(
        refused(&reading),
        ["d.ann, line 1: T1: char position 99 is out of range in a text of length 59"]
    );
}

#[test]
fn a_document_without_annotations_is_sentences_without_entities() {
    assert_eq!(sentences(&read("one two\n", "")), ["one two | "]);
}
