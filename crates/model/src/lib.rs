//! The joint entity and relation network of Crone 2020 in Candle, its quantised form and its bundle.

pub mod annotator;
pub mod bundle;
pub mod config;
pub mod recurrent;

pub use annotator::{Annotator, PredictedEntity, PredictedRelation, Prediction};
