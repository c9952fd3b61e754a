//! Trainer of the joint network: a configuration and a corpus in, a run folder with a bundle out.

pub mod auxiliary;
mod batch_gradients;
pub mod batching;
pub mod config;
pub mod corpus;
pub mod corpus_choice;
pub mod corpus_files;
pub mod cross_validation;
pub mod dataset;
pub mod error;
pub mod evaluation;
pub mod input_noise;
pub mod loss;
pub mod optimizer;
mod preparation;
pub mod pretrained;
pub mod processes;
mod progress_bar;
pub mod run_folder;
pub mod schedule;
pub mod seed;
pub mod seeded_vars;
pub mod segmentation;
mod starting_weights;
mod state;
pub mod statistics;
pub mod trainer;
pub mod weight_average;
pub mod whole_file;

pub use candle_core::Device;
pub use config::RunConfig;
pub use corpus::Corpus;
pub use error::{Result, TrainError};
pub use preparation::{Run, RunInput};
pub use starting_weights::TakenOver;
pub use trainer::Outcome;
