//! The Salesforce REST protocol, ignorant of portals. The only module that knows HTTP.
//!
//! A [`Client`] gives out a [`Reader`], which has no method that writes, and a [`Writer`], which
//! `apply` alone is handed.

mod client;
mod collections;
mod error;
mod query;
mod record;
mod retry;
mod soql;
mod versions;

pub use client::{Client, Connect};
pub use collections::Writer;
pub use error::{Error, RecordError};
pub use query::{Reader, UserInfo};
pub use record::{FieldValue, Record};
pub use soql::{Filter, Soql};
