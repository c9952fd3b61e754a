//! Sections of a Markdown page between markers: a program writes what is between them, people all else.

use anyhow::{Context, Result};

/// `text` with `content` between `<!-- name: begin -->` and `<!-- name: end -->`; an error where a marker is missing.
pub(crate) fn replace(text: &str, name: &str, content: &str) -> Result<String> {
    let (begin, end) = (
        format!("<!-- {name}: begin -->"),
        format!("<!-- {name}: end -->"),
    );
    let missing = |marker: &str| format!("the marker {marker} is missing");
    let start = text.find(&begin).with_context(|| missing(&begin))? + begin.len();
    let length = text[start..].find(&end).with_context(|| missing(&end))?;
    let (before, after) = (&text[..start], &text[start + length..]);
    Ok(format!("{before}\n\n{}\n\n{after}", content.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "# A\n<!-- a: begin -->old<!-- a: end -->\nb <!-- b: begin --><!-- b: end -->\n";

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = replace(PAGE, "a", "new\n").expect("both markers");
        assert_eq!(
            page,
            "# A\n<!-- a: begin -->\n\nnew\n\n<!-- a: end -->\nb <!-- b: begin --><!-- b: end -->\n"
        );
    }

    #[test]
    fn replacing_twice_gives_the_same_page() {
        let once = replace(PAGE, "b", "new").expect("both markers");
        assert_eq!(replace(&once, "b", "new").expect("both markers"), once);
    }

    #[test]
    fn a_missing_marker_is_named() {
        let error = replace(PAGE, "c", "new").expect_err("no such section");
        assert_eq!(error.to_string(), "the marker <!-- c: begin --> is missing");
        let error = replace("<!-- c: begin -->", "c", "new").expect_err("no end");
        assert_eq!(error.to_string(), "the marker <!-- c: end --> is missing");
    }
}
