//! The network against values computed once by independent implementations; see `tests/golden/README.md`.

#[path = "golden/crf.rs"]
mod crf;
#[path = "golden/encoder.rs"]
mod encoder;
#[path = "golden/fixture.rs"]
mod fixture;
#[path = "golden/masked_language_head.rs"]
mod masked_language_head;
#[path = "golden/minilm.rs"]
mod minilm;
#[path = "golden/recurrent.rs"]
mod recurrent;
#[path = "golden/relation.rs"]
mod relation;
