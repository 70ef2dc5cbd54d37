//! What the writing side of the client promises, against the emulator.

use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{RecordId, UserId};
use portalctl::salesforce::{
    Answer, Batch, Client, Connect, Error, Fate, FieldType, FieldValue, Filter, IngestOperation,
    Record, Soql,
};
use serde::Deserialize;

use crate::support::acme;

const KIM: &str = r#"
[[User]]
Username = "kim.osei@acme.example"
LastName = "Osei"
Account = "Acme Corp"
Profile = "Acme Customer"
"#;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    last_name: Option<String>,
    title: Option<String>,
    email: Option<String>,
}

struct Org {
    running: Running,
    client: Client,
}

impl Org {
    async fn with(more: &str) -> Self {
        let emulator = Emulator::from_seed(&(acme(30) + KIM + more)).unwrap();
        let running = emulator.serve(ServeOptions::default()).await.unwrap();
        let connect = Connect::new(running.url().to_owned(), running.access_token().into());
        let client = Client::connect(connect).await.unwrap();
        Self { running, client }
    }

    async fn contacts(&self) -> Vec<Row> {
        let query = Soql::select(&["Id", "LastName", "Title", "Email"], "Contact");
        self.client.reader().query(&query).await.unwrap()
    }

    /// Requests that write, one a line.
    fn writes(&self) -> Vec<String> {
        let requests = self.running.requests();
        let writes = requests.iter().filter(|request| request.method != "GET");
        writes.map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

fn contact(name: &str) -> Record {
    Record::new().set("LastName", text(name))
}

#[tokio::test]
async fn five_batches_are_one_call_and_each_has_its_own_fate() {
    let org = Org::with("").await;
    let writer = org.client.writer();
    let many = |from: usize| -> Vec<Record> {
        (from..from + 200).map(|n| contact(&format!("Number{n}"))).collect()
    };
    let mut bad = many(400);
    bad[7] = Record::new().set("FirstName", text("Nameless"));
    let batches = [
        Batch::Create { object: "Contact", records: many(0) },
        Batch::Create { object: "Contact", records: many(200) },
        Batch::Create { object: "Contact", records: bad },
    ];
    let answers = writer.write_all(&batches).await;
    let counts: Vec<(usize, usize)> = answers
        .iter()
        .map(|batch| batch.as_ref().unwrap().as_ref().unwrap())
        .map(|batch| (batch.len(), batch.iter().filter(|answer| answer.is_ok()).count()))
        .collect();
    assert_eq!(counts, [(200, 200), (200, 200), (200, 199)]);
    let refused = answers[2].as_ref().unwrap().as_ref().unwrap()[7].clone().unwrap_err();
    assert_eq!(refused.code, "REQUIRED_FIELD_MISSING");
    assert_eq!(org.writes(), ["POST /services/data/v68.0/composite"]);
    assert_eq!(org.contacts().await.len(), 600);
}

#[tokio::test]
async fn what_looks_like_a_reference_arrives_as_the_text_it_is() {
    let org = Org::with("").await;
    let batches = [
        Batch::Create { object: "Contact", records: vec![contact("First")] },
        Batch::Create { object: "Contact", records: vec![contact("@{batch0.id}")] },
    ];
    for answer in org.client.writer().write_all(&batches).await {
        assert!(answer.unwrap().unwrap()[0].is_ok());
    }
    let names: Vec<_> = org.contacts().await.into_iter().filter_map(|row| row.last_name).collect();
    assert!(names.contains(&"@{batch0.id}".to_owned()), "{names:?}");
}

#[tokio::test]
async fn a_composite_whose_answer_is_lost_is_sent_once_and_all_of_it_is_unknown() {
    let org = Org::with(
        "[[Fault]]\nPath = \"/composite\"\nMethod = \"POST\"\nDo = \"drop-after\"\nTimes = 1\n",
    )
    .await;
    let one = |name: &str| Batch::Create { object: "Contact", records: vec![contact(name)] };
    let answers = org.client.writer().write_all(&[one("A"), one("B")]).await;
    for answer in answers {
        assert!(answer.unwrap().unwrap_err().is_outcome_unknown());
    }
    assert_eq!(org.contacts().await.len(), 3, "sent twice, it would be 5");
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_sent_again() {
    let org = Org::with(
        "[[Fault]]\nPath = \"/composite/sobjects\"\nMethod = \"PATCH\"\nDo = \"drop-after\"\nTimes = 1\n",
    )
    .await;
    let id = RecordId::observed(&org.contacts().await[0].id).unwrap();
    let change = Record::with_id(id).set("Title", text("Buyer"));
    let answers = org.client.writer().update("Contact", &[change]).await.unwrap();
    assert!(answers[0].is_ok());
    assert_eq!(org.writes().len(), 2);
    assert_eq!(org.contacts().await[0].title.as_deref(), Some("Buyer"));
}

#[tokio::test]
async fn after_the_daily_limit_nothing_more_is_sent() {
    let org =
        Org::with("[[Fault]]\nPath = \"/composite\"\nMethod = \"POST\"\nDo = \"daily-limit\"\n")
            .await;
    let batches: Vec<Batch> = (0..12)
        .map(|n| Batch::Create { object: "Contact", records: vec![contact(&format!("N{n}"))] })
        .collect();
    let answers = org.client.writer().write_all(&batches).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_some()).count(), 5);
    assert_eq!(answers.len(), 12);
    assert_eq!(org.writes().len(), 1);
}

fn answers(fates: Vec<Fate>) -> Vec<Answer> {
    let answer = |fate| match fate {
        Fate::Answered(answer) => answer,
        other @ (Fate::NotForBulk | Fate::Untold) => panic!("{other:?}"),
    };
    fates.into_iter().map(answer).collect()
}

fn is_done(fate: &Fate) -> bool {
    matches!(fate, Fate::Answered(Ok(_)))
}

#[tokio::test]
async fn a_bulk_job_gives_each_record_its_own_answer() {
    let org = Org::with("").await;
    let writer = org.client.writer();
    let mut records: Vec<Record> = (0..300)
        .map(|n| {
            contact(&format!("Number \"{n}\",\nx"))
                .set("Email", text(&format!("n{n}@acme.example")))
        })
        .collect();
    records[250] = Record::new().set("Email", text("nameless@acme.example"));
    let insert = IngestOperation::Insert { key: &["Email"] };
    let done = writer.ingest("Contact", insert, &records, &|| true).await.unwrap();
    assert!(done.job.starts_with("750"));
    let answers = answers(done.fates);
    assert_eq!(answers.len(), 300);
    assert_eq!(answers[250].as_ref().unwrap_err().code, "REQUIRED_FIELD_MISSING");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 299);

