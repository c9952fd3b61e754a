//! Static word vectors from a text file as GloVe's are published: `word number … number`, a word a line.

use std::{
    collections::HashSet,
    fmt,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};
use spanarc_model::config::WordVectorConfig;

use crate::{
    config::WordsChoice,
    error::{Result, TrainError},
};

/// The vectors of some words of a file.
#[derive(Debug)]
pub struct PretrainedWords {
    /// The file.
    pub path: PathBuf,
    /// Shape of the table.
    pub config: WordVectorConfig,
    /// One word a line, in the order of the file.
    pub words: String,
    /// `[vocabulary, size]`
    pub vectors: Tensor,
    /// How many words of the data have a vector.
    pub coverage: WordCoverage,
}

/// How many different words of the data have a vector, as they stand or in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordCoverage {
    /// Those that have one.
    pub found: usize,
    /// All of them.
    pub different: usize,
}

impl fmt::Display for WordCoverage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, different } = self;
        write!(
            formatter,
            "{found} of {different} different words of the data have a vector"
        )
    }
}

impl PretrainedWords {
    /// Reads the vectors of the words of `data`, as they stand and in lower case, and of the first
    /// [`WordsChoice::frequent`] words of the file. Of a word that stands twice the first vector counts. Errors name the
    /// line.
    pub fn read<'a>(
        path: &Path,
        choice: &WordsChoice,
        data: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let file = File::open(path).map_err(|source| TrainError::io(path, source))?;
        let data: HashSet<&str> = data.into_iter().collect();
        let spellings = |word: &str| [word.to_lowercase(), word.to_owned()];
        let wanted: HashSet<String> = data.iter().flat_map(|word| spellings(word)).collect();
        let mut table = Table::default();
        let mut lines = BufReader::with_capacity(1 << 20, file);
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            if read.map_err(|source| TrainError::io(path, source))? == 0 {
                break;
            }
            number += 1;
            table
                .add(&line, number, choice, &wanted)
                .map_err(|reason| TrainError::WordVectors {
                    path: path.to_owned(),
                    line: number,
                    reason,
                })?;
        }
        if table.words.is_empty() {
            return Err(TrainError::NoWordVectors {
                path: path.to_owned(),
            });
        }
        let config = WordVectorConfig {
            vocabulary: table.words.len(),
            size: choice.size,
        };
        let has_vector = |word: &&&str| {
            spellings(word)
                .iter()
                .any(|word| table.known.contains(word))
        };
        let coverage = WordCoverage {
            found: data.iter().filter(has_vector).count(),
            different: data.len(),
        };
        let shape = (config.vocabulary, config.size);
        Ok(Self {
            path: path.to_owned(),
            config,
            words: table.words.join("\n"),
            vectors: Tensor::from_vec(table.numbers, shape, &Device::Cpu)?,
            coverage,
        })
    }
}

#[derive(Default)]
struct Table {
    words: Vec<String>,
    known: HashSet<String>,
    numbers: Vec<f32>,
}

impl Table {
    fn add(
        &mut self,
        line: &[u8],
        number: usize,
        choice: &WordsChoice,
        wanted: &HashSet<String>,
    ) -> std::result::Result<(), String> {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Ok(());
        }
        let size = choice.size;
        let (word, numbers) = split(line, size)
            .ok_or_else(|| format!("is not a word and {size} numbers (words.size)"))?;
        let word = std::str::from_utf8(word).map_err(|error| error.to_string())?;
        if number == 1
            && let Some(longer) = numbers_of_a_longer_vector(word)
        {
            let found = size + longer;
            return Err(format!(
                "has {found} numbers, but words.size is {size}: set it to {found}"
            ));
        }
        let kept = number <= choice.frequent || wanted.contains(word);
        if !kept || self.known.contains(word) {
            return Ok(());
        }
        for number in numbers.split(|byte| *byte == b' ') {
            let number = String::from_utf8_lossy(number);
            match number.parse::<f32>() {
                Ok(value) if value.is_finite() => self.numbers.push(value),
                _ => return Err(format!("{number:?} is not a finite number")),
            }
        }
        self.words.push(word.to_owned());
        self.known.insert(word.to_owned());
        Ok(())
    }
}

