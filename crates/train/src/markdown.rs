//! Tables in Markdown.

/// A table. What is in the first column stands left, all else right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = |(column, _): (usize, _)| if column == 0 { "---" } else { "---:" }.to_owned();
    let mut text = line(&mut head.iter().map(ToString::to_string));
    text += &line(&mut head.iter().enumerate().map(rule));
    for row in rows {
        text += &line(&mut row.iter().cloned());
    }
    text
}

/// A number with a comma at every thousand.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_off() {
        assert_eq!(
            [0, 999, 1000, 1234567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn a_cell_cannot_break_its_row() {
        let text = table(&["a", "b"], &[vec!["x|y".into(), "1".into()]]);
        assert_eq!(text, "| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n");
    }
}
