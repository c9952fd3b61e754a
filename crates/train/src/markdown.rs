//! Tables and numbers in Markdown.

/// In place of a figure that is not there.
pub(crate) const NONE: &str = "–";

/// A table. Columns of figures stand right, all else left.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.map(|cell| line(&cell).replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let is_figure = |cell: &String| {
        cell.starts_with(|first: char| first.is_ascii_digit() || "+−–".contains(first))
    };
    let rule = |column: usize| match rows
        .iter()
        .all(|row| row.get(column).is_some_and(is_figure))
    {
        true => "---:".to_owned(),
        false => "---".to_owned(),
    };
    let mut text = line(&mut head.iter().map(ToString::to_string));
    text += &line(&mut (0..head.len()).map(rule));
    for row in rows {
        text += &line(&mut row.iter().cloned());
    }
    text
}

/// Text from outside as one line.
pub(crate) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A difference with its sign, as `+0.53` or `−0.20`.
pub(crate) fn signed(difference: f64) -> String {
    let sign = if difference < 0. { '−' } else { '+' };
    format!("{sign}{:.2}", difference.abs())
}

/// A number with a comma at every thousand.
pub fn grouped(number: u64) -> String {
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
    fn differences_have_a_sign() {
        assert_eq!([0.5, -0.256, 0.].map(signed), ["+0.50", "−0.26", "+0.00"]);
    }

    #[test]
    fn a_cell_cannot_break_its_row() {
        let text = table(&["a", "b"], &[vec!["x|y\n\n# z".into(), "1".into()]]);
        assert_eq!(text, "| a | b |\n| --- | ---: |\n| x\\|y # z | 1 |\n");
    }
}
