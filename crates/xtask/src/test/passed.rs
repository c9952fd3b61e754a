//! How many tests passed, read from what the test programs print.

/// Passed tests in the output of `cargo test` or wasm-bindgen's runner (`test result: ok. 3 passed; …`, once a program).
pub(super) fn by_cargo(output: &str) -> usize {
    output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("test result: ok. "))
        .filter_map(|rest| rest.split_once(" passed"))
        .filter_map(|(count, _)| count.parse::<usize>().ok())
        .sum()
}

/// Passed tests in the output of `node --test` with its `spec` reporter (`ℹ pass 3`, once at the end).
pub(super) fn by_node(output: &str) -> usize {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("ℹ pass "))
        .filter_map(|count| count.trim().parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_prints_one_result_for_each_test_program() {
        let output = "running 2 tests\n..\n\
                      test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                      running 11 tests\n\
                      test result: ok. 11 passed; 0 failed; 0 ignored; 0 filtered out; finished in 1.20s\n";
        assert_eq!(by_cargo(output), 13);
    }

    #[test]
    fn failed_programs_and_other_lines_count_nothing() {
        assert_eq!(
            by_cargo("test result: FAILED. 2 passed; 1 failed;\n3 passed\n"),
            0
        );
    }

    #[test]
    fn node_prints_one_result_at_the_end() {
        assert_eq!(
            by_node("✔ opens (12ms)\nℹ tests 5\nℹ suites 0\nℹ pass 4\nℹ fail 1\n"),
            4
        );
    }
}
