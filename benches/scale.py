#!/usr/bin/env python3
"""Whole commands at scale: builds the program, serves a generated org, and prints a table.

    benches/scale.py [--sizes 1000,10000,100000] [--peer PYTHON] [--keep]

`PYTHON` is an interpreter with simple-salesforce; without it the rows of the Python peer are left
out. Ratios are within one run, on one machine: absolute times say little.
"""

import argparse
import concurrent.futures
import contextlib
import csv
import json
import math
import multiprocessing
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
# More people than this are declared by a roster rather than by a table each.
TABLES = 200_000
PROJECT = """\
[project]
name = "scale"

[permission_sets]
mode = "at-least"

[safety]
max_access_changes = "100%"
"""
ROSTER = """\
[[rosters]]
csv = "people.csv"
columns = { account = { id = "Account ID" } }
"""

SEED = """\
[Organization]
Name = "Scale"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = {seats}
[[Profile]]
Name = "Customer"
UserLicense = "Customer Community"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@scale.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[PermissionSet]]
Name = "Portal_Base"
[[PermissionSet]]
Name = "Orders_Read"
"""


class Org:
    """An emulator process."""

    def __init__(self, program, *origin):
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [program, "emulator", "serve", *origin, "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
        )
        hello = json.loads(self.process.stdout.readline())
        self.started = time.perf_counter() - begun
        self.url, self.token = hello["url"], hello["access_token"]

    def get(self, path, method="GET", body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")

    @contextlib.contextmanager
    def distant(self, milliseconds):
        """Every answer takes so much longer, as that of an org which is far away."""
        fault = {"Path": "/services/", "Do": "slow", "Milliseconds": milliseconds}
        self.get("/emulator/faults", "POST", fault)
        yield
        self.get("/emulator/faults", "DELETE")

    def query(self, soql):
        page = self.get("/services/data/v66.0/query?q=" + urllib.parse.quote(soql))
        while True:
            yield from page["records"]
            if page["done"]:
                return
            page = self.get(page["nextRecordsUrl"])

    def requests(self):
        return self.get("/emulator/requests")

    def environment(self):
        return {"SF_ACCESS_TOKEN": self.token, "SF_ORG_INSTANCE_URL": self.url}

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        return 0

    def stop(self):
        self.process.kill()
        self.process.wait()


def measured(command, environment=None, stdin="", allowed=(0,)):
    """Runs a command and says what it cost; its output goes along."""
    cost, status, output, errors = LAUNCHER.submit(launch, command, environment or {}, stdin).result()
    if status not in allowed:
        sys.exit(f"{command} ended with {status}:\n{output[-2000:]}\n{errors[-2000:]}")
    return {**cost, "output": output}


def launch(command, environment, stdin):
    """Runs in a small process of its own: a child's peak memory begins with that of its parent."""
    with tempfile.TemporaryFile() as inp, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        inp.write(stdin.encode())
        inp.seek(0)
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=inp, stdout=out, stderr=err, env={"PATH": os.environ["PATH"], **environment}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        cost = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * 1024}
        return cost, process.returncode, out.read().decode(), err.read().decode()


def best(runs):
    """Of runs of one command, the one that was disturbed least."""
    return min(runs, key=lambda run: run["wall"])


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def people(org):
    """The active portal users of the org, as a project declares them."""
    soql = (
        "SELECT Username, FirstName, LastName, Email, Title, ContactId, Contact.AccountId, Profile.Name"
        " FROM User WHERE IsActive = true AND ContactId != null"
    )
    return list(org.query(soql))


def declare(folder, rows, title=lambda row: row["Title"]):
    """Writes a project that declares these people."""
    shutil.rmtree(folder / "users", ignore_errors=True)
    (folder / "users").mkdir(parents=True)
    (folder / "portalctl.toml").write_text(PROJECT)
    if len(rows) > TABLES:
        return roster(folder, rows, title)
    by_account = {}
    for row in rows:
        by_account.setdefault(row["Contact"]["AccountId"], []).append(row)
    parts = [[] for _ in range(min(len(by_account), 50))]
    for number, (account, members) in enumerate(sorted(by_account.items())):
        part = parts[number % len(parts)]
        for row in members:
            part.append("[[users]]\n")
            part.append(f"username = {quoted(row['Username'])}\n")
            part.append(f"account = {{ id = {quoted(account)} }}\n")
            part.append(f"profile = {quoted(row['Profile']['Name'])}\n")
            for key, value in [
                ("first_name", row["FirstName"]),
                ("last_name", row["LastName"]),
                ("email", row["Email"]),
                ("title", title(row)),
            ]:
                if value:
                    part.append(f"{key} = {quoted(value)}\n")
    for number, part in enumerate(parts):
        (folder / "users" / f"part{number:02}.toml").write_text("".join(part))


