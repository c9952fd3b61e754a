use candle_core::Result;
use spanarc_corpus::TagScheme;
use spanarc_model::crf::{Crf, Lattice};

use crate::fixture::{Fixture, assert_all_close, assert_close};

struct Golden {
    fixture: Fixture,
    tokens: usize,
    tags: usize,
    lengths: Vec<usize>,
}

impl Golden {
    fn read() -> Result<Self> {
        let fixture = Fixture::read("crf.safetensors")?;
        let (_, tokens, tags) = fixture.get("emissions").dims3()?;
        Ok(Self {
            tokens,
            tags,
            lengths: fixture.indices("lengths")?,
            fixture,
        })
    }

    fn crf(&self) -> Result<Crf> {
        Crf::new(self.tags, self.fixture.builder())
    }

    /// Emissions of each sentence without padding, `[length, tags]`.
    fn emissions(&self) -> Result<Vec<Vec<f32>>> {
        let emissions = self.fixture.numbers("emissions")?;
        let sentence = |(index, length): (usize, &usize)| {
            emissions[index * self.tokens * self.tags..][..length * self.tags].to_vec()
        };
        Ok(self.lengths.iter().enumerate().map(sentence).collect())
    }

    /// A tensor of tags `[batch, tokens]` as one sequence a sentence, without padding.
    fn sequences(&self, name: &str) -> Result<Vec<Vec<usize>>> {
        let tags = self.fixture.indices(name)?;
        let rows = tags.chunks(self.tokens).zip(&self.lengths);
        Ok(rows.map(|(row, length)| row[..*length].to_vec()).collect())
    }
}

#[test]
fn loss_and_gradients_are_those_of_enumeration() -> Result<()> {
    let golden = Golden::read()?;
    let variables = golden.fixture.variables()?;
    let crf = Crf::new(golden.tags, variables.builder())?;
    let nll = crf.nll(variables.get("emissions"), golden.sequences("gold")?)?;
    assert_close("nll", &nll, golden.fixture.get("nll"), 1e-5)?;
    let gradients = nll
        .mul(golden.fixture.get("weights"))?
        .sum_all()?
        .backward()?;
    golden
        .fixture
        .part("gradients.")
        .assert_gradients(&variables, &gradients, 1e-5)
}

#[test]
fn partition_and_marginals_are_those_of_enumeration() -> Result<()> {
    let golden = Golden::read()?;
    let transitions = golden.crf()?.decoder(None)?;
    let partitions = golden.fixture.numbers("log_partition")?;
    let marginals = golden.fixture.numbers("marginals")?;
    let step_marginals = golden.fixture.numbers("step_marginals")?;
    let (tokens, tags) = (golden.tokens, golden.tags);
    for (sentence, emissions) in golden.emissions()?.iter().enumerate() {
        let lattice = Lattice::new(&transitions, emissions);
        assert_all_close(
            "log partition",
            &[lattice.log_partition() as f32],
            &partitions[sentence..][..1],
            1e-6,
        );
        let length = golden.lengths[sentence];
        for token in 0..length {
            let ours: Vec<f32> = (0..tags)
                .map(|tag| lattice.marginal(token, tag) as f32)
                .collect();
            assert_all_close(
                "marginals",
                &ours,
                &marginals[(sentence * tokens + token) * tags..][..tags],
                1e-6,
            );
            if token + 1 < length {
                let ours: Vec<f32> = (0..tags * tags)
                    .map(|pair| lattice.step_marginal(token, pair / tags, pair % tags) as f32)
                    .collect();
                let start = (sentence * (tokens - 1) + token) * tags * tags;
                assert_all_close(
                    "step marginals",
                    &ours,
                    &step_marginals[start..][..tags * tags],
                    1e-6,
                );
            }
        }
    }
    Ok(())
}

#[test]
fn span_probabilities_are_those_of_enumeration() -> Result<()> {
    let golden = Golden::read()?;
    let transitions = golden.crf()?.decoder(None)?;
    let emissions = golden.emissions()?;
    let probabilities = golden.fixture.numbers("span_probabilities")?;
    for (span, expected) in golden
        .fixture
        .indices("spans")?
        .chunks(4)
        .zip(probabilities)
    {
        let (sentence, start, count, entity_type) = (span[0], span[1], span[2], span[3]);
        let (begin, inside) = (1 + 2 * entity_type, 2 + 2 * entity_type);
        let tags: Vec<usize> = (0..count)
            .map(|at| if at == 0 { begin } else { inside })
            .collect();
        let lattice = Lattice::new(&transitions, &emissions[sentence]);
        let ours = lattice.path_marginal(start, &tags, Some(inside)) as f32;
        assert_all_close(&format!("span {span:?}"), &[ours], &[expected], 1e-6);
    }
    Ok(())
}

#[test]
fn best_sequences_are_those_of_enumeration() -> Result<()> {
    let golden = Golden::read()?;
    for (scheme, name) in [(None, "best"), (Some(TagScheme::Bio), "bio_best")] {
        let transitions = golden.crf()?.decoder(scheme)?;
        let ours: Vec<_> = golden
            .emissions()?
            .iter()
            .map(|emissions| Lattice::new(&transitions, emissions).viterbi())
            .collect();
        assert_eq!(ours, golden.sequences(name)?, "{name}");
    }
    assert_ne!(golden.sequences("best")?, golden.sequences("bio_best")?);
    Ok(())
}
