#!/usr/bin/env python3
"""Lets the command-line tools that people administer Salesforce with loose on the emulator: the `sf`
CLI, SFDMU and CumulusCI. Not part of the gate: they are half a gigabyte.

    tests/conformance/clients.py target/debug/portalctl           # prints the table of results
    tests/conformance/clients.py target/debug/portalctl --write   # and puts it into the README

Needs Linux, Python 3.10 with venv, npm, git, and on the first run the package registries. Everything
is installed below target/conformance/clients, where the logins and settings of these tools live as
well: yours are not touched. Telemetry and update checks are off.

A step passes if its command succeeds and the org afterwards is what it should be; the org is asked
directly, not through the tool.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request

NODE = "22.23.3"
SF = "2.150.6"
SFDMU = "3.7.19"
CUMULUSCI = "4.10.1"

MACHINE = {"x86_64": "x64", "aarch64": "arm64"}[os.uname().machine]
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
WORK = TARGET / "conformance" / "clients"
README = ROOT / "src" / "emulator" / "README.md"
KIM = "kim.osei@acme.example"
ANA = "ana.lima@acme.example"


def environment():
    packages = WORK / "npm" / "node_modules"
    return {
        "PATH": f"{packages}/node-linux-{MACHINE}/bin:{packages}/.bin:{WORK}/venv/bin:{os.environ['PATH']}",
        "HOME": str(WORK / "home"),
        "SF_DISABLE_TELEMETRY": "true",
        "SF_AUTOUPDATE_DISABLE": "true",
        "SF_SKIP_NEW_VERSION_CHECK": "true",
        "SF_DISABLE_LOG_FILE": "true",
    }


def install():
    """Installs the tools, once for these versions."""
    wanted = f"{NODE} {SF} {SFDMU} {CUMULUSCI}\n"
    stamp = WORK / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    npm = WORK / "npm"
    npm.mkdir(parents=True)
    (npm / "package.json").write_text('{ "private": true }\n')
    packages = [f"@salesforce/cli@{SF}", f"sfdmu@{SFDMU}"]
    packages.append(f"node-linux-{MACHINE}@{NODE}")
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(["npm", "install", *quiet, *packages], cwd=npm, check=True)
    subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
    pip = [WORK / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"cumulusci=={CUMULUSCI}"], check=True)
    stamp.write_text(wanted)


class Org:
    """An emulated org, and a way to ask it that is no client's."""

    def __init__(self, program):
        self.certificate = WORK / "certificate.pem"
        # CumulusCI speaks nothing but https.
        self.process = subprocess.Popen(
            [program, "emulator", "serve", "--seed", HERE / "org.toml", f"--tls={self.certificate}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(self.process.stdout.readline())
        self.url, self.token, self.username = told["url"], told["access_token"], told["username"]
        self.trust = ssl.create_default_context(cafile=self.certificate)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def rows(self, soql):
        """The rows of a query, each as the list of its values."""
        url = f"{self.url}/services/data/v66.0/query?" + urllib.parse.urlencode({"q": soql})
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, context=self.trust) as answer:
            return [values(row) for row in json.load(answer)["records"]]

    def ids(self, soql):
        return [row[0] for row in self.rows(soql)]


def values(row):
    """The values of a row and of its parents, in the order of the query."""
    found = []
    for key, value in row.items():
        if isinstance(value, dict) and key != "attributes":
            found.extend(values(value))
        elif key != "attributes":
            found.append(value)
    return found


class Bench:
    """Runs steps and remembers what came of them."""

    def __init__(self, org):
        self.org = org
        self.results = []
        self.work = WORK / "work"
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(WORK / "home", ignore_errors=True)
        self.work.mkdir()
        (WORK / "home").mkdir()

    def write(self, name, text):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def step(self, client, shown, command, check, folder=".", **more):
        """`check` gets what was printed, and says whether all is as it should be."""
        trust = {"NODE_EXTRA_CA_CERTS": str(self.org.certificate)}
        environ = environment() | trust | {key: str(value) for key, value in more.items()}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.work / folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            check=False,
        )
        try:
            passed = done.returncode == 0 and bool(check(done.stdout))
        except (KeyError, IndexError, ValueError) as error:
            passed = False
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        if not passed:
            print(f"$ {shown}\n{done.stdout}\n{done.stderr}", file=sys.stderr)
        self.results.append((client, shown, passed))

    def sf(self, shown, check, *more, **environ):
        """A command of the `sf` CLI; `more` are arguments that need not be shown."""
        command = ["sf", *shown.split(), *more, "--json"]
        if "login" not in shown:
            command += ["--target-org", "acme"]
        self.step("sf", f"sf {shown}", command, lambda out: check(json.loads(out)["result"]), **environ)

    def table(self):
        lines = [
            f"sf {SF} on Node {NODE}, SFDMU {SFDMU}, CumulusCI {CUMULUSCI}:",
            "",
            "| client | command | result |",
            "| --- | --- | --- |",
        ]
        for client, shown, passed in self.results:
            command, _, does = shown.partition(": ")
            command = f"`{command}`: {does}" if does else f"`{command}`"
            lines.append(f"| {client} | {command} | {'works' if passed else '**fails**'} |")
        return "\n".join(lines) + "\n"


