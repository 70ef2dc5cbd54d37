//! The requests that were answered: for people who look and tests that count.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

/// How many requests are remembered; the file has them all.
const MOST: usize = 50_000;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

/// The log, in memory and, if wanted, in a file.
#[derive(Default)]
pub(super) struct Log {
    pub(super) requests: Vec<LoggedRequest>,
    pub(super) file: Option<PathBuf>,
}

impl Log {
    /// Adds a request. A file that cannot be written does not stop the server.
    pub(super) fn add(&mut self, request: LoggedRequest) {
        if let Some(path) = &self.file
            && let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path)
        {
            let line = json!({
                "method": request.method,
                "path": request.path,
                "status": request.status,
            });
            let _ = writeln!(file, "{line}");
        }
        if self.requests.len() >= MOST {
            self.requests.drain(..MOST / 10);
        }
        self.requests.push(request);
    }
}
