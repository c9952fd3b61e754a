//! Exact inference on one sentence's lattice: forward and backward sums, Viterbi, probabilities of spans.
//!
//! Sums run in f64 log space: sentences are short, and the same numbers come out natively and in WebAssembly. They take tags² · tokens
//! exponentials, which is why these are not libm's, one call each.

use spanarc_corpus::TagScheme;
use spanarc_kernels::activation::exp64;

/// Start, end and transition scores of a chain, with forbidden steps at −∞.
#[derive(Debug, Clone)]
pub struct Transitions {
    tags: usize,
    start: Vec<f32>,
    end: Vec<f32>,
    /// `[from, to]`
    steps: Vec<f32>,
}

impl Transitions {
    /// `start [tags]`, `end [tags]`, `steps [tags, tags]` flat.
    pub fn new(start: Vec<f32>, end: Vec<f32>, steps: Vec<f32>) -> Self {
        let tags = start.len();
        debug_assert!(end.len() == tags && steps.len() == tags * tags);
        Self {
            tags,
            start,
            end,
            steps,
        }
    }

    /// No step is better than another, but for those that `scheme` forbids.
    pub fn of_scheme(scheme: TagScheme, entity_types: usize) -> Self {
        let tags = scheme.tag_count(entity_types);
        let mut transitions = Self::new(vec![0.; tags], vec![0.; tags], vec![0.; tags * tags]);
        transitions.restrict(|from, to| scheme.allows(from, to));
        transitions
    }

    /// Forbids every step for which `allowed(from, to)` is false; `None` stands for the sentence's border.
    pub fn restrict(&mut self, allowed: impl Fn(Option<usize>, Option<usize>) -> bool) {
        for tag in 0..self.tags {
            if !allowed(None, Some(tag)) {
                self.start[tag] = f32::NEG_INFINITY;
            }
            if !allowed(Some(tag), None) {
                self.end[tag] = f32::NEG_INFINITY;
            }
            for to in 0..self.tags {
                if !allowed(Some(tag), Some(to)) {
                    self.steps[tag * self.tags + to] = f32::NEG_INFINITY;
                }
            }
        }
    }

    fn step(&self, from: usize, to: usize) -> f64 {
        f64::from(self.steps[from * self.tags + to])
    }
}

/// log Σ exp, −∞ for nothing.
fn log_sum_exp(values: &[f64]) -> f64 {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        top
    } else {
        top + values
            .iter()
            .map(|value| exp64(value - top))
            .sum::<f64>()
            .ln()
    }
}

/// The lattice of one sentence.
#[derive(Debug)]
pub struct Lattice<'a> {
    transitions: &'a Transitions,
    /// `[tokens, tags]`
    emissions: &'a [f32],
    tokens: usize,
    /// log Σ over prefixes ending in a tag, `[tokens, tags]`, emission included.
    forward: Vec<f64>,
    /// log Σ over suffixes after a tag, `[tokens, tags]`, its own emission excluded.
    backward: Vec<f64>,
    log_partition: f64,
}

impl<'a> Lattice<'a> {
    /// Runs the forward and backward sums. `emissions` is `[tokens, tags]` flat.
    pub fn new(transitions: &'a Transitions, emissions: &'a [f32]) -> Self {
        let tags = transitions.tags;
        let tokens = emissions.len() / tags.max(1);
        let emission = |token: usize, tag: usize| f64::from(emissions[token * tags + tag]);
        let (mut forward, mut backward) = (vec![0.; tokens * tags], vec![0.; tokens * tags]);
        let mut paths = vec![0.; tags];
        for token in 0..tokens {
            for tag in 0..tags {
                let into = match token {
                    0 => f64::from(transitions.start[tag]),
                    _ => {
                        for (from, path) in paths.iter_mut().enumerate() {
                            *path =
                                forward[(token - 1) * tags + from] + transitions.step(from, tag);
                        }
                        log_sum_exp(&paths)
                    }
                };
                forward[token * tags + tag] = into + emission(token, tag);
            }
        }
        for token in (0..tokens).rev() {
            for tag in 0..tags {
                backward[token * tags + tag] = if token + 1 == tokens {
                    f64::from(transitions.end[tag])
                } else {
                    for (to, path) in paths.iter_mut().enumerate() {
                        *path = transitions.step(tag, to)
                            + emission(token + 1, to)
                            + backward[(token + 1) * tags + to];
                    }
                    log_sum_exp(&paths)
                };
            }
        }
        let log_partition = match tokens {
            0 => 0.,
            _ => {
                for (tag, path) in paths.iter_mut().enumerate() {
                    *path = forward[(tokens - 1) * tags + tag] + f64::from(transitions.end[tag]);
                }
                log_sum_exp(&paths)
            }
        };
        Self {
            transitions,
            emissions,
            tokens,
            forward,
            backward,
            log_partition,
        }
    }

