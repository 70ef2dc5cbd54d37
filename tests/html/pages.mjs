// Makes the pages that the browser opens: plans and reports of projects on the emulator.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [program, out] = process.argv.slice(2).map((path) => resolve(path));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const run = (folder, ...args) => {
  try {
    execFileSync(program, ["-C", folder, ...args, "--today", "2026-11-24"], { stdio: "pipe" });
  } catch (error) {
    // A drift, a blocked plan and a partial apply have their own statuses, and their pages.
    if (![2, 3, 68].includes(error.status)) throw error;
  }
};
const page = (folder, name, ...args) =>
  writeFileSync(join(out, name), execFileSync(program, ["-C", folder, ...args, "--format", "html", "--today", "2026-11-24"], { maxBuffer: Infinity }));
const example = (name) => {
  const folder = join(mkdtempSync(join(tmpdir(), "portalctl-html-")), name);
  cpSync(`examples/${name}`, folder, { recursive: true, filter: (path) => !path.includes(".portalctl") });
  return folder;
};

const quickstart = example("quickstart");
run(quickstart, "plan", "--report", `html=${out}/small.html`);
run(quickstart, "drift", "--list-undeclared", "--report", `html=${out}/drift.html`);
page(quickstart, "access.html", "access");
run(quickstart, "apply", "--auto-approve", "--report", `html=${out}/report.html`);
run(quickstart, "plan", "--report", `html=${out}/nothing.html`);

const shortfall = example("shortfall");
writeFileSync(
  join(shortfall, "users/lost.toml"),
  '[[users]]\nusername = "lost@acme.example"\nlast_name = "Lost"\naccount = "Nowhere Inc."\nprofile = "Acme Customer"\n',
);
run(shortfall, "plan", "--report", `html=${out}/blocked.html`);

// 5,000 people of 50 accounts on two licences.
const accounts = Array.from({ length: 50 }, (_, n) => `Account ${String(n + 1).padStart(2, "0")}`);
const large = mkdtempSync(join(tmpdir(), "portalctl-html-"));
mkdirSync(join(large, "users"));
writeFileSync(
  join(large, "portalctl.toml"),
  '[project]\nname = "large-portal"\n[orgs.dev]\nemulator = "org.toml"\n[safety]\nmax_deactivations = 5000\n',
);
let org = `[[UserLicense]]\nName = "Customer Community"\nTotalLicenses = 4000\n[[UserLicense]]\nName = "Partner Community"\nTotalLicenses = 3000
[[Profile]]\nName = "Acme Customer"\nUserLicense = "Customer Community"\n[[Profile]]\nName = "Acme Partner"\nUserLicense = "Partner Community"
[[UserRole]]\nName = "Sales"\n[[User]]\nUsername = "olive.owner@acme.example"\nLastName = "Owner"\nProfile = "Standard User"\nUserRole = "Sales"\n`;
for (const account of accounts) {
  org += `[[Account]]\nName = "${account}"\nOwner = "olive.owner@acme.example"\n`;
}
let users = "";
for (let n = 1; n <= 5000; n += 1) {
  const name = `user${String(n).padStart(4, "0")}@acme.example`;
  const account = accounts[n % accounts.length];
  const profile = n % 2 ? "Acme Customer" : "Acme Partner";
  users += `[[users]]\nusername = "${name}"\nfirst_name = "First${n}"\nlast_name = "Last${n}"\naccount = "${account}"\nprofile = "${profile}"\n`;
  if (n % 5 === 0) users += `state = "inactive"\n`;
  else users += `title = "Head of ${n}"\n`;
  if (n % 5 < 3) {
    org += `[[User]]\nUsername = "${name}"\nFirstName = "First${n}"\nLastName = "Last${n}"\nTitle = "Clerk"\nProfile = "${profile}"\nAccount = "${account}"\n`;
  }
}
// The fifth of those who leave must be there to leave.
writeFileSync(join(large, "org.toml"), org);
writeFileSync(join(large, "users/all.toml"), users);
run(large, "plan", "--report", `html=${out}/large.html`);
page(large, "large-access.html", "access");

// Names that would like to be markup.
const hostile = example("shortfall");
const name = `<img src=x onerror=alert(1)></details><script>document.title='pwned'</script>`;
writeFileSync(
  join(hostile, "users/hostile.toml"),
  `profile = "Acme Customer"\naccount = "Acme Corp"\n[[users]]\nusername = "hostile@acme.example"\nfirst_name = "=HYPERLINK(1)"\nlast_name = "${name.slice(0, 80)}"\ntitle = "\\" onmouseover=alert(1) x=\\""\n`,
);
run(hostile, "plan", "--report", `html=${out}/hostile.html`);
page(hostile, "hostile-access.html", "access");