def try_sf(bench):
    org = bench.org
    sf = bench.sf
    keyed = "SELECT LastName FROM Contact WHERE Roster_Key__c LIKE 'S-%' ORDER BY Roster_Key__c"
    login = ("--instance-url", org.url, "--no-prompt", "--alias", "acme")
    sf(
        "org login access-token",
        lambda told: told["username"] == org.username,
        *login,
        SF_ACCESS_TOKEN=org.token,
    )
    sf("org display", lambda told: told["connectedStatus"] == "Connected")
    sf("org list limits", lambda told: any(one["name"] == "DailyApiRequests" for one in told))
    sf(
        "data query",
        lambda told: told["records"][0]["Contact"]["Account"]["Name"] == "Acme Corp",
        *("--query", f"SELECT Username, Contact.Account.Name FROM User WHERE Username = '{KIM}'"),
    )
    bench.step(
        "sf",
        "sf data query --result-format csv",
        ["sf", "data", "query", "--target-org", "acme", "--result-format", "csv"]
        + ["--query", "SELECT Username, Profile.Name FROM User WHERE ContactId != null"],
        lambda out: out.splitlines()[:2] == ["Username,Profile.Name", f"{KIM},Acme Customer"],
    )
    sf(
        "data create record",
        lambda told: told["id"] in org.ids("SELECT Id FROM Contact WHERE Title = 'Buyer'"),
        *("--sobject", "Contact", "--values", "LastName=Moss Title=Buyer"),
    )
    sf(
        "data get record",
        lambda told: told["LastName"] == "Moss",
        *("--sobject", "Contact", "--where", "Title=Buyer"),
    )
    sf(
        "data update record",
        lambda told: org.rows("SELECT Title FROM Contact WHERE LastName = 'Moss'") == [["Clerk"]],
        *("--sobject", "Contact", "--where", "LastName=Moss", "--values", "Title=Clerk"),
    )
    sf(
        "data delete record",
        lambda told: org.ids("SELECT Id FROM Contact WHERE LastName = 'Moss'") == [],
        *("--sobject", "Contact", "--where", "LastName=Moss"),
    )
    wait = ("--sobject", "Contact", "--wait", "2", "--file")
    insert = bench.write("insert.csv", "LastName,Roster_Key__c\nAda,S-1\nBo,S-2\n")
    sf(
        "data import bulk",
        lambda told: org.ids(keyed) == ["Ada", "Bo"],
        *(*wait, insert),
    )
    upsert = bench.write("upsert.csv", "LastName,Roster_Key__c\nAnn,S-1\nCy,S-3\n")
    sf(
        "data upsert bulk",
        lambda told: org.ids(keyed) == ["Ann", "Bo", "Cy"],
        *(*wait, upsert, "--external-id", "Roster_Key__c"),
    )
    ids = org.ids("SELECT Id FROM Contact WHERE Roster_Key__c LIKE 'S-%'")
    update = bench.write("update.csv", "Id,LastName\n" + "".join(f"{one},Same\n" for one in ids))
    sf(
        "data update bulk",
        lambda told: org.ids(keyed) == ["Same"] * 3,
        *(*wait, update),
    )
    export = bench.work / "export.csv"
    sf(
        "data export bulk",
        lambda told: export.read_text().splitlines()[0] == '"LastName","Account.Name"',
        *("--query", "SELECT LastName, Account.Name FROM Contact", "--output-file", export),
        *("--wait", "2"),
    )
    sf(
        "data export tree",
        lambda told: told["records"][0]["Contacts"]["records"][0]["LastName"] == "Osei",
        *("--query", "SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Acme Corp'"),
    )
    sf(
        "data import tree",
        lambda told: len(org.ids("SELECT Id FROM Account WHERE Name = 'Acme Corp'")) == 2,
        *("--files", "Account-Contact.json"),
    )
    sf(
        "org assign permset",
        lambda told: assigned(org, KIM) == ["Orders_Read", "Portal_Base"],
        *("--name", "Orders_Read", "--on-behalf-of", KIM),
    )
    sf("sobject describe", lambda told: told["keyPrefix"] == "005", "--sobject", "User")
    sf("sobject list", lambda told: "PermissionSetAssignment" in told)
    sf("org list sobject record-counts", lambda told: told[0]["count"] > 0, "--sobject", "Contact")