    /// Tokens of the sentence.
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    fn emission(&self, token: usize, tag: usize) -> f64 {
        f64::from(self.emissions[token * self.transitions.tags + tag])
    }

    /// log Σ exp(score) over all tag sequences.
    pub fn log_partition(&self) -> f64 {
        self.log_partition
    }

    /// Score of a tag sequence, not normalised.
    pub fn score(&self, tags: &[usize]) -> f64 {
        let mut score = self.part(0, tags);
        if let (Some(first), Some(last)) = (tags.first(), tags.last()) {
            score +=
                f64::from(self.transitions.start[*first]) + f64::from(self.transitions.end[*last]);
        }
        score
    }

    /// Emissions and inner steps of `tags` placed at `start`.
    fn part(&self, start: usize, tags: &[usize]) -> f64 {
        let emissions: f64 = tags
            .iter()
            .enumerate()
            .map(|(at, tag)| self.emission(start + at, *tag))
            .sum();
        let steps: f64 = tags
            .windows(2)
            .map(|pair| self.transitions.step(pair[0], pair[1]))
            .sum();
        emissions + steps
    }

    /// P(tag at token).
    pub fn marginal(&self, token: usize, tag: usize) -> f64 {
        let at = token * self.transitions.tags + tag;
        (self.forward[at] + self.backward[at] - self.log_partition).exp()
    }

    /// P(tag `from` at token, tag `to` at the next).
    pub fn step_marginal(&self, token: usize, from: usize, to: usize) -> f64 {
        let tags = self.transitions.tags;
        (self.forward[token * tags + from]
            + self.transitions.step(from, to)
            + self.emission(token + 1, to)
            + self.backward[(token + 1) * tags + to]
            - self.log_partition)
            .exp()
    }

    /// P(exactly `tags` at `start..`, and not followed by `continuation`): the probability of a span, where
    /// `continuation` is the tag that would make the span longer.
    pub fn path_marginal(&self, start: usize, tags: &[usize], continuation: Option<usize>) -> f64 {
        let (Some(&first), Some(&last)) = (tags.first(), tags.last()) else {
            return 0.;
        };
        let width = self.transitions.tags;
        let end = start + tags.len();
        let into = self.forward[start * width + first] - self.emission(start, first);
        let out_of = match end < self.tokens {
            false => f64::from(self.transitions.end[last]),
            true => {
                let others = (0..width).filter(|to| Some(*to) != continuation);
                let paths = others.map(|to| {
                    self.transitions.step(last, to)
                        + self.emission(end, to)
                        + self.backward[end * width + to]
                });
                log_sum_exp(&paths.collect::<Vec<_>>())
            }
        };
        (into + self.part(start, tags) + out_of - self.log_partition)
            .exp()
            .clamp(0., 1.)
    }

    /// The best tag sequence; the lower tag wins a tie.
    pub fn viterbi(&self) -> Vec<usize> {
        let tags = self.transitions.tags;
        let Some(last_token) = self.tokens.checked_sub(1) else {
            return Vec::new();
        };
        let best = |scores: &mut dyn Iterator<Item = f64>| {
            scores
                .enumerate()
                .fold((0, f64::NEG_INFINITY), |best, (tag, score)| {
                    if score > best.1 { (tag, score) } else { best }
                })
        };
        let mut scores: Vec<f64> = (0..tags)
            .map(|tag| f64::from(self.transitions.start[tag]) + self.emission(0, tag))
            .collect();
        let mut origins = Vec::with_capacity(last_token * tags);
        for token in 1..self.tokens {
            let mut next = Vec::with_capacity(tags);
            for tag in 0..tags {
                let (from, score) = best(
                    &mut (0..tags).map(|from| scores[from] + self.transitions.step(from, tag)),
                );
                origins.push(from);
                next.push(score + self.emission(token, tag));
            }
            scores = next;
        }
        let (mut tag, _) =
            best(&mut (0..tags).map(|tag| scores[tag] + f64::from(self.transitions.end[tag])));
        let mut path = vec![tag];
        for token in (0..last_token).rev() {
            tag = origins[token * tags + tag];
            path.push(tag);
        }
        path.reverse();
        path
    }
}
