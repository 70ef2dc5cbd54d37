//! What each format shows, and what no hostile name gets past.

mod access;
mod fixture;
pub(crate) mod formats;
mod hostile;
mod night;
mod pipeline;
mod show;