def roster(folder, rows, title):
    (folder / "users" / "people.toml").write_text(ROSTER)
    with open(folder / "users" / "people.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["username", "first_name", "last_name", "email", "title", "Account ID", "profile"])
        for row in rows:
            out.writerow(
                [
                    row["Username"],
                    row["FirstName"],
                    row["LastName"],
                    row["Email"],
                    title(row),
                    row["Contact"]["AccountId"],
                    row["Profile"]["Name"],
                ]
            )


class Table:
    def __init__(self):
        self.rows = []
        print(
            f"{'users':>9}  {'what':<34} {'wall s':>8} {'cpu s':>8} {'MB':>7} {'calls':>6} {'MB read':>8}  ratio"
        )

    def add(self, users, what, cost, calls="", read=None, ratio=""):
        self.rows.append((users, what, cost))
        read = f"{read / 1e6:.1f}" if read is not None else ""
        print(
            f"{users:>9}  {what:<34} {cost['wall']:>8.2f} {cost['cpu']:>8.2f}"
            f" {cost['memory'] / 1e6:>7.0f} {calls:>6} {read:>8}  {ratio}",
            flush=True,
        )

    def exponents(self):
        """How time grows with size: 1 is linear."""
        for what in dict.fromkeys(what for _, what, _ in self.rows):
            points = [(users, cost) for users, name, cost in self.rows if name == what]
            if len(points) > 1:
                (small, first), (large, last) = points[-2], points[-1]
                power = math.log(last["cpu"] / first["cpu"]) / math.log(large / small)
                longer = last["wall"] / first["wall"]
                print(
                    f"growth of {what}: exponent {power:.2f} of the CPU from {small} to {large},"
                    f" {longer:.1f} x the wall"
                )


def plan_rows(bench, users, org, table):
    """A plan with nothing to do, the floor, and the peer."""
    folder = bench.folder / str(users)
    declare(folder, bench.rows)
    plan, pages = beside_the_floor(bench, users, org, table)
    with org.distant(bench.distance):
        beside_the_floor(bench, users, org, table, f", {bench.distance} ms away")
    if bench.peer and users <= TABLES:
        queries = "\n".join(filter(None, map(soql, pages)))
        command = [bench.peer, ROOT / "benches/peer.py", "plan", folder]
        peer = measured(command, org.environment(), queries)
        if not peer["output"].startswith("0 differ"):
            sys.exit("the peer has found something else: " + peer["output"])
        ratio = f"our CPU is 1/{peer['cpu'] / plan['cpu']:.1f} of it"
        table.add(users, "the same in Python", peer, ratio=ratio)


def beside_the_floor(bench, users, org, table, where=""):
    """The plan with nothing to do and the bare fetch of the same answers, turn by turn."""
    pages, plans, floors = None, [], []
    for _ in range(bench.runs):
        before = len(org.requests())
        plan = measured([bench.program, "-C", bench.folder / str(users), "plan", "-q"], org.environment())
        if "No changes" not in plan["output"]:
            sys.exit("the plan is not empty:\n" + plan["output"][-3000:])
        requests = org.requests()[before:]
        pages = [entry["path"] for entry in requests if entry["method"] == "GET"]
        command = [bench.floor, "fetch", org.url, org.token, "8"]
        floor = measured(command, stdin="\n".join(pages))
        plans.append({**plan, "calls": len(requests)})
        floors.append({**floor, **json.loads(floor["output"])})
    plan, floor = best(plans), best(floors)
    table.add(users, "bare fetch" + where, floor, floor["calls"], floor["bytes"])
    ratio = f"{plan['wall'] / floor['wall']:.2f} x the bare fetch"
    table.add(users, "plan, nothing to do" + where, plan, plan["calls"], ratio=ratio)
    return plan, pages


def validate_rows(bench, users, table):
    """Reading the files, beside parsing them and nothing more."""
    folder = bench.folder / str(users)
    runs, bare = [], []
    for _ in range(bench.runs):
        runs.append(measured([bench.program, "-C", folder, "validate", "-q"]))
        if users <= TABLES:
            bare.append(measured([bench.floor, "toml", folder / "users"]))
    run, ratio = best(runs), ""
    if bare:
        table.add(users, "bare parse", best(bare))
        ratio = f"{run['wall'] / best(bare)['wall']:.2f} x the bare parse"
    table.add(users, "validate", run, ratio=ratio)


def soql(path):
    """The query that a path asks."""
    return urllib.parse.parse_qs(urllib.parse.urlsplit(path).query).get("q", [""])[0]


def change_rows(bench, users, org, table):
    """Two hundred people get another title."""
    folder = bench.folder / f"{users}-changes"
    changed = {row["Username"] for row in bench.rows[:200]}
    declare(folder, bench.rows, lambda r: "Lead" if r["Username"] in changed else r["Title"])
    plan = measured([bench.program, "-C", folder, "plan", "-q"], org.environment(), allowed=(0, 3))
    table.add(users, "plan, 200 changes", plan)


def create_rows(bench, count, table):
    """People who are not there, with contacts and two permission sets each."""
    folder = bench.folder / "creates"
    newcomers(folder, count)
    for who in ["portalctl", "python"]:
        if who == "python" and not bench.peer:
            continue
        org = Org(bench.program, "--seed", folder / "seed.toml")
        if who == "portalctl":
            command = [bench.program, "-C", folder, "apply", "-q", "--auto-approve"]
        else:
            command = [bench.peer, ROOT / "benches/peer.py", "create", folder]
        cost = measured(command, org.environment())
        calls = len(org.requests())
        made = sum(1 for _ in org.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = false"))
        if made != 2 * count:
            sys.exit(f"{made} permission sets were assigned:\n{cost['output'][-2000:]}")
        org.stop()
        if who == "portalctl":
            ours = cost
            table.add(count, "apply, creates", ours, calls)
        else:
            ratio = (
                f"ours takes 1/{cost['wall'] / ours['wall']:.1f} of the time,"
                f" 1/{cost['cpu'] / ours['cpu']:.1f} of the CPU"
            )
            table.add(count, "the creates in Python", cost, calls, ratio=ratio)


def newcomers(folder, count):
    """An org with empty accounts and enough seats, and people for it."""
    accounts = [f"Account {number:05}" for number in range(max(1, count * 2 // 5))]
    (folder / "users").mkdir(parents=True)
    owner = 'Owner = "olive.owner@scale.example"'
    tables = "".join(f'[[Account]]\nName = "{name}"\n{owner}\n' for name in accounts)
    (folder / "seed.toml").write_text(SEED.format(seats=count * 2) + tables)
    (folder / "portalctl.toml").write_text(PROJECT)
    lines = ['profile = "Customer"\npermission_sets = ["Portal_Base", "Orders_Read"]\n']
    for number in range(count):
        lines.append("[[users]]\n")
        lines.append(f'username = "new{number:06}@newcomers.example"\n')
        lines.append(f'first_name = "New"\nlast_name = "Comer {number:06}"\n')
        lines.append(f'account = "{accounts[number % len(accounts)]}"\n')
    (folder / "users" / "new.toml").write_text("".join(lines))


def startup(program):
    """Starting up, against a program that does nothing, turn by turn."""

    def timed(command):
        begun = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begun

    pairs = [(timed(["/bin/true"]), timed([program, "--version"])) for _ in range(50)]
    nothing, version = (statistics.median(side) for side in zip(*pairs))
    print(f"--version takes {version * 1e3:.2f} ms, {version / nothing:.2f} x /bin/true")


def build():
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    built = subprocess.run(
        ["cargo", "build", "--release", "--locked", "--bench", "floor", "--message-format=json"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    floor = None
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("target", {}).get("name") == "floor" and message.get("executable"):
            floor = message["executable"]
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "portalctl"), floor


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--creates", type=int, default=10_000)
    parser.add_argument("--distance", type=int, default=100, help="milliseconds to a distant org")
    parser.add_argument("--peer", help="a Python with simple-salesforce")
    parser.add_argument("--runs", type=int, default=3, help="how often, of which the best counts")
    parser.add_argument("--keep", action="store_true", help="keep the generated projects")
    bench = parser.parse_args()
    bench.program, bench.floor = build()
    bench.folder = pathlib.Path(tempfile.mkdtemp(prefix="portalctl-scale-"))
    table = Table()
    for users in [int(size) for size in bench.sizes.split(",") if size]:
        shape = f"users={users},accounts={max(1, users * 2 // 5)},seed=7"
        org = Org(bench.program, "--generate", shape)
        bench.rows = people(org)
        plan_rows(bench, users, org, table)
        validate_rows(bench, users, table)
        change_rows(bench, users, org, table)
        print(f"{users:>9}  the emulator started in {org.started:.1f} s, {org.memory() / 1e6:.0f} MB")
        org.stop()
    if bench.creates:
        create_rows(bench, bench.creates, table)
    table.exponents()
    startup(bench.program)
    if bench.keep:
        print(f"the projects are in {bench.folder}")
    else:
        shutil.rmtree(bench.folder)


if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as LAUNCHER:
        LAUNCHER.submit(os.getpid).result()
        main()
