//! UIMA CAS JSON 0.4: feature structures as objects, where `@name` is a reference.
//!
//! Structures stand in an array, or in an object under their identifiers. `%TYPES`, `%FLAGS` and `%HEADER` are not needed to
//! read them. The prefixes `^` (an offset) and `#` (a number such as `NaN`) are not part of a feature's name.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    model::{Cas, Feature, FeatureStructure},
    types::{SOFA, TYPES},
};
use crate::{
    json::{identifier, items, parse as parse_json, parse_item},
    read_error::LineProblem,
    source::line_at,
};

#[derive(Deserialize)]
struct CasObject<'a> {
    #[serde(borrow, rename = "%FEATURE_STRUCTURES")]
    structures: &'a RawValue,
    #[serde(default, rename = "%VIEWS")]
    views: HashMap<String, ViewObject>,
}

#[derive(Deserialize)]
struct ViewObject {
    #[serde(default, rename = "%SOFA")]
    sofa: Value,
    #[serde(default, rename = "%MEMBERS")]
    members: Vec<Value>,
}

#[derive(Deserialize)]
struct StructureObject {
    #[serde(rename = "%ID")]
    id: Option<Value>,
    #[serde(rename = "%TYPE")]
    kind: String,
    #[serde(flatten)]
    features: Map<String, Value>,
}

/// The structures of a file. An error comes with the line, from 1.
pub(super) fn parse(text: &str) -> Result<Cas, (usize, LineProblem)> {
    let object: CasObject<'_> =
        parse_json(text).map_err(|(below, problem)| (below + 1, problem))?;
    let structures = object.structures.get();
    // The object borrows its values from the text.
    let start = (structures.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let first = line_at(text.as_bytes(), start);
    let mut cas = Cas {
        id_name: "%ID",
        ..Cas::default()
    };
    let at = |line: usize| move |(below, problem)| (line + below, problem);
    if structures.starts_with('{') {
        let objects: Map<String, Value> = parse_json(structures).map_err(at(first))?;
        for (id, value) in objects {
            let object = value.to_string();
            let structure = serde_json::from_str(&object).map_err(|_| no_structure(&id, first))?;
            cas.structures
                .push(feature_structure(structure, Some(id), first));
        }
    } else {
        let items = items(structures).map_err(|(line, problem)| (first + line - 1, problem))?;
        for (index, item) in items.iter().enumerate() {
            let field = format!("%FEATURE_STRUCTURES[{index}]");
            let structure = parse_item(item.text, text, &field).map_err(at(1))?;
            let line = first + item.line - 1;
            cas.structures
                .push(feature_structure(structure, None, line));
        }
    }
    for view in object
        .views
        .into_values()
        .filter(|view| !view.sofa.is_null())
    {
        let members = view.members.iter().map(identifier).collect();
        cas.members.insert(identifier(&view.sofa), members);
    }
    Ok(cas)
}

fn no_structure(id: &str, line: usize) -> (usize, LineProblem) {
    let problem = LineProblem::Json {
        message: "expected an object with `%TYPE`".to_owned(),
        field: format!("%FEATURE_STRUCTURES.{id}"),
        column: 0,
        keys: Vec::new(),
    };
    (line, problem)
}

fn feature_structure(
    object: StructureObject,
    key: Option<String>,
    line: usize,
) -> FeatureStructure {
    let features = object.features.into_iter().filter_map(|(key, value)| {
        let feature = match key.chars().next() {
            Some('@') if value.is_null() => return None,
            Some('@') => (key[1..].to_owned(), Feature::Reference(identifier(&value))),
            Some('^' | '#') => (key[1..].to_owned(), Feature::Value(value)),
            Some('%') if key == "%ELEMENTS" => ("elements".to_owned(), Feature::Value(value)),
            Some('%') => return None,
            _ => (key, Feature::Value(value)),
        };
        Some(feature)
    });
    FeatureStructure {
        id: key
            .or_else(|| object.id.as_ref().map(identifier))
            .unwrap_or_default(),
        kind: object.kind,
        features: features.collect(),
        line,
    }
}

/// The file of a CAS, with its types; a structure a line.
pub(super) fn print(cas: &Cas) -> String {
    let types = TYPES.iter().map(|described| {
        let mut object = json!({"%NAME": described.name, "%SUPER_TYPE": described.supertype});
        for (name, range) in described.features {
            object[*name] = json!({"%NAME": name, "%RANGE": range});
        }
        (described.name.to_owned(), object)
    });
    let types: Map<String, Value> = types.collect();
    let id = |id: &str| -> Value { id.parse::<usize>().map_or_else(|_| id.into(), Into::into) };
    let structures = cas.structures.iter().map(|structure| {
        let mut object = json!({"%ID": id(&structure.id), "%TYPE": structure.kind});
        for (name, feature) in &structure.features {
            match feature {
                Feature::Value(value) => object[name] = value.clone(),
                Feature::Reference(other) => object[format!("@{name}")] = id(other),
            }
        }
        object.to_string()
    });
    let structures: Vec<String> = structures.collect();
    let sofas = cas.structures.iter().filter(|sofa| sofa.kind == SOFA);
    let views = sofas.map(|sofa| {
        let members = cas.structures.iter().filter(|member| member.kind != SOFA);
        let members: Vec<Value> = members.map(|member| id(&member.id)).collect();
        let view = json!({"%SOFA": id(&sofa.id), "%MEMBERS": members});
        (sofa.text("sofaID").unwrap_or_default().into_owned(), view)
    });
    let views: Map<String, Value> = views.collect();
    format!(
        "{{\n\"%TYPES\": {},\n\"%FEATURE_STRUCTURES\": [\n{}\n],\n\"%VIEWS\": {}\n}}\n",
        json!(types),
        structures.join(",\n"),
        json!(views)
    )
}
