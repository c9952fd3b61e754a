//! The joint entity and relation network of Crone 2020 in Candle, its quantised form and its bundle.

pub mod annotator;
pub mod batch;
pub mod bundle;
pub mod calibration;
pub mod config;
pub mod crf;
pub mod dropout;
pub mod embedding;
pub mod error;
pub mod features;
#[cfg(feature = "cuda")]
pub mod gpu;
pub mod host;
pub mod linear;
pub mod network;
pub mod recurrent;
pub mod relation;
mod rows;
mod weight;

pub use annotator::{Annotator, PredictedEntity, PredictedRelation, Prediction};
pub use error::{ModelError, Result};
