//! Two people swap usernames, and the apply is cut off in the middle: nobody is left with the name of
//! the meantime, and nobody is locked out.

use std::collections::BTreeSet;

use portalctl::apply::Outcome;

use super::sweep::{ORG, PROJECT};
use super::world::{World, at};

const PEOPLE: &str = r#"
[[User]]
Username = "kim@acme.example"
LastName = "Osei"
Email = "kim.osei@acme.example"
Account = "Acme Corp"
Profile = "Acme Customer"
[[User]]
Username = "jamie@acme.example"
LastName = "Rivera"
Email = "jamie.rivera@acme.example"
Account = "Acme Corp"
Profile = "Acme Customer"
"#;

const SWAPPED: &str = r#"
[[users]]
username = "jamie@acme.example"
last_name = "Osei"
email = "kim.osei@acme.example"
renamed_from = "kim@acme.example"
[[users]]
username = "kim@acme.example"
last_name = "Rivera"
email = "jamie.rivera@acme.example"
renamed_from = "jamie@acme.example"
"#;

async fn world() -> World {
    let org = ORG.split("[[Contact]]").next().unwrap();
    World::new(&format!("{org}{PEOPLE}"), SWAPPED, PROJECT).await
}

fn active(picture: &BTreeSet<String>) -> usize {
    let users = picture.iter().filter(|line| line.contains("\"Username\":\""));
    users.filter(|line| line.contains("\"IsActive\":true")).count()
}

#[tokio::test]
async fn a_swap_that_is_cut_off_is_finished_by_the_next_run() {
    let swapped = world().await;
    let client = swapped.client().await;
    let plan = swapped.plan(&client).await;
    let before = swapped.requests();
    let report = swapped.carry_out(&client, &plan).await;
    assert!(report.is_complete(), "{plan:#?} {report:#?}");
    let calls = swapped.requests() - before;
    let undisturbed = swapped.picture().await;
    assert!(undisturbed.iter().any(|line| {
        line.contains("\"LastName\":\"Osei\"")
            && line.contains("\"Username\":\"jamie@acme.example\"")
    }));
    let mut halves = 0;
    // A daily limit that is used up, and then not, is as good as a process that is gone.
    for what in ["drop-before", "drop-after", "daily-limit"] {
        for k in 0..calls {
            let world = world().await;
            let client = world.client().await;
            let plan = world.plan(&client).await;
            world.fault(at(k, what)).await;
            let report = world.carry_out(&client, &plan).await;
            let unknown = report.count(|outcome| matches!(outcome, Outcome::Unknown(_)));
            assert_eq!(unknown, 0, "{what} {k}: {report:#?}");
            world.no_faults().await;
            let between = world.picture().await;
            assert_eq!(active(&between), active(&undisturbed), "{what} {k}: nobody is locked out");
            halves += usize::from(between.iter().any(|line| line.contains(".invalid")));
            let (_, second) = world.apply().await;
            assert!(second.is_complete(), "{what} {k}: {second:#?}");
            assert_eq!(world.picture().await, undisturbed, "{what} {k}");
        }
    }
    assert!(halves > 0, "some were cut off in the middle of the swap");
}