    let id = *answers[3].as_ref().unwrap();
    let found = org.contacts().await.into_iter().find(|row| row.id == id.as_str()).unwrap();
    assert_eq!(found.last_name.as_deref(), Some("Number \"3\",\nx"));
    assert_eq!(found.email.as_deref(), Some("n3@acme.example"));

    let changes = [
        Record::with_id(id).set("Email", FieldValue::Null).set("Title", text("Buyer")),
        Record::with_id(*answers[4].as_ref().unwrap()).set("Title", text("Lead")),
    ];
    let done = writer.ingest("Contact", IngestOperation::Update, &changes, &|| true).await.unwrap();
    assert!(done.fates.iter().all(is_done), "{:?}", done.fates);
    let found = org.contacts().await.into_iter().find(|row| row.id == id.as_str()).unwrap();
    assert_eq!((found.email, found.title.as_deref()), (None, Some("Buyer")));
}

#[tokio::test]
async fn a_job_that_could_not_be_uploaded_has_done_nothing() {
    let org = Org::with("[[Fault]]\nPath = \"/batches\"\nDo = \"drop-after\"\nTimes = 1\n").await;
    let record = contact("Once").set("Email", text("once@acme.example"));
    let insert = IngestOperation::Insert { key: &["Email"] };
    let error =
        org.client.writer().ingest("Contact", insert, &[record], &|| true).await.unwrap_err();
    assert!(matches!(error, Error::Job { begun: false, .. }), "{error}");
    assert!(!error.is_outcome_unknown());
    assert_eq!(org.contacts().await.len(), 1);
    let writes = org.writes();
    assert!(writes.last().unwrap().starts_with("PATCH"), "aborted: {writes:?}");
}

