//! Trainer of the joint network: a configuration and a corpus in, a run folder with a bundle out.

pub mod batching;
pub mod config;
pub mod dataset;
pub mod error;
pub mod evaluation;
pub mod loss;
pub mod optimizer;
pub mod pretrained;
pub mod run_folder;
pub mod schedule;
pub mod seeded_vars;
pub mod trainer;
pub mod weight_average;

pub use candle_core::Device;
pub use config::RunConfig;
pub use error::{Result, TrainError};
pub use trainer::{Outcome, RunInput, train};
