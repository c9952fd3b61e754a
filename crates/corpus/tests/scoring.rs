//! Scores against counts made by hand.
#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

use std::slice::from_ref;

use spanarc_corpus::{
    Entity, EntityType, LabelSchema, Relation, RelationType, Sentence, Span,
    scoring::{
        Averages, ByType, Counts, Report, Score, Scorer, TypeScore, score, score_without_overlaps,
    },
};

/// A sentence of 10 tokens from (type, start, end) and (type, head, tail).
fn sentence(entities: &[(&str, usize, usize)], relations: &[(&str, usize, usize)]) -> Sentence {
    Sentence {
        id: "s1".into(),
        tokens: vec!["x".into(); 10],
        entities: entities
            .iter()
            .map(|&(kind, start, end)| Entity {
                kind: kind.into(),
                span: Span::new(start, end),
            })
            .collect(),
        relations: relations
            .iter()
            .map(|&(kind, head, tail)| Relation {
                kind: kind.into(),
                head,
                tail,
            })
            .collect(),
    }
}

fn schema() -> LabelSchema {
    let color = || "#000000".to_owned();
    LabelSchema {
        entity_types: ["Loc", "Org", "Other", "Peop"]
            .map(|name| EntityType {
                name: name.into(),
                color: color(),
            })
            .into(),
        relation_types: ["Kill", "Live_In", "Work_For"]
            .map(|name| RelationType {
                name: name.into(),
                color: color(),
                signatures: Vec::new(),
            })
            .into(),
    }
}

fn report(pairs: &[(Sentence, Sentence)]) -> Report {
    let (gold, predicted): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    score(&gold, &predicted, &schema()).unwrap()
}

fn assert_score(score: Score, precision: f64, recall: f64, f1: f64) {
    let close = |a: f64, b: f64| (a - b).abs() < 0.005;
    assert!(
        close(score.precision, precision) && close(score.recall, recall) && close(score.f1, f1),
        "{score:?} is not {precision}, {recall}, {f1}"
    );
}

/// By hand. Loc: gold 2, predicted 1, right 1. Org: gold 1, predicted 2, right 0 (one boundary is wrong, the
/// other is a Loc). Other: gold 1, predicted 1, right 1. Peop: gold 1, predicted 0.
fn mixed() -> (Sentence, Sentence) {
    (
        sentence(
            &[
                ("Loc", 0, 1),
                ("Loc", 2, 4),
                ("Org", 5, 7),
                ("Other", 7, 8),
                ("Peop", 9, 10),
            ],
            &[],
        ),
        sentence(
            &[("Other", 7, 8), ("Org", 5, 6), ("Loc", 0, 1), ("Org", 2, 4)],
            &[],
        ),
    )
}

#[test]
fn entities_need_the_right_boundaries_and_type() {
    let report = report(&[mixed()]);
    let loc = report.per_type.entities["Loc"];
    assert_eq!(
        loc.counts,
        Counts {
            gold: 2,
            predicted: 1,
            correct: 1
        }
    );
    assert_score(loc.score, 100.0, 50.0, 66.67);
    assert_score(report.per_type.entities["Org"].score, 0.0, 0.0, 0.0);
    assert_score(report.per_type.entities["Other"].score, 100.0, 100.0, 100.0);
    assert_score(report.per_type.entities["Peop"].score, 0.0, 0.0, 0.0);
    // 2 right of 4 predicted and 5 gold.
    assert_score(report.entities.micro, 50.0, 40.0, 44.44);
    // (100 + 0 + 100 + 0) / 4, (50 + 0 + 100 + 0) / 4, (66.67 + 0 + 100 + 0) / 4.
    assert_score(report.entities.macro_, 50.0, 37.5, 41.67);
}

#[test]
fn touching_entities_of_one_type_are_not_one_entity() {
    let apart = sentence(&[("Loc", 0, 2), ("Loc", 2, 3)], &[]);
    let merged = sentence(&[("Loc", 0, 3)], &[]);
    assert_score(
        report(&[(apart.clone(), merged)]).entities.micro,
        0.0,
        0.0,
        0.0,
    );
    assert_score(
        report(&[(apart.clone(), apart)]).entities.micro,
        100.0,
        100.0,
        100.0,
    );
}

