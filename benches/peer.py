#!/usr/bin/env python3
"""The same work as people write it today: simple-salesforce, dictionaries, four threads.

`peer.py plan FOLDER` asks the queries that come on standard input, one a line, and compares what they
find with the project's users; `peer.py create FOLDER` creates those who are missing, with contacts
and permission sets, 200 a call. The org is that of SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL.
"""

import os
import pathlib
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

class ToServer(HTTPAdapter):
    """simple-salesforce always writes https; the server may be a plain one on this machine."""

    def __init__(self, url):
        super().__init__(pool_maxsize=8)
        self.scheme, self.host = urlsplit(url)[:2]

    def send(self, request, **options):
        request.url = urlunsplit((self.scheme, self.host, *urlsplit(request.url)[2:]))
        return super().send(request, **options)


def connect():
    url = os.environ["SF_ORG_INSTANCE_URL"]
    session = requests.Session()
    session.trust_env = False
    session.mount(f"https://{urlsplit(url).netloc}", ToServer(url))
    return Salesforce(
        instance_url=url, session_id=os.environ["SF_ACCESS_TOKEN"], version="66.0", session=session
    )


def declared(folder):
    people = []
    for path in sorted(pathlib.Path(folder).glob("users/**/*.toml")):
        file = tomllib.loads(path.read_text())
        shared = {key: value for key, value in file.items() if key != "users"}
        people.extend({**shared, **user} for user in file.get("users", []))
    return people


def plan(sf, folder):
    found = {}
    for soql in sys.stdin.read().splitlines():
        rows = sf.query_all(soql)["records"]
        found.setdefault(soql.split(" FROM ")[1].split()[0], []).extend(rows)
    profiles = {row["Id"]: row["Name"] for row in found["Profile"]}
    accounts = {row["Id"]: row for row in found["Account"]}
    users = {row["Username"].lower(): row for row in found["User"]}
    frozen = {row["UserId"] for row in found["UserLogin"]}
    differing = 0
    for person in declared(folder):
        user = users.get(person["username"].lower())
        contact = user and user["Contact"]
        differing += not (
            user
            and user["IsActive"]
            and user["FirstName"] == person.get("first_name")
            and user["LastName"] == person["last_name"]
            and (user["Email"] or "").lower() == person.get("email", person["username"]).lower()
            and user["Title"] == person.get("title")
            and profiles[user["ProfileId"]] == person["profile"]
            and contact["LastName"] == person["last_name"]
            and contact["AccountId"] == person["account"]["id"]
            and accounts[contact["AccountId"]]["Owner"]
        )
    declared_frozen = sum(1 for user in users.values() if user["Id"] in frozen)
    print(f"{differing} differ, {declared_frozen} are frozen")


def create(sf, folder):
    people = declared(folder)
    users = {row["Username"].lower() for row in sf.query_all("SELECT Username FROM User")["records"]}
    people = [person for person in people if person["username"].lower() not in users]
    profiles = {row["Name"]: row["Id"] for row in sf.query_all("SELECT Id, Name FROM Profile")["records"]}
    sets = {
        row["Name"]: row["Id"]
        for row in sf.query_all("SELECT Id, Name FROM PermissionSet WHERE IsOwnedByProfile = false")["records"]
    }
    accounts = {row["Name"]: row["Id"] for row in sf.query_all("SELECT Id, Name FROM Account")["records"]}
    contacts = send(sf, "Contact", [contact(person, accounts) for person in people])
    made = send(
        sf,
        "User",
        [user(person, id, profiles) for person, id in zip(people, contacts)],
    )
    rows = [
        {"AssigneeId": id, "PermissionSetId": sets[name]}
        for person, id in zip(people, made)
        for name in person["permission_sets"]
    ]
    print(len(made), "users,", len(send(sf, "PermissionSetAssignment", rows)), "assignments")


def contact(person, accounts):
    return {
        "AccountId": accounts[person["account"]],
        "FirstName": person["first_name"],
        "LastName": person["last_name"],
        "Email": person["username"],
    }


def user(person, contact_id, profiles):
    return {
        "Username": person["username"],
        "FirstName": person["first_name"],
        "LastName": person["last_name"],
        "Email": person["username"],
        "Alias": person["username"][1:9],
        "CommunityNickname": person["username"],
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "ProfileId": profiles[person["profile"]],
        "ContactId": contact_id,
        "IsActive": True,
    }


def send(sf, kind, rows):
    """Creates records, 200 a call and four calls at a time; the ids in the order of the rows."""

    def call(batch):
        records = [{"attributes": {"type": kind}, **row} for row in batch]
        answers = sf.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": records})
        for answer in answers:
            if not answer["success"]:
                sys.exit(str(answer["errors"]))
        return [answer["id"] for answer in answers]

    batches = [rows[at : at + 200] for at in range(0, len(rows), 200)]
    with ThreadPoolExecutor(4) as pool:
        return [id for ids in pool.map(call, batches) for id in ids]


if __name__ == "__main__":
    {"plan": plan, "create": create}[sys.argv[1]](connect(), sys.argv[2])