#[tokio::test]
async fn a_job_is_followed_through_every_fault_on_its_way() {
    for (path, method, trouble) in [
        ("/jobs/ingest", "POST", "drop-after"),
        ("/jobs/ingest/", "PATCH", "drop-after"),
        ("/jobs/ingest/", "GET", "drop-before"),
        ("/successfulResults", "GET", "truncate"),
        ("/failedResults", "GET", "html"),
    ] {
        let fault = format!(
            "[[Fault]]\nPath = \"{path}\"\nMethod = \"{method}\"\nDo = \"{trouble}\"\nTimes = 1\n"
        );
        let org = Org::with(&fault).await;
        let record = contact("Once").set("Email", text("once@acme.example"));
        let insert = IngestOperation::Insert { key: &["Email"] };
        let done =
            org.client.writer().ingest("Contact", insert, &[record], &|| true).await.unwrap();
        assert!(is_done(&done.fates[0]), "{path} {trouble}");
        assert_eq!(org.contacts().await.len(), 2, "{path} {trouble}");
    }
}

#[tokio::test]
async fn a_password_reset_mails_once_and_its_answer_goes_nowhere() {
    let org = Org::with("[[Fault]]\nPath = \"/password\"\nDo = \"drop-after\"\nTimes = 1\n").await;
    let name = vec!["kim.osei@acme.example".to_owned()];
    let query = Soql::select(&["Id"], "User").filter(Filter::one_of("Username", name));
    let rows: Vec<Row> = org.client.reader().query(&query).await.unwrap();
    let user = UserId::observed(&rows[0].id).unwrap();
    let lost = org.client.writer().reset_password(user).await.unwrap_err();
    assert!(lost.is_outcome_unknown());
    assert_eq!(org.writes().len(), 1, "a mail that may have been sent is not sent again");
    org.client.writer().reset_password(user).await.unwrap();
    let nobody = UserId::observed("005000000000001").unwrap();
    let error = org.client.writer().reset_password(nobody).await.unwrap_err();
    assert_eq!(error.code(), "NOT_FOUND");
}

#[tokio::test]
async fn an_object_is_described_in_types() {
    let org = Org::with("").await;
    let user = org.client.reader().describe("User").await.unwrap();
    assert_eq!((user.name.as_str(), user.createable, user.updateable), ("User", true, true));
    let field = |name: &str| user.field(name).unwrap();
    assert_eq!(field("username").kind, FieldType::Text);
    assert_eq!(field("Username").length, 80);
    assert_eq!(field("IsActive").kind, FieldType::Boolean);
    assert_eq!(field("ContactId").reference_to, ["Contact"]);
    assert!(!field("Id").createable && !field("Id").updateable);
    assert!(field("LastName").createable && !field("LastName").nillable);
    let locale = field("LocaleSidKey");
    assert_eq!((&locale.kind, locale.restricted_picklist), (&FieldType::Picklist, true));
    assert!(locale.picklist_values.iter().any(|value| value.value == "en_US" && value.active));
    let unknown = org.client.reader().describe("Nothing__c").await.unwrap_err();
    assert_eq!(unknown.code(), "NOT_FOUND");
    assert!(org.client.reader().describe("../limits").await.is_err());
}

#[tokio::test]
async fn limits_and_calls_are_counted() {
    let org = Org::with("").await;
    let limits = org.client.reader().limits().await.unwrap();
    let daily = limits.get("DailyApiRequests").unwrap();
    assert!(daily.remaining <= daily.max && daily.max > 0);
    assert_eq!(limits.get("PermissionSets").unwrap().max, 1500);
    assert_eq!(limits.get("Unheard"), None);
    let usage = org.client.usage();
    assert_eq!(usage.calls, 2, "the list of versions, and the limits");
    assert_eq!(usage.day.unwrap().used, 1, "the list of versions costs nothing");
}