#[test]
fn what_is_said_twice_counts_once() {
    let gold = sentence(
        &[("Peop", 0, 1), ("Loc", 2, 3), ("Loc", 2, 3)],
        &[("Live_In", 0, 1), ("Live_In", 0, 2)],
    );
    let predicted = sentence(
        &[("Peop", 0, 1), ("Peop", 0, 1), ("Loc", 2, 3), ("Org", 4, 5)],
        &[("Live_In", 0, 2), ("Live_In", 1, 2), ("Live_In", 0, 2)],
    );
    let report = report(&[(gold, predicted)]);
    assert_eq!(
        report.per_type.entities["Peop"].counts,
        Counts {
            gold: 1,
            predicted: 1,
            correct: 1
        }
    );
    assert_score(report.entities.micro, 66.67, 100.0, 80.0);
    assert_score(report.relations.strict.micro, 100.0, 100.0, 100.0);
}

#[test]
fn the_same_span_in_another_sentence_is_another_entity() {
    let (empty, one) = (sentence(&[], &[]), sentence(&[("Loc", 0, 1)], &[]));
    let report = report(&[(one.clone(), empty.clone()), (empty, one)]);
    assert_score(report.entities.micro, 0.0, 0.0, 0.0);
    assert_eq!(
        report.per_type.entities["Loc"].counts,
        Counts {
            gold: 1,
            predicted: 1,
            correct: 0
        }
    );
}

#[test]
fn a_wrong_argument_type_costs_only_the_strict_relation() {
    let relations = [("Live_In", 0, 1)];
    let gold = sentence(&[("Peop", 0, 2), ("Loc", 4, 5)], &relations);
    let wrong_type = sentence(&[("Peop", 0, 2), ("Org", 4, 5)], &relations);
    let report_of_type = report(&[(gold.clone(), wrong_type)]);
    assert_score(report_of_type.relations.strict.micro, 0.0, 0.0, 0.0);
    assert_score(
        report_of_type.relations.boundaries.micro,
        100.0,
        100.0,
        100.0,
    );
    let wrong_boundary = sentence(&[("Peop", 1, 2), ("Loc", 4, 5)], &relations);
    assert_score(
        report(&[(gold, wrong_boundary)]).relations.boundaries.micro,
        0.0,
        0.0,
        0.0,
    );
}

#[test]
fn a_relation_has_a_direction_and_a_type() {
    let entities = [("Peop", 0, 1), ("Peop", 4, 5)];
    let gold = sentence(&entities, &[("Kill", 0, 1)]);
    for wrong in [("Kill", 1, 0), ("Live_In", 0, 1)] {
        let report = report(&[(gold.clone(), sentence(&entities, &[wrong]))]);
        assert_score(report.relations.strict.micro, 0.0, 0.0, 0.0);
        assert_score(report.relations.boundaries.micro, 0.0, 0.0, 0.0);
    }
}

#[test]
fn arguments_are_compared_by_what_they_are_not_by_their_index() {
    let gold = sentence(&[("Peop", 0, 1), ("Loc", 4, 5)], &[("Live_In", 0, 1)]);
    let predicted = sentence(
        &[("Org", 7, 8), ("Loc", 4, 5), ("Peop", 0, 1)],
        &[("Live_In", 2, 1)],
    );
    assert_score(
        report(&[(gold, predicted)]).relations.strict.micro,
        100.0,
        100.0,
        100.0,
    );
}

#[test]
fn relations_average_over_the_types_that_occur() {
    let entities = [("Peop", 0, 1), ("Loc", 2, 3), ("Org", 4, 5), ("Peop", 6, 7)];
    // Live_In: gold 2, predicted 1, right 1. Work_For: gold 0, predicted 1. Kill: neither.
    let gold = sentence(&entities, &[("Live_In", 0, 1), ("Live_In", 3, 1)]);
    let predicted = sentence(&entities, &[("Live_In", 3, 1), ("Work_For", 0, 2)]);
    let strict = report(&[(gold, predicted)]).relations.strict;
    assert_score(strict.micro, 50.0, 50.0, 50.0);
    assert_score(strict.macro_, 50.0, 25.0, 33.33);
}

