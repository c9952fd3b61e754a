//! What a feature structure says as an annotation: place, type, arguments, maker.

use std::{borrow::Cow, collections::HashSet};

use serde_json::{Value, json};
use spanarc_document::{Origin, State};

use super::{
    model::{Cas, Feature, FeatureStructure},
    problem::CasProblem,
    types::{NAMED_ENTITY, RELATION},
};

/// Features that may hold the type, in lower case.
const TYPE_FEATURES: [&str; 3] = ["value", "label", "type"];

/// The arguments of a relation, head and tail.
pub(super) const ARGUMENTS: [[&str; 2]; 2] = [["Governor", "Dependent"], ["source", "target"]];

/// The names of the features that hold a relation's arguments; none where a structure is no relation. Any layer may have
/// `source` or `target`: they count where both name structures.
pub(super) fn arguments(
    structure: &FeatureStructure,
    ids: &HashSet<&str>,
) -> Option<[&'static str; 2]> {
    let [arguments, others] = ARGUMENTS;
    if arguments
        .iter()
        .any(|name| structure.feature(name).is_some())
    {
        return Some(arguments);
    }
    let names_one = |name: &&str| match structure.feature(name) {
        Some(Feature::Reference(_)) => true,
        Some(feature) => feature.text().is_some_and(|id| ids.contains(&*id)),
        None => false,
    };
    others.iter().all(names_one).then_some(others)
}

/// The type of a mention or a relation, and the feature that holds it.
pub(super) fn kind(structure: &FeatureStructure) -> (Cow<'_, str>, Option<&str>) {
    for wanted in TYPE_FEATURES {
        let mut features = structure.features.iter();
        let found = features.find_map(|(name, feature)| {
            let value = feature.text().filter(|value| !value.trim().is_empty())?;
            let is_wanted =
                name.eq_ignore_ascii_case(wanted) && matches!(feature, Feature::Value(_));
            is_wanted.then_some((value, Some(name.as_str())))
        });
        if let Some(found) = found {
            return found;
        }
    }
    (structure.short_name().into(), None)
}

/// Who made an annotation.
pub(super) fn maker(structure: &FeatureStructure, type_feature: Option<&str>) -> (Origin, State) {
    let predicted = || {
        let score = type_feature.and_then(|name| structure.number(&format!("{name}_score")));
        let told = structure.text("inception_internal_predicted");
        let is_predicted = told.is_some_and(|told| told == "true") || score.is_some();
        is_predicted.then(|| (Cow::default(), score.unwrap_or(1.0)))
    };
    let (origin, usual) = match written_maker(structure).or_else(predicted) {
        Some((name, score)) => {
            let name = name.as_ref().into();
            (Origin::Model { name, score }, State::Suggested)
        }
        None => (Origin::Person, State::Accepted),
    };
    (origin, written_state(structure).unwrap_or(usual))
}

/// The model of an annotation, as it is written here, and its score.
pub(super) fn written_maker(structure: &FeatureStructure) -> Option<(Cow<'_, str>, f32)> {
    let name = structure.text("model").filter(|_| is_written(structure))?;
    Some((name, structure.number("score")?))
}

/// The state of an annotation, as it is written here.
pub(super) fn written_state(structure: &FeatureStructure) -> Option<State> {
    let state = structure.text("state").filter(|_| is_written(structure))?;
    match state.as_ref() {
        "accepted" => Some(State::Accepted),
        "suggested" => Some(State::Suggested),
        _ => None,
    }
}

fn is_written(structure: &FeatureStructure) -> bool {
    [NAMED_ENTITY, RELATION].contains(&&*structure.kind)
}

pub(super) fn offsets(
    cas: &Cas,
    structure: &FeatureStructure,
) -> Result<(usize, usize), CasProblem> {
    let offset = |feature: &'static str| {
        structure
            .offset(feature)
            .ok_or_else(|| CasProblem::NoOffset {
                element: cas.describe(structure),
                feature,
                found: structure.text(feature).map(Cow::into_owned),
            })
    };
    Ok((offset("begin")?, offset("end")?))
}

/// `resource:id`, or an IRI.
pub(super) fn normalization(identifier: &str) -> Value {
    match identifier.split_once(':') {
        Some((resource, id)) if !resource.is_empty() && !id.starts_with("//") => {
            json!({"resource": resource, "id": id})
        }
        _ => json!({"resource": "", "id": identifier}),
    }
}
