//! Whether a failed request is worth another try, and after how long. Pure: it neither waits nor
//! asks, and chance is passed in.
//!
//! Sources: REST API Developer Guide, "Status Codes and Error Responses"; Salesforce Developer Limits
//! Quick Reference, "Concurrent API Request Limits" for the two meanings of `REQUEST_LIMIT_EXCEEDED`.

use std::time::Duration;

use super::Error;
use super::call::Repeat;

/// The most tries of one request.
const TRIES: u32 = 5;
/// The longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_mins(2);

/// A request that failed.
pub(super) struct Failed<'a> {
    /// Which try it was, counted from 1.
    pub(super) attempt: u32,
    pub(super) error: &'a Error,
    pub(super) repeat: Repeat,
    /// What the server asked for.
    pub(super) retry_after: Option<Duration>,
}

/// How long pauses are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Before the second try of anything.
    pub(super) short: Duration,
    /// Before the second try when too many long requests run.
    pub(super) crowded: Duration,
}

impl Pace {
    /// For an org on the network.
    pub(super) const NETWORK: Self =
        Self { short: Duration::from_millis(500), crowded: Duration::from_secs(10) };
    /// For one on this machine, which nobody else uses.
    pub(super) const LOOPBACK: Self =
        Self { short: Duration::from_millis(5), crowded: Duration::from_millis(5) };
}

/// How often a kind of failure may happen before the request has failed, and the pause after it.
enum Patience {
    None,
    Tries(u32),
    Crowded,
}

/// How long to wait before the next try, if there is to be one. `chance`, from 0 up to 1, spreads
/// the pauses of many clients: each is between half and all of its step.
pub(super) fn wait(failed: &Failed<'_>, pace: Pace, chance: f64) -> Option<Duration> {
    if failed.repeat == Repeat::IfNotDone && failed.error.is_outcome_unknown() {
        return None;
    }
    let (tries, step) = match patience(failed.error) {
        Patience::None => return None,
        Patience::Tries(tries) => (tries, pace.short),
        Patience::Crowded => (TRIES, pace.crowded),
    };
    if failed.attempt >= tries {
        return None;
    }
    if let Some(asked) = failed.retry_after {
        return (asked <= LONGEST).then_some(asked);
    }
    let step = step * 2_u32.pow(failed.attempt.saturating_sub(1));
    Some(step.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0))
}

fn patience(error: &Error) -> Patience {
    match error {
        Error::NotSent { cause, .. } if cause.contains("ertificate") => Patience::None,
        Error::NotSent { .. } | Error::NoAnswer { .. } | Error::Unreadable(_) => {
            Patience::Tries(TRIES)
        }
        Error::Api { code, message, .. } if code == "REQUEST_LIMIT_EXCEEDED" => {
            if message.starts_with("TotalRequests") { Patience::None } else { Patience::Crowded }
        }
        // The server has spent two minutes on it.
        Error::Api { code, .. } if code == "QUERY_TIMEOUT" => Patience::Tries(2),
        Error::Api { code, .. } if code == "TXN_SECURITY_METERING_ERROR" => Patience::Tries(TRIES),
        Error::Api { code, status: 500, .. } if code == "UNKNOWN_EXCEPTION" => Patience::Tries(2),
        Error::Api { status, .. } | Error::Foreign { status, .. } => match status {
            // The edge knows no such org; a deleted one answers so for ever.
            420 => Patience::Tries(3),
            406 | 429 | 500 | 502 | 503 | 504 => Patience::Tries(TRIES),
            _ => Patience::None,
        },
        Error::CursorLost
        | Error::Job { .. }
        | Error::SignIn { .. }
        | Error::BadUrl { .. }
        | Error::Version { .. }
        | Error::Query(_)
        | Error::Setup(_) => Patience::None,
    }
}

