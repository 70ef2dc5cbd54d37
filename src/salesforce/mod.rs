//! The Salesforce REST protocol, ignorant of portals. The only module that knows HTTP.
//!
//! A [`Client`] gives out a [`Reader`], which has no method that writes, and a [`Writer`], which
//! `apply` alone is handed. All requests go through one session, which signs in again when the
//! server has ended it, repeats what may be repeated, and counts.

mod auth;
mod bulk_query;
mod call;
mod client;
mod collections;
mod composite;
mod csv_row;
mod describe;
mod error;
mod http;
mod ingest;
mod jobs;
mod limits;
mod packed;
mod password;
mod query;
mod record;
mod retry;
mod rows;
mod session;
mod soql;
mod usage;
mod versions;
mod whoami;

pub use auth::{
    AccessToken, ClientCredentials, Clock, Jwt, PrivateKey, RefreshToken, SfCli, SignIn,
};
pub use client::{Client, Connect, is_loopback_url, same_host};
pub use collections::{Answer, Writer};
pub use composite::Batch;
pub use describe::{Describe, FieldDescribe, FieldType, PicklistValue};
pub use error::{Error, RecordError};
pub use http::Transport;
pub use ingest::{Fate, IngestOperation, Ingested};
pub use jobs::RunningJob;
pub use limits::{Limit, Limits};
pub use query::Reader;
pub use record::{FieldValue, Record};
pub use rows::{ByPath, Keep};
pub use session::chance;
pub use soql::{Filter, Soql};
pub use usage::{Day, Usage};
pub use whoami::UserInfo;
