//! The header: layers and their columns.

use super::problem::TsvProblem;

/// What the rows of a layer hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerKind {
    Span,
    Relation,
    Chain,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// Values of a feature.
    Feature(String),
    /// That there are annotations, of a layer without features.
    Placeholder,
    /// Roles or targets of a feature with slots.
    Slot(String),
    /// The sources of relations.
    Source,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) kind: LayerKind,
    /// Type with its package.
    pub(super) name: String,
    /// What a relation layer relates.
    pub(super) base: String,
    /// Index of its first column behind the three of the token.
    pub(super) first: usize,
    pub(super) columns: Vec<Column>,
    pub(super) line: usize,
}

impl Layer {
    /// The layer of a line of the header; nothing where the line is none. `first` is its first column.
    pub(super) fn parse(text: &str, first: usize, line: usize) -> Option<Result<Self, TsvProblem>> {
        let (kind, declared) = if let Some(declared) = text.strip_prefix("#T_SP=") {
            (LayerKind::Span, declared)
        } else if let Some(declared) = text.strip_prefix("#T_RL=") {
            (LayerKind::Relation, declared)
        } else {
            (LayerKind::Chain, text.strip_prefix("#T_CH=")?)
        };
        let mut names = declared.split('|').map(str::trim);
        let name = names.next().unwrap_or_default().to_owned();
        let (mut base, mut columns) = (String::new(), Vec::new());
        let mut slot = None::<String>;
        for column in names.filter(|column| !column.is_empty()) {
            columns.push(if let Some(feature) = slot.take() {
                Column::Slot(feature)
            } else if let Some(role) = column.strip_prefix("ROLE_") {
                // `ROLE_webanno.custom.Frame:Roles_webanno.custom.FrameRolesLink`
                let feature = role.split_once(':').map_or(role, |(_, feature)| feature);
                let feature = feature.split('_').next().unwrap_or_default();
                slot = Some(feature.to_owned());
                Column::Slot(feature.to_owned())
            } else if let (LayerKind::Relation, Some(layer)) = (kind, column.strip_prefix("BT_")) {
                layer.clone_into(&mut base);
                Column::Source
            } else {
                Column::Feature(column.to_owned())
            });
        }
        if kind == LayerKind::Relation && !columns.contains(&Column::Source) {
            return Some(Err(TsvProblem::NoBase { layer: name }));
        }
        if columns.is_empty() {
            columns.push(Column::Placeholder);
        }
        Some(Ok(Self {
            kind,
            name,
            base,
            first,
            columns,
            line,
        }))
    }
}
