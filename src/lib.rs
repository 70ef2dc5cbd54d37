#![doc = include_str!("README.md")]

pub mod apply;
pub mod model;
pub mod org;
pub mod plan;
pub mod salesforce;
