//! What files call annotations: the `id` that their source gave them, else a name by their number.

use std::collections::HashSet;

use serde_json::Value;
use spanarc_document::Attributes;

/// The key under which attributes hold what the source calls an annotation.
pub(crate) const ID: &str = "id";

/// Names of annotations in order, all different: each one's `id` where it is fit and not taken, else `default` of its number.
pub(crate) fn names<'a>(
    annotations: impl Iterator<Item = &'a Attributes> + Clone,
    is_fit: impl Fn(&str) -> bool,
    default: impl Fn(usize) -> String,
) -> Vec<String> {
    let mut taken = HashSet::new();
    let kept: Vec<Option<&str>> = annotations
        .map(|attributes| {
            let id = attributes.get(ID)?.as_str()?;
            (is_fit(id) && taken.insert(id.to_owned())).then_some(id)
        })
        .collect();
    let mut spare = kept.len();
    let mut name = |(index, kept): (usize, &Option<&str>)| {
        let mut name = kept.map_or_else(|| default(index), str::to_owned);
        while kept.is_none() && !taken.insert(name.clone()) {
            name = default(spare);
            spare += 1;
        }
        name
    };
    kept.iter().enumerate().map(&mut name).collect()
}

/// Keeps what the source calls an annotation, unless that is what it would be called anyway.
pub(crate) fn keep(attributes: &mut Attributes, id: &str, default: &str) {
    if id != default && !attributes.contains_key(ID) {
        attributes.insert(ID.to_owned(), Value::from(id));
    }
}

/// The attributes that have to stand elsewhere where an annotation is called `name`.
pub(crate) fn without_name(attributes: &Attributes, name: &str) -> Attributes {
    let mut rest = attributes.clone();
    if rest.get(ID).and_then(Value::as_str) == Some(name) {
        rest.remove(ID);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_where_they_are_fit_and_always_differ() {
        let called = |id: &str| Attributes::from_iter([(ID.to_owned(), Value::from(id))]);
        let all = [
            called("2"),
            Attributes::default(),
            Attributes::default(),
            called("x"),
            called("2"),
        ];
        let digits = |id: &str| id.bytes().all(|byte| byte.is_ascii_digit());
        let names = names(all.iter(), digits, |index| index.to_string());
        assert_eq!(names, ["2", "1", "5", "3", "4"]);
    }
}