def try_sfdmu(bench):
    org = bench.org
    rows = {
        "Account": "Account_Key__c\nA-1\nA-2\n",
        "Contact": "LastName,Roster_Key__c,Account.Account_Key__c\nAlso,S-1,A-1\nDee,D-1,A-2\n",
        "UserAndGroup": "Id,Name\n1,Ana Lima\n",
        "PermissionSet": "Name\nPortal_Base\n",
        "PermissionSetAssignment": "Assignee.Name,PermissionSet.Name\nAna Lima,Portal_Base\n",
    }
    for name, text in rows.items():
        bench.write(f"sfdmu/{name}.csv", text)
    objects = [
        ("SELECT Id, Account_Key__c FROM Account", "Readonly", "Account_Key__c"),
        ("SELECT LastName, Roster_Key__c, AccountId FROM Contact", "Upsert", "Roster_Key__c"),
        ("SELECT Id, Name FROM User", "Readonly", "Name"),
        ("SELECT Id, Name FROM PermissionSet WHERE IsOwnedByProfile = false", "Readonly", "Name"),
        (
            "SELECT AssigneeId, PermissionSetId FROM PermissionSetAssignment",
            "Upsert",
            "Assignee.Name;PermissionSet.Name",
        ),
    ]
    export = {
        "orgs": [{"name": "acme", "instanceUrl": org.url, "accessToken": org.token}],
        "objects": [
            {"query": query, "operation": operation, "externalId": key}
            for query, operation, key in objects
        ],
    }
    bench.write("sfdmu/export.json", json.dumps(export))
    many = "".join(f"Many,M-{n},A-{1 + n % 2}\n" for n in range(500))
    for version in ("1.0", "2.0"):
        folder = f"sfdmu-{version}"
        header = "LastName,Roster_Key__c,Account.Account_Key__c\n"
        bench.write(f"{folder}/Contact.csv", header + many.replace("Many", f"Many {version}"))
        bench.write(f"{folder}/Account.csv", rows["Account"])
        more = {"objects": export["objects"][:2], "bulkApiVersion": version}
        bench.write(f"{folder}/export.json", json.dumps(export | more))
    link = ["sf", "plugins", "link", "--no-install", WORK / "npm/node_modules/sfdmu"]
    subprocess.run(link, env=environment(), check=True, capture_output=True)
    contacts = "SELECT LastName, Account.Name FROM Contact WHERE Roster_Key__c IN ('S-1', 'D-1')"
    run = ["sf", "sfdmu", "run", "--sourceusername", "csvfile", "--targetusername", "acme"]
    bench.step(
        "SFDMU",
        "sf sfdmu run: upserts contacts below their accounts, assigns permission sets",
        [*run, "--noprompt"],
        lambda _: sorted(org.rows(contacts)) == [["Also", "Acme Corp"], ["Dee", "Birch & Sons"]]
        and assigned(org, ANA) == ["Portal_Base"],
        folder="sfdmu",
    )
    for version in ("1.0", "2.0"):
        count = f"SELECT COUNT(Id) FROM Contact WHERE LastName = 'Many {version}'"
        bench.step(
            "SFDMU",
            f"sf sfdmu run: upserts 500 contacts with Bulk API {version}",
            [*run, "--noprompt"],
            lambda _, query=f"{count} AND Account.Account_Key__c = 'A-2'": org.rows(query) == [[250]],
            folder=f"sfdmu-{version}",
        )


