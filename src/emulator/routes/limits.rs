//! `limits` and `limits/recordCount`.
//! Source: REST API Developer Guide, "Limits" and "Record Count": objects without records are left
//! out, unknown ones as well.

use serde_json::{Value as Json, json};

use super::{Answer, ApiError, Call, World, wrong_method};

pub(super) fn answer(world: &World, call: &Call, rest: &[&str]) -> Answer {
    match (call.method.as_str(), rest) {
        ("GET", []) => limits(world),
        ("GET", ["recordCount"]) => record_count(world, call),
        (method, [] | ["recordCount"]) => wrong_method(method, "HEAD,GET"),
        _ => ApiError::not_found().into(),
    }
}

fn limits(world: &World) -> Answer {
    let max = world.org.settings.daily_calls;
    let left = max.saturating_sub(world.calls);
    let whole = |max: u64| json!({ "Max": max, "Remaining": max });
    Answer::json(
        200,
        &json!({
            "DailyApiRequests": { "Max": max, "Remaining": left },
            "DailyAsyncApexExecutions": whole(250_000),
            "DailyBulkApiBatches": whole(15_000),
            "DailyBulkV2QueryFileStorageMB": whole(976_562),
            "DailyBulkV2QueryJobs": whole(10_000),
            "DataStorageMB": whole(1_024),
            "FileStorageMB": whole(1_024),
            "PermissionSets": { "Max": 1_500, "Remaining": 1_489,
                "CreateCustom": { "Max": 1_000, "Remaining": 989 } },
            "SingleEmail": whole(5_000),
        }),
    )
}

fn record_count(world: &World, call: &Call) -> Answer {
    let named: Vec<&str> = call.param("sObjects").unwrap_or_default().split(',').collect();
    let wanted = |name: &str| {
        call.param("sObjects").is_none()
            || named.iter().any(|one| one.trim().eq_ignore_ascii_case(name))
    };
    let infos = world.org.schema.objects().filter(|info| wanted(&info.name));
    let list: Vec<Json> = infos
        .map(|info| (info, world.org.rows(info.object).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(info, count)| json!({ "count": count, "name": info.name }))
        .collect();
    Answer::json(200, &json!({ "sObjects": list }))
}
