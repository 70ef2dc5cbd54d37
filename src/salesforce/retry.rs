//! Whether a failed read is worth another try, and after how long. Pure: it neither waits nor asks.
//!
//! Reads are safe to repeat. Writes never come here.

use std::time::Duration;

use super::Error;

/// The most tries of one read.
const TRIES: u32 = 4;

/// How long to wait before the next try, if there is to be one. `attempt` counts from 1.
pub(super) fn wait(attempt: u32, error: &Error, base: Duration) -> Option<Duration> {
    let again = match error {
        Error::NotSent { cause, .. } => !cause.contains("ertificate"),
        Error::NoAnswer { .. } | Error::Unreadable(_) => true,
        Error::Foreign { status, .. } | Error::Api { status, .. }
            if matches!(status, 420 | 429 | 500 | 502 | 503 | 504) =>
        {
            true
        }
        Error::Api { code, message, .. } => {
            code == "REQUEST_LIMIT_EXCEEDED" && message.starts_with("ConcurrentRequests")
        }
        Error::Foreign { .. }
        | Error::BadUrl { .. }
        | Error::Version { .. }
        | Error::Query(_)
        | Error::Setup(_) => false,
    };
    (again && attempt < TRIES).then(|| base * 2_u32.pow(attempt - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_repeated_a_few_times_with_growing_pauses() {
        let busy =
            Error::answer(503, b"[{\"errorCode\":\"SERVER_UNAVAILABLE\",\"message\":\"x\"}]");
        let base = Duration::from_millis(500);
        let waits: Vec<_> = (1..=4).map(|attempt| wait(attempt, &busy, base)).collect();
        let millis = |n| Some(Duration::from_millis(n));
        assert_eq!(waits, [millis(500), millis(1000), millis(2000), None]);
    }

    #[test]
    fn the_daily_limit_and_a_refusal_end_it_at_once() {
        for body in [
            &br#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]"#[..],
            br#"[{"errorCode":"INVALID_FIELD","message":"No such column"}]"#,
        ] {
            assert_eq!(wait(1, &Error::answer(403, body), Duration::from_secs(1)), None);
        }
        let concurrent = br#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]"#;
        assert!(wait(1, &Error::answer(403, concurrent), Duration::from_secs(1)).is_some());
    }
}