def try_cumulusci(bench):
    org = bench.org
    project = "project:\n    name: portal\n    package:\n        name: portal\n        api_version: '66.0'\n"
    folder = bench.write("cumulusci/cumulusci.yml", project).parent
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    login = {
        "instance_url": org.url,
        "access_token": org.token,
        "id": f"{org.url}/id/{org.ids('SELECT Id FROM Organization')[0]}/"
        + org.ids(f"SELECT Id FROM User WHERE Username = '{org.username}'")[0],
        "username": org.username,
    }
    environ = {
        "CUMULUSCI_ORG_acme": json.dumps(login),
        "CUMULUSCI_DISABLE_REFRESH": "1",
        "CUMULUSCI_KEYCHAIN_CLASS": "cumulusci.core.keychain.EnvironmentProjectKeychain",
        "CUMULUSCI_KEY": "0123456789abcdef",
        "REQUESTS_CA_BUNDLE": org.certificate,
    }
    (alias,) = org.ids(f"SELECT Alias FROM User WHERE Username = '{ANA}'")
    task = ["cci", "task", "run", "assign_permission_sets", "--org", "acme"]
    bench.step(
        "CumulusCI",
        "cci task run assign_permission_sets",
        [*task, "--api_names", "Portal_Base,Orders_Read", "--user_alias", alias],
        lambda _: assigned(org, ANA) == ["Orders_Read", "Portal_Base"],
        folder="cumulusci",
        **environ,
    )
    for api in ("rest", "bulk"):
        mapping = {
            "Contacts": {
                "sf_object": "Contact",
                "api": api,
                "table": "Contact",
                "fields": ["LastName", "Title"],
            }
        }
        # JSON is YAML.
        bench.write(f"cumulusci/{api}.yml", json.dumps(mapping))
        values = "".join(
            f"INSERT INTO \"Contact\" VALUES ({n}, 'Loaded {n}', 'by {api}');\n" for n in range(1, 301)
        )
        table = 'CREATE TABLE "Contact" (id INTEGER PRIMARY KEY, "LastName" TEXT, "Title" TEXT);\n'
        bench.write(f"cumulusci/{api}.sql", f"BEGIN TRANSACTION;\n{table}{values}COMMIT;\n")
        count = f"SELECT COUNT(Id) FROM Contact WHERE Title = 'by {api}'"
        bench.step(
            "CumulusCI",
            "cci task run load_dataset: 300 contacts with "
            + {"rest": "collections", "bulk": "Bulk API 1.0"}[api],
            ["cci", "task", "run", "load_dataset", "--org", "acme", "--mapping", f"{api}.yml"]
            + ["--sql_path", f"{api}.sql"],
            lambda _, query=count: org.rows(query) == [[300]],
            folder="cumulusci",
            **environ,
        )


def assigned(org, username):
    return org.ids(
        "SELECT PermissionSet.Name FROM PermissionSetAssignment "
        f"WHERE Assignee.Username = '{username}' AND PermissionSet.IsOwnedByProfile = false "
        "ORDER BY PermissionSet.Name"
    )


def main():
    parser = argparse.ArgumentParser(description="The sf CLI, SFDMU and CumulusCI on the emulator")
    parser.add_argument("portalctl", type=pathlib.Path)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    given = parser.parse_args()
    install()
    org = Org(given.portalctl.resolve())
    bench = Bench(org)
    try:
        try_sf(bench)
        try_sfdmu(bench)
        try_cumulusci(bench)
    finally:
        org.stop()
    table = bench.table()
    print(table)
    if given.write:
        begin, end = "<!-- clients: written by tests/conformance/clients.py -->\n", "<!-- /clients -->"
        before, rest = README.read_text().split(begin)
        README.write_text(before + begin + table + "\n" + end + rest.split(end, 1)[1])
    sys.exit(0 if all(passed for _, _, passed in bench.results) else 1)


if __name__ == "__main__":
    main()