/// A line's word and its `size` numbers. Words may hold spaces, so the numbers are counted from the right.
fn split(line: &[u8], size: usize) -> Option<(&[u8], &[u8])> {
    let mut end = line.len();
    for _ in 0..size {
        end = line[..end].iter().rposition(|byte| *byte == b' ')?;
    }
    (end > 0).then(|| (&line[..end], &line[end + 1..]))
}

/// How many numbers follow in what was taken for a word, if they are nothing but numbers.
fn numbers_of_a_longer_vector(word: &str) -> Option<usize> {
    let fields: Vec<&str> = word.split(' ').skip(1).collect();
    let numbers = fields.iter().all(|field| field.parse::<f32>().is_ok());
    (numbers && !fields.is_empty()).then_some(fields.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, frequent: usize, data: &[&str]) -> Result<PretrainedWords> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors.txt");
        std::fs::write(&path, text).unwrap();
        let choice = WordsChoice {
            size: 2,
            frequent,
            ..WordsChoice::default()
        };
        PretrainedWords::read(&path, &choice, data.iter().copied())
    }

    fn vectors(words: &PretrainedWords) -> Vec<Vec<f32>> {
        words.vectors.to_vec2().unwrap()
    }

    #[test]
    fn only_words_of_the_data_and_frequent_ones_are_read() {
        let text = "the 1 2\nof 3 4\nMary 5 6\nmary 7 8\nunseen 9 10\nboston 11 12\n";
        let words = read(text, 1, &["Mary", "Boston"]).unwrap();
        assert_eq!(words.words, "the\nMary\nmary\nboston");
        assert_eq!(
            vectors(&words),
            [[1., 2.], [5., 6.], [7., 8.], [11., 12.]].map(Vec::from)
        );
        assert_eq!(words.config.vocabulary, 4);
    }

    #[test]
    fn different_words_of_the_data_are_counted_once_and_found_in_lower_case_too() {
        let text = "the 1 2\nMary 5 6\nboston 11 12\n";
        let data = ["Mary", "BOSTON", "mary", "Mary", "Oslo"];
        let coverage = read(text, 1, &data).unwrap().coverage;
        assert_eq!(
            coverage.to_string(),
            "2 of 4 different words of the data have a vector"
        );
    }

    #[test]
    fn words_may_hold_spaces_and_look_like_numbers() {
        let text = "a 1 2\n. . . 3 4\n1999 5 6\n12 1/2 7 -8e-1\r\n\n";
        let words = read(text, 10, &[]).unwrap();
        assert_eq!(words.words, "a\n. . .\n1999\n12 1/2");
        assert_eq!(vectors(&words)[3], [7., -0.8]);
    }

    #[test]
    fn the_first_of_equal_words_counts() {
        let words = read("a 1 2\na 3 4\n", 10, &[]).unwrap();
        assert_eq!(vectors(&words), [vec![1., 2.]]);
    }

    #[test]
    fn lines_that_are_no_vectors_are_named_by_file_and_number() {
        for (text, message) in [
            ("a 1 2\nb 3\n", "line 2: is not a word and 2 numbers"),
            ("a 1 2\n 3 4\n", "line 2: is not a word and 2 numbers"),
            ("a 1 x\n", "line 1: \"x\" is not a finite number"),
            ("a 1 2\nb 1 inf\n", "line 2: \"inf\" is not a finite number"),
            ("c 1 2\na 1  2\n", "line 2: \"\" is not a finite number"),
            ("a 1 2 3 4\n", "line 1: has 4 numbers, but words.size is 2"),
        ] {
            let error = read(text, 10, &["b"]).unwrap_err().to_string();
            assert!(
                error.contains("vectors.txt, ") && error.contains(message),
                "{error}"
            );
        }
    }

    #[test]
    fn a_file_without_any_word_of_the_data_is_refused() {
        let error = read("x 1 2\n", 0, &["Mary"]).unwrap_err().to_string();
        assert!(error.contains("vectors.txt"), "{error}");
    }
}