#[test]
fn nothing_gold_and_nothing_predicted_scores_zero() {
    let empty = sentence(&[], &[]);
    let report = report(&[(empty.clone(), empty)]);
    assert_eq!(report.entities, Averages::default());
    assert_eq!(report.relations.strict, Averages::default());
    assert_eq!(report.per_type.entities["Other"], TypeScore::default());
    assert_eq!(score(&[], &[], &schema()).unwrap(), report);
}

#[test]
fn corpora_that_do_not_match_are_refused() {
    let good = sentence(&[("Loc", 0, 1)], &[]);
    let lengths = score(std::slice::from_ref(&good), &[], &schema()).unwrap_err();
    assert_eq!(
        lengths.to_string(),
        "1 gold sentences against 0 predicted ones"
    );
    let schema = schema();
    let mut scorer = Scorer::new(&schema);
    let cases = [
        (
            sentence(&[("City", 0, 1)], &[]),
            "has the entity type \"City\"",
        ),
        (
            sentence(&[("Loc", 0, 1), ("Loc", 2, 3)], &[("Near", 0, 1)]),
            "relation type \"Near\"",
        ),
        (
            sentence(&[("Loc", 0, 1)], &[("Kill", 0, 1)]),
            "relations[0] refers to",
        ),
    ];
    for (bad, part) in cases {
        let message = scorer.add(&good, &bad).unwrap_err().to_string();
        assert!(
            message.starts_with("sentence \"s1\"") && message.contains(part),
            "{message}"
        );
    }
    assert_eq!(
        scorer.report().per_type.entities["Loc"].counts,
        Counts::default()
    );
}

#[test]
fn the_report_has_the_documented_shape() {
    let value = serde_json::to_value(report(&[mixed()])).unwrap();
    assert_eq!(value["entities"]["micro"]["precision"], 50.0);
    assert_eq!(value["entities"]["macro"]["recall"], 37.5);
    assert_eq!(value["relations"]["strict"]["macro"]["f1"], 0.0);
    assert_eq!(value["relations"]["boundaries"]["micro"]["f1"], 0.0);
    assert_eq!(value["per_type"]["entities"]["Loc"]["recall"], 50.0);
    assert_eq!(value["per_type"]["entities"]["Loc"]["gold"], 2);
    assert_eq!(
        value["per_type"]["relations"]["strict"]["Kill"]["predicted"],
        0
    );
    assert_eq!(
        serde_json::from_value::<Report>(value).unwrap(),
        report(&[mixed()])
    );
}

#[test]
fn overlaps_left_out_are_neither_right_nor_wrong_nor_missed() {
    // The Peop in the Org is its overlapping argument; both have a relation to the Loc besides.
    let entities = [("Org", 0, 3), ("Peop", 2, 3), ("Loc", 5, 6)];
    let relations = [("Work_For", 1, 0), ("Live_In", 1, 2), ("Live_In", 0, 2)];
    let gold = sentence(&entities, &relations);
    let counts = |predicted: &Sentence| {
        let report =
            score_without_overlaps(from_ref(&gold), from_ref(predicted), &schema()).unwrap();
        let sum = |types: &ByType| {
            let counts = types.values().map(|kind| kind.counts);
            counts.fold([0; 3], |[gold, predicted, correct], more| {
                [
                    gold + more.gold,
                    predicted + more.predicted,
                    correct + more.correct,
                ]
            })
        };
        (
            sum(&report.per_type.entities),
            sum(&report.per_type.relations.strict),
        )
    };
    // Gold keeps the Loc and the relations to it.
    assert_eq!(counts(&gold), ([1, 1, 1], [2, 2, 2]));
    assert_eq!(counts(&sentence(&[], &[])), ([1, 0, 0], [2, 0, 0]));
    // One of the two, as tags can say it: what was left out of gold is no error.
    let one = sentence(&[("Org", 0, 3), ("Loc", 5, 6)], &[("Live_In", 0, 1)]);
    assert_eq!(counts(&one), ([1, 1, 1], [2, 1, 1]));
    // Of another type or other boundaries it is an error as ever.
    let wrong = sentence(&[("Other", 0, 3), ("Org", 1, 3)], &[("Work_For", 0, 1)]);
    assert_eq!(counts(&wrong), ([1, 2, 0], [2, 1, 0]));
    let all = score(from_ref(&gold), &[one], &schema()).unwrap();
    assert_eq!(all.per_type.entities["Peop"].counts.gold, 1);
}