/// Reads `Retry-After`: seconds, or a date that counts from the answer's own.
pub(super) fn retry_after(header: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|moment| moment.timestamp());
    let wait = moment(header)?.duration_since(moment(date?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace::NETWORK;
    const BUSY: &[u8] = br#"[{"errorCode":"SERVER_UNAVAILABLE","message":"Server too busy"}]"#;
    const CROWD: &[u8] = br#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]"#;
    const DAY: &[u8] =
        br#"[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]"#;

    fn failed(error: &Error, attempt: u32, repeat: Repeat) -> Failed<'_> {
        Failed { attempt, error, repeat, retry_after: None }
    }

    fn tries(error: &Error, repeat: Repeat) -> u32 {
        let again = |attempt: &u32| wait(&failed(error, *attempt, repeat), PACE, 0.5).is_some();
        u32::try_from((1..100).take_while(again).count()).unwrap() + 1
    }

    fn lost() -> Error {
        Error::NoAnswer { host: "h".to_owned(), cause: "reset".to_owned() }
    }

    #[test]
    fn pauses_double_and_are_spread() {
        let busy = Error::answer(503, BUSY);
        let pauses = |chance: f64| -> Vec<_> {
            let pause = |n| wait(&failed(&busy, n, Repeat::Safe), PACE, chance);
            (1..=5).map(|n| pause(n).map(|pause| pause.as_millis())).collect()
        };
        assert_eq!(pauses(0.0), [Some(250), Some(500), Some(1000), Some(2000), None]);
        assert_eq!(pauses(1.0), [Some(500), Some(1000), Some(2000), Some(4000), None]);
    }

    #[test]
    fn what_only_reads_is_repeated_after_every_passing_fault() {
        for (status, body, expected) in [
            (503, BUSY, 5),
            (503, b"<html>no healthy upstream</html>", 5),
            (502, b"upstream connect error", 5),
            (429, b"", 5),
            (406, b"", 5),
            (420, b"", 3),
            (403, CROWD, 5),
            (400, br#"[{"errorCode":"QUERY_TIMEOUT","message":"x"}]"#, 2),
            (500, br#"[{"errorCode":"UNKNOWN_EXCEPTION","message":"x"}]"#, 2),
            (403, DAY, 1),
            (400, br#"[{"errorCode":"INVALID_FIELD","message":"x"}]"#, 1),
            (401, br#"[{"errorCode":"INVALID_SESSION_ID","message":"x"}]"#, 1),
            (404, b"", 1),
        ] {
            let error = Error::answer(status, body);
            assert_eq!(tries(&error, Repeat::Safe), expected, "{status} {error}");
        }
        assert_eq!(tries(&lost(), Repeat::Safe), 5);
    }

    #[test]
    fn a_create_is_repeated_only_if_it_was_certainly_not_carried_out() {
        let not_sent = Error::NotSent { host: "h".to_owned(), cause: "refused".to_owned() };
        for (error, expected) in [
            (lost(), 1),
            (Error::Unreadable("half".to_owned()), 1),
            (Error::answer(500, b"<html>"), 1),
            (Error::answer(503, b"upstream connect error"), 1),
            (Error::answer(504, b""), 1),
            (Error::answer(503, BUSY), 5),
            (Error::answer(403, CROWD), 5),
            (Error::answer(429, b""), 5),
            (not_sent, 5),
        ] {
            assert_eq!(tries(&error, Repeat::IfNotDone), expected, "{error}");
        }
    }

    #[test]
    fn too_many_long_requests_are_given_time() {
        let crowd = Error::answer(403, CROWD);
        let pause = wait(&failed(&crowd, 1, Repeat::Safe), PACE, 1.0).unwrap();
        assert_eq!(pause, Duration::from_secs(10));
    }

    #[test]
    fn the_servers_own_wish_is_followed_within_reason() {
        let busy = Error::answer(503, BUSY);
        let asked = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            wait(&Failed { retry_after, ..failed(&busy, 1, Repeat::Safe) }, PACE, 0.3)
        };
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(0), Some(Duration::ZERO));
        assert_eq!(asked(3600), None);
    }

    #[test]
    fn a_wish_is_a_number_or_a_date() {
        let date = Some("Mon, 23 Nov 2026 10:00:00 GMT");
        assert_eq!(retry_after("120", None), Some(Duration::from_mins(2)));
        assert_eq!(
            retry_after("Mon, 23 Nov 2026 10:00:30 GMT", date),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after("Mon, 23 Nov 2026 09:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(retry_after("Mon, 23 Nov 2026 10:00:30 GMT", None), None);
        assert_eq!(retry_after("soon", date), None);
    }
}
