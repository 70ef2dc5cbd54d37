#![doc = include_str!("README.md")]

pub mod apply;
mod cli;
pub mod config;
pub mod doctor;
pub mod drift;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod import;
pub mod model;
pub mod org;
pub mod plan;
pub mod render;
pub mod salesforce;
pub mod saved;

pub use cli::run;
