"""What simple-salesforce, the client most Python scripts are written with, gets from the emulator.

PORTALCTL names the program. Every test has an org of its own.
"""

import csv
import io
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

SEED = pathlib.Path(__file__).parent.parent / "org.toml"
VERSION = "66.0"
MY_DOMAIN = "acme.my"


class ToEmulator(HTTPAdapter):
    """Sends what is meant for an org's own address to the emulator: the client builds the address that
    it signs in at from a domain."""

    def __init__(self, url):
        super().__init__()
        self.scheme, self.host = urlsplit(url)[:2]

    def send(self, request, **options):
        rest = urlsplit(request.url)[2:]
        request.url = urlunsplit((self.scheme, self.host, *rest))
        return super().send(request, **options)


class Conformance(unittest.TestCase):
    def setUp(self):
        self.start(SEED)
        self.addCleanup(self.stop)

    def start(self, seed):
        # The client speaks nothing but https.
        self.process = subprocess.Popen(
            [os.environ["PORTALCTL"], "emulator", "serve", "--seed", seed, "--tls"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.org = json.loads(self.process.stdout.readline())
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = self.org["certificate"]
        self.addCleanup(self.session.close)
        self.session.mount(f"https://{MY_DOMAIN}.salesforce.com", ToEmulator(self.org["url"]))
        self.sf = Salesforce(
            instance_url=self.org["url"],
            session_id=self.org["access_token"],
            session=self.session,
            version=VERSION,
        )

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.process.stdout.close()

    @property
    def host(self):
        return urlsplit(self.org["url"]).netloc

    def log_in(self, **more):
        return Salesforce(domain=MY_DOMAIN, session=self.session, version=VERSION, **more)

    def account(self, name="Acme Corp"):
        soql = format_soql("SELECT Id FROM Account WHERE Name = {}", name)
        return self.sf.query(soql)["records"][0]["Id"]

    def count(self, soql):
        return self.sf.query(soql)["totalSize"]

    def contacts(self, number, prefix="C"):
        account = self.account()
        return [
            {
                "LastName": f"Contact {n}",
                "AccountId": account,
                "Roster_Key__c": f"{prefix}-{n}",
            }
            for n in range(number)
        ]

    def collection(self, method, records, path="composite/sobjects/", **more):
        records = [{"attributes": {"type": "Contact"}, **record} for record in records]
        return self.sf.restful(path, method=method, json={"records": records, **more})

    # Signing in

    def test_log_in_with_client_credentials(self):
        sf = self.log_in(
            consumer_key=self.org["client_id"], consumer_secret=self.org["client_secret"]
        )
        self.assertEqual(sf.sf_instance, self.host)
        self.assertEqual(sf.query("SELECT Name FROM Organization")["records"][0]["Name"], "Acme")
        self.assertIs(sf.is_sandbox(), False)

    def test_log_in_with_a_wrong_secret(self):
        with self.assertRaises(SalesforceAuthenticationFailed) as refused:
            self.log_in(consumer_key=self.org["client_id"], consumer_secret="guessed")
        self.assertEqual(refused.exception.code, "invalid_client")

    def test_log_in_with_a_signed_assertion(self):
        key, other = (generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with tempfile.TemporaryDirectory() as folder:
            seed = pathlib.Path(folder) / "org.toml"
            app = f'\n[[ConnectedApplication]]\nConsumerKey = "ci"\nCertificate = """\n{public.decode()}"""\n'
            seed.write_text(SEED.read_text() + app)
            self.stop()
            self.start(seed)

        def log_in(key):
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            return Salesforce(
                username="olive.owner@acme.example",
                consumer_key="ci",
                privatekey=pem,
                instance_url=MY_DOMAIN,
                session=self.session,
                version=VERSION,
            )

        me = log_in(key).oauth2("userinfo")
        self.assertEqual(me["preferred_username"], "olive.owner@acme.example")
        with self.assertRaises(SalesforceAuthenticationFailed) as refused:
            log_in(other)
        self.assertEqual(refused.exception.code, "invalid_grant")

    def test_a_session_that_is_none(self):
        sf = Salesforce(
            instance_url=self.org["url"], session_id="00D!no", session=self.session, version=VERSION
        )
        with self.assertRaises(SalesforceExpiredSession):
            sf.query("SELECT Id FROM User")

    def test_who_am_i(self):
        me = self.sf.oauth2("userinfo")
        self.assertEqual(me["preferred_username"], self.org["username"])
        self.assertEqual(self.sf.User.get(me["user_id"])["Username"], self.org["username"])

    # Queries

    def test_query_with_pages(self):
        self.collection("POST", self.contacts(50))
        soql = "SELECT Id, Account.Name FROM Contact WHERE Roster_Key__c LIKE 'C-%' ORDER BY Name"
        first = self.sf.query(soql)
        self.assertEqual((first["totalSize"], first["done"], len(first["records"])), (50, False, 20))
        second = self.sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
        third = self.sf.query_more(second["nextRecordsUrl"].rsplit("/", 1)[-1])
        self.assertEqual((len(second["records"]), len(third["records"])), (20, 10))
        self.assertIs(third["done"], True)
        everything = self.sf.query_all(soql)
        self.assertEqual(len({row["Id"] for row in everything["records"]}), 50)
        names = {row["Account"]["Name"] for row in self.sf.query_all_iter(soql)}
        self.assertEqual(names, {"Acme Corp"})

    def test_query_with_people_and_their_licences(self):
        soql = format_soql(
            "SELECT Username, Profile.UserLicense.Name, Contact.Account.Name, "
            "(SELECT PermissionSet.Name FROM PermissionSetAssignments "
            "WHERE PermissionSet.IsOwnedByProfile = false) "
            "FROM User WHERE Username IN {names} AND IsActive = {active}",
            names=["kim.osei@acme.example", "O'Neil@acme.example"],
            active=True,
        )
        (kim,) = self.sf.query(soql)["records"]
        self.assertEqual(kim["Profile"]["UserLicense"]["Name"], "Customer Community")
        self.assertEqual(kim["Contact"]["Account"]["Name"], "Acme Corp")
        sets = kim["PermissionSetAssignments"]["records"]
        self.assertEqual([one["PermissionSet"]["Name"] for one in sets], ["Portal_Base"])

    def test_query_that_is_wrong(self):
        with self.assertRaises(SalesforceMalformedRequest) as refused:
            self.sf.query("SELECT Bacon FROM User")
        self.assertEqual(refused.exception.status, 400)
        self.assertEqual(refused.exception.content[0]["errorCode"], "INVALID_FIELD")
        self.assertIn("No such column 'Bacon' on entity 'User'", refused.exception.content[0]["message"])

    def test_deleted_rows_stay_for_query_all(self):
        made = self.sf.Contact.create({"LastName": "Gone", "AccountId": self.account()})
        self.assertEqual(self.sf.Contact.delete(made["id"]), 204)
        soql = "SELECT Id FROM Contact WHERE LastName = 'Gone'"
        self.assertEqual(self.count(soql), 0)
        self.assertEqual(self.sf.query(soql, include_deleted=True)["totalSize"], 1)

    # Rows

    def test_create_get_update_and_delete(self):
        made = self.sf.Contact.create({"LastName": "Moss", "AccountId": self.account()})
        self.assertEqual((made["success"], made["errors"]), (True, []))
        self.assertEqual(self.sf.Contact.update(made["id"], {"FirstName": "Robin"}), 204)
        row = self.sf.Contact.get(made["id"])
        self.assertEqual((row["Name"], row["attributes"]["type"]), ("Robin Moss", "Contact"))
        self.assertEqual(self.sf.Contact.delete(made["id"]), 204)
        with self.assertRaises(SalesforceResourceNotFound):
            self.sf.Contact.get(made["id"])

    def test_a_portal_user(self):
        contact = self.sf.Contact.create({"LastName": "Moss", "AccountId": self.account()})["id"]
        profile = self.sf.query("SELECT Id FROM Profile WHERE Name = 'Acme Customer'")
        user = {
            "Username": "robin.moss@acme.example",
            "Email": "robin.moss@acme.example",
            "LastName": "Moss",
            "Alias": "rmoss",
            "ContactId": contact,
            "ProfileId": profile["records"][0]["Id"],
            "TimeZoneSidKey": "Europe/Berlin",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "EmailEncodingKey": "UTF-8",
            "IsActive": True,
        }
        made = self.sf.User.create(user)["id"]
        with self.assertRaises(SalesforceMalformedRequest) as refused:
            self.sf.User.create(user)
        self.assertEqual(refused.exception.content[0]["errorCode"], "DUPLICATE_USERNAME")
        base = self.sf.query("SELECT Id FROM PermissionSet WHERE Name = 'Portal_Base'")
        assignment = {"AssigneeId": made, "PermissionSetId": base["records"][0]["Id"]}
        self.assertTrue(self.sf.PermissionSetAssignment.create(assignment)["success"])
        self.sf.set_password(made, "Correct-h0rse-8")
        self.assertEqual(self.sf.User.update(made, {"IsActive": False}), 204)
        self.assertIs(self.sf.User.get(made)["IsActive"], False)
        with self.assertRaises(SalesforceMalformedRequest):
            self.sf.User.delete(made)

    def test_upsert(self):
        data = {"LastName": "Moss", "Account": {"Account_Key__c": "A-1"}}
        self.assertEqual(self.sf.Contact.upsert("Roster_Key__c/M-1", data), 201)
        self.assertEqual(self.sf.Contact.upsert("Roster_Key__c/M-1", {"LastName": "Ross"}), 200)
        row = self.sf.Contact.get_by_custom_id("Roster_Key__c", "M-1")
        self.assertEqual((row["LastName"], row["AccountId"]), ("Ross", self.account()))

    # Collections

    def test_collections(self):
        made = self.collection("POST", self.contacts(3) + [{"FirstName": "Nameless"}])
        self.assertEqual([one["success"] for one in made], [True, True, True, False])
        self.assertEqual(made[3]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING")
        ids = [one["id"] for one in made[:3]]
        changed = self.collection("PATCH", [{"id": one, "Title": "Buyer"} for one in ids])
        self.assertEqual([one["success"] for one in changed], [True] * 3)
        read = self.sf.restful("composite/sobjects/Contact", {"ids": ",".join(ids), "fields": "Title"})
        self.assertEqual([one["Title"] for one in read], ["Buyer"] * 3)
        gone = self.sf.restful("composite/sobjects", {"ids": ",".join(ids)}, method="DELETE")
        self.assertEqual([one["id"] for one in gone], ids)
        self.assertEqual(self.count("SELECT Id FROM Contact WHERE Title = 'Buyer'"), 0)

    def test_collections_all_or_none(self):
        records = self.contacts(2) + [{"FirstName": "Nameless"}]
        made = self.collection("POST", records, allOrNone=True)
        codes = [one["errors"][0]["statusCode"] for one in made]
        rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
        self.assertEqual(codes, [rolled_back, rolled_back, "REQUIRED_FIELD_MISSING"])
        self.assertEqual(self.count("SELECT Id FROM Contact WHERE Roster_Key__c LIKE 'C-%'"), 0)

    def test_collections_upsert(self):
        path = "composite/sobjects/Contact/Roster_Key__c"
        made = self.collection("PATCH", self.contacts(2), path)
        again = self.collection("PATCH", self.contacts(3), path)
        self.assertEqual([one["created"] for one in made], [True, True])
        self.assertEqual([one["created"] for one in again], [False, False, True])

    # Composite

    def test_composite(self):
        base = f"/services/data/v{VERSION}"
        answer = self.sf.restful(
            "composite",
            method="POST",
            json={
                "allOrNone": True,
                "compositeRequest": [
                    {
                        "method": "POST",
                        "url": f"{base}/sobjects/Account",
                        "referenceId": "account",
                        "body": {"Name": "Cedar Ltd"},
                    },
                    {
                        "method": "POST",
                        "url": f"{base}/sobjects/Contact",
                        "referenceId": "contact",
                        "body": {"LastName": "Cole", "AccountId": "@{account.id}"},
                    },
                    {
                        "method": "GET",
                        "url": f"{base}/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{{contact.id}}'",
                        "referenceId": "read",
                    },
                ],
            },
        )["compositeResponse"]
        self.assertEqual([one["httpStatusCode"] for one in answer], [201, 201, 200])
        (row,) = answer[2]["body"]["records"]
        self.assertEqual(row["Account"]["Name"], "Cedar Ltd")

    def test_composite_batch_and_tree(self):
        batch = self.sf.restful(
            "composite/batch",
            method="POST",
            json={
                "batchRequests": [
                    {"method": "GET", "url": f"v{VERSION}/limits"},
                    {"method": "GET", "url": f"v{VERSION}/sobjects/Contact/003000000000000AAA"},
                ]
            },
        )
        self.assertIs(batch["hasErrors"], True)
        self.assertEqual([one["statusCode"] for one in batch["results"]], [200, 404])
        tree = self.sf.restful(
            "composite/tree/Account",
            method="POST",
            json={
                "records": [
                    {
                        "attributes": {"type": "Account", "referenceId": "a"},
                        "Name": "Cedar Ltd",
                        "Contacts": {
                            "records": [
                                {
                                    "attributes": {"type": "Contact", "referenceId": "c"},
                                    "LastName": "Cole",
                                }
                            ]
                        },
                    }
                ]
            },
        )
        self.assertIs(tree["hasErrors"], False)
        self.assertEqual(self.count("SELECT Id FROM Contact WHERE Account.Name = 'Cedar Ltd'"), 1)

    # Describe and limits

    def test_describe(self):
        names = {one["name"] for one in self.sf.describe()["sobjects"]}
        self.assertLessEqual({"User", "Contact", "PermissionSetAssignment", "Network"}, names)
        fields = {one["name"]: one for one in self.sf.User.describe()["fields"]}
        self.assertIs(fields["Username"]["nillable"], False)
        self.assertEqual((fields["Username"]["length"], fields["Alias"]["length"]), (80, 8))
        zones = {one["value"] for one in fields["TimeZoneSidKey"]["picklistValues"]}
        self.assertIn("America/New_York", zones)
        self.assertEqual(self.sf.User.metadata()["objectDescribe"]["keyPrefix"], "005")

    def test_limits_and_usage(self):
        before = self.sf.limits()["DailyApiRequests"]["Remaining"]
        self.assertEqual(self.sf.limits()["DailyApiRequests"]["Remaining"], before - 1)
        usage = self.sf.api_usage["api-usage"]
        self.assertEqual(usage.total, self.sf.limits()["DailyApiRequests"]["Max"])

    # Bulk API 2.0

    def test_bulk_ingest_and_query(self):
        contacts = self.contacts(300)
        (job,) = self.sf.bulk2.Contact.insert(records=contacts, wait=0.01)
        self.assertEqual((job["numberRecordsProcessed"], job["numberRecordsFailed"]), (300, 0))
        soql = "SELECT Id, Roster_Key__c, Account.Name FROM Contact WHERE Roster_Key__c LIKE 'C-%'"
        pages = list(self.sf.bulk2.Contact.query(soql, max_records=120, wait=0.01))
        rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
        self.assertEqual((len(pages), len(rows)), (3, 300))
        self.assertEqual({row["Account.Name"] for row in rows}, {"Acme Corp"})

        update = [{"Id": row["Id"], "Title": "Buyer, \"senior\""} for row in rows[:5]]
        (job,) = self.sf.bulk2.Contact.update(records=update, wait=0.01)
        self.assertEqual(job["numberRecordsFailed"], 0)
        titles = "SELECT Id FROM Contact WHERE Title = 'Buyer, \"senior\"'"
        self.assertEqual(self.count(titles), 5)

        (job,) = self.sf.bulk2.Contact.delete(records=[{"Id": row["Id"]} for row in rows], wait=0.01)
        self.assertEqual(job["numberRecordsFailed"], 0)
        self.assertEqual(self.count("SELECT Id FROM Contact WHERE Roster_Key__c LIKE 'C-%'"), 0)

    def test_bulk_upsert_tells_each_row(self):
        self.sf.bulk2.Contact.insert(records=self.contacts(1), wait=0.01)
        records = self.contacts(2) + [{"LastName": "", "AccountId": "", "Roster_Key__c": "bad"}]
        (job,) = self.sf.bulk2.Contact.upsert(
            records=records, external_id_field="Roster_Key__c", wait=0.01
        )
        self.assertEqual((job["numberRecordsProcessed"], job["numberRecordsFailed"]), (3, 1))
        told = self.sf.bulk2.Contact.get_all_ingest_records(job["job_id"])
        created = {row["Roster_Key__c"]: row["sf__Created"] for row in told["successfulRecords"]}
        self.assertEqual(created, {"C-0": "false", "C-1": "true"})
        (failed,) = told["failedRecords"]
        self.assertTrue(failed["sf__Error"].startswith("REQUIRED_FIELD_MISSING:"), failed)
        self.assertEqual(told["unprocessedRecords"], [])

    # Bulk API 1.0, which scripts written before the other one still call

    @patch("simple_salesforce.bulk.sleep")
    def test_older_bulk_jobs(self, _):
        bulk = self.sf.bulk.Contact
        contacts = self.contacts(30)
        told = bulk.insert(contacts + [{"FirstName": "Nameless"}], batch_size=16)
        self.assertEqual([one["success"] for one in told], [True] * 30 + [False])
        self.assertEqual(told[30]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING")
        told = bulk.upsert(self.contacts(31), "Roster_Key__c")
        self.assertEqual([one["created"] for one in told], [False] * 30 + [True])
        soql = "SELECT Id, Account.Name FROM Contact WHERE Roster_Key__c LIKE 'C-%'"
        rows = bulk.query(soql)
        self.assertEqual({row["Account"]["Name"] for row in rows}, {"Acme Corp"})
        self.assertEqual(len(rows), 31)
        told = bulk.delete([{"Id": row["Id"]} for row in rows])
        self.assertTrue(all(one["success"] for one in told))
        with self.assertRaises(SalesforceMalformedRequest):
            self.sf.bulk.Bacon.insert(contacts)


if __name__ == "__main__":
    unittest.main()
