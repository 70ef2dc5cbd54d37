// What jsforce, the client below most Node tools for Salesforce (the `sf` CLI among them), gets from
// the emulator.
//
// PORTALCTL names the program. Every test has an org of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import jsforce from 'jsforce';

const SEED = fileURLToPath(new URL('../org.toml', import.meta.url));
const VERSION = '66.0';

let emulator;
let org;
let conn;

beforeEach(async () => {
  const args = ['emulator', 'serve', '--seed', SEED];
  emulator = spawn(process.env.PORTALCTL, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: emulator.stdout }), 'line');
  org = JSON.parse(line);
  conn = new jsforce.Connection({
    instanceUrl: org.url,
    accessToken: org.access_token,
    version: VERSION,
  });
});

afterEach(async () => {
  emulator.kill('SIGINT');
  await once(emulator, 'exit');
});

const account = async (name = 'Acme Corp') =>
  (await conn.sobject('Account').findOne({ Name: name }, ['Id'])).Id;

const contacts = async (number) => {
  const parent = await account();
  return Array.from({ length: number }, (_, n) => ({
    LastName: `Contact ${n}`,
    AccountId: parent,
    Roster_Key__c: `C-${n}`,
  }));
};

const count = (conditions) => conn.sobject('Contact').count(conditions);

// Polls without waiting for seconds.
const bulk2 = () => {
  conn.bulk2.pollInterval = 10;
  return conn.bulk2;
};

// Signing in

const logIn = (clientSecret) => {
  const oauth2 = { loginUrl: org.url, clientId: org.client_id, clientSecret };
  const fresh = new jsforce.Connection({ oauth2, version: VERSION });
  return [fresh, fresh.authorize({ grant_type: 'client_credentials' })];
};

test('log in with client credentials', async () => {
  const [fresh, loggedIn] = logIn(org.client_secret);
  const { id, organizationId } = await loggedIn;
  const { records } = await fresh.query('SELECT Id, Name FROM Organization');
  assert.deepEqual([records[0].Id, records[0].Name], [organizationId, 'Acme']);
  assert.equal((await fresh.sobject('User').retrieve(id)).Username, org.username);
});

test('log in with a wrong secret', async () => {
  const [, loggedIn] = logIn('guessed');
  await assert.rejects(loggedIn, { name: 'invalid_client' });
});

test('an expired session is opened again, once', async () => {
  let refreshed = 0;
  const stale = new jsforce.Connection({
    instanceUrl: org.url,
    accessToken: '00D!stale',
    version: VERSION,
    refreshFn: (_, done) => {
      refreshed += 1;
      done(null, org.access_token);
    },
  });
  assert.equal((await stale.query('SELECT Id FROM Account')).totalSize, 2);
  assert.equal(refreshed, 1);
});

test('revoke a session', async () => {
  const [fresh, loggedIn] = logIn(org.client_secret);
  await loggedIn;
  const { accessToken } = fresh;
  await fresh.logout();
  const gone = new jsforce.Connection({ instanceUrl: org.url, accessToken, version: VERSION });
  await assert.rejects(gone.query('SELECT Id FROM User'), { errorCode: 'INVALID_SESSION_ID' });
});

test('who am I', async () => {
  const me = await conn.identity();
  assert.equal(me.username, org.username);
  assert.match(me.organization_id, /^00D/);
  assert.ok(me.urls.rest.startsWith(org.url));
  assert.equal(typeof me.photos.picture, 'string');
});

// Queries

test('query with pages', async () => {
  await conn.sobject('Contact').create(await contacts(50));
  const soql = "SELECT Id, Account.Name FROM Contact WHERE Roster_Key__c LIKE 'C-%' ORDER BY Name";
  const first = await conn.query(soql);
  assert.deepEqual([first.totalSize, first.done, first.records.length], [50, false, 20]);
  const second = await conn.queryMore(first.nextRecordsUrl);
  const third = await conn.queryMore(second.nextRecordsUrl);
  assert.deepEqual([second.records.length, third.records.length, third.done], [20, 10, true]);

  const rows = await conn.query(soql, { autoFetch: true, maxFetch: 1000 });
  assert.equal(new Set(rows.records.map((row) => row.Id)).size, 50);
});

test('query built by the client', async () => {
  const users = await conn
    .sobject('User')
    .find({ IsActive: true, 'Contact.Account.Name': { $like: 'Acme%' } })
    .select('Username, Profile.UserLicense.Name, Contact.Account.Name')
    .include('PermissionSetAssignments')
    .select('PermissionSet.Name')
    .where({ 'PermissionSet.IsOwnedByProfile': false })
    .end()
    .sort({ Username: 1 })
    .limit(10);
  assert.deepEqual(users.map((user) => user.Username), ['kim.osei@acme.example']);
  const [kim] = users;
  assert.equal(kim.Profile.UserLicense.Name, 'Customer Community');
  assert.equal(kim.PermissionSetAssignments.records[0].PermissionSet.Name, 'Portal_Base');
});

test('query that groups', async () => {
  const soql =
    'SELECT Profile.Name profile, COUNT(Id) people FROM User WHERE ContactId != null GROUP BY Profile.Name';
  const { records } = await conn.query(soql);
  assert.deepEqual([records[0].profile, records[0].people], ['Acme Customer', 2]);
});

test('query that is wrong', async () => {
  const wrong = conn.query('SELECT Bacon FROM User');
  await assert.rejects(wrong, { errorCode: 'INVALID_FIELD', message: /No such column 'Bacon'/ });
});

test('an over-long query is refused, never cut', async () => {
  const names = Array.from({ length: 2000 }, (_, n) => `'person${n}@acme.example'`).join(',');
  const query = conn.query(`SELECT Id FROM User WHERE Username IN (${names})`);
  await assert.rejects(query, { errorCode: 'ERROR_HTTP_414' });
});

test('query as a stream of CSV', async () => {
  await conn.sobject('Contact').create(await contacts(50));
  const query = conn.query('SELECT LastName, Roster_Key__c FROM Contact WHERE Title = null');
  const chunks = await query.stream('csv').toArray();
  const lines = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString().trim().split('\n');
  assert.equal(lines[0], 'LastName,Roster_Key__c');
  assert.equal(lines.length, 1 + 52);
});

test('deleted rows stay for those who scan all', async () => {
  const { id } = await conn.sobject('Contact').create({ LastName: 'Gone' });
  assert.equal((await conn.sobject('Contact').destroy(id)).success, true);
  const soql = "SELECT Id FROM Contact WHERE LastName = 'Gone'";
  assert.equal((await conn.query(soql)).totalSize, 0);
  assert.equal((await conn.query(soql, { scanAll: true })).totalSize, 1);
});

// Rows

test('create, retrieve, update and destroy', async () => {
  const contact = conn.sobject('Contact');
  const { id, success } = await contact.create({ LastName: 'Moss', AccountId: await account() });
  assert.equal(success, true);
  assert.deepEqual(await contact.update({ Id: id, FirstName: 'Robin' }), { id, success: true, errors: [] });
  assert.equal((await contact.retrieve(id)).Name, 'Robin Moss');
  await contact.destroy(id);
  await assert.rejects(contact.retrieve(id), { errorCode: 'ENTITY_IS_DELETED' });
});

test('a portal user', async () => {
  const contact = await conn.sobject('Contact').create({ LastName: 'Moss', AccountId: await account() });
  const profile = await conn.sobject('Profile').findOne({ Name: 'Acme Customer' }, ['Id']);
  const user = {
    Username: 'robin.moss@acme.example',
    Email: 'robin.moss@acme.example',
    LastName: 'Moss',
    Alias: 'rmoss',
    ContactId: contact.id,
    ProfileId: profile.Id,
    TimeZoneSidKey: 'Europe/Berlin',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
    IsActive: true,
  };
  const { id } = await conn.sobject('User').create(user);
  await assert.rejects(conn.sobject('User').create(user), { errorCode: 'DUPLICATE_USERNAME' });
  const set = await conn.sobject('PermissionSet').findOne({ Name: 'Portal_Base' }, ['Id']);
  const assigned = await conn
    .sobject('PermissionSetAssignment')
    .create({ AssigneeId: id, PermissionSetId: set.Id });
  assert.equal(assigned.success, true);
  await conn.sobject('User').update({ Id: id, IsActive: false });
  await assert.rejects(conn.sobject('User').destroy(id));
});

test('upsert', async () => {
  const contact = conn.sobject('Contact');
  const first = { Roster_Key__c: 'M-1', LastName: 'Moss', Account: { Account_Key__c: 'A-1' } };
  const made = await contact.upsert(first, 'Roster_Key__c');
  assert.deepEqual([made.success, made.created], [true, true]);
  const again = await contact.upsert({ Roster_Key__c: 'M-1', LastName: 'Ross' }, 'Roster_Key__c');
  assert.deepEqual([again.success, again.created], [true, false]);
  const row = await contact.findOne({ Roster_Key__c: 'M-1' }, ['LastName', 'Account.Name']);
  assert.deepEqual([row.LastName, row.Account.Name], ['Ross', 'Acme Corp']);
});

test('upsert by a key that stands for several', async () => {
  const contact = conn.sobject('Contact');
  await contact.create([{ LastName: 'One', Badge__c: 'B' }, { LastName: 'Two', Badge__c: 'B' }]);
  const several = contact.upsert({ LastName: 'Three', Badge__c: 'B' }, 'Badge__c');
  await assert.rejects(several, (error) => {
    assert.equal(error.name, 'MULTIPLE_CHOICES');
    assert.match(error.data[0], /\/sobjects\/Contact\/003/);
    return error.data.length === 2;
  });
});

// Collections

test('collections', async () => {
  const contact = conn.sobject('Contact');
  const made = await contact.create([...(await contacts(3)), { FirstName: 'Nameless' }]);
  assert.deepEqual(made.map((one) => one.success), [true, true, true, false]);
  assert.equal(made[3].errors[0].statusCode, 'REQUIRED_FIELD_MISSING');
  const ids = made.slice(0, 3).map((one) => one.id);
  await contact.update(ids.map((Id) => ({ Id, Title: 'Buyer' })));
  assert.deepEqual((await contact.retrieve(ids)).map((row) => row.Title), ['Buyer', 'Buyer', 'Buyer']);
  const upserted = await contact.upsert(await contacts(4), 'Roster_Key__c');
  assert.deepEqual(upserted.map((one) => one.created), [false, false, false, true]);
  const gone = await contact.destroy(ids);
  assert.deepEqual(gone.map((one) => one.success), [true, true, true]);
  assert.deepEqual(await contact.retrieve(ids), [null, null, null]);
});

for (const [way, options] of [
  ['collections', { allowBulk: false, allowRecursive: true }],
  ['a bulk job', { allowBulk: true, bulkApiVersion: 2 }],
]) {
  test(`whatever a query finds is updated and destroyed with ${way}`, async () => {
    const records = (await contacts(250)).map((one) => ({ ...one, MailingState: 'CA' }));
    await conn.sobject('Contact').create(records, { allowRecursive: true });
    bulk2();
    const found = () => conn.sobject('Contact').find({ Roster_Key__c: { $like: 'C-%' } });
    const changes = { LastName: '${LastName} (updated)', MailingState: null };
    const updated = await found().update(changes, options);
    assert.equal(updated.filter((one) => one.success).length, 250);
    const rows = await found().select('LastName, MailingState').autoFetch(true);
    assert.equal(rows.length, 250);
    assert.ok(rows.every((row) => / \(updated\)$/.test(row.LastName) && row.MailingState === null));
    const destroyed = await found().destroy(options);
    assert.equal(destroyed.filter((one) => one.success).length, 250);
    assert.equal(await count({ Roster_Key__c: { $like: 'C-%' } }), 0);
  });
}

test('collections of more than one request', async () => {
  const made = await conn.sobject('Contact').create(await contacts(450), { allowRecursive: true });
  assert.equal(made.filter((one) => one.success).length, 450);
  assert.equal(await count({ Roster_Key__c: { $like: 'C-%' } }), 450);
});

test('collections, all or none', async () => {
  const records = [...(await contacts(2)), { FirstName: 'Nameless' }];
  const made = await conn.sobject('Contact').create(records, { allOrNone: true });
  assert.deepEqual(
    made.map((one) => one.errors[0].statusCode),
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'ALL_OR_NONE_OPERATION_ROLLED_BACK', 'REQUIRED_FIELD_MISSING'],
  );
  assert.equal(await count({ Roster_Key__c: { $like: 'C-%' } }), 0);
});

// Composite

test('composite', async () => {
  const base = `/services/data/v${VERSION}`;
  const { compositeResponse } = await conn.requestPost(`${base}/composite`, {
    allOrNone: true,
    compositeRequest: [
      {
        method: 'POST',
        url: `${base}/sobjects/Account`,
        referenceId: 'account',
        body: { Name: 'Cedar Ltd' },
      },
      {
        method: 'POST',
        url: `${base}/sobjects/Contact`,
        referenceId: 'contact',
        body: { LastName: 'Cole', AccountId: '@{account.id}' },
      },
      {
        method: 'GET',
        url: `${base}/sobjects/Account/@{account.id}`,
        referenceId: 'read',
      },
    ],
  });
  assert.deepEqual(compositeResponse.map((one) => one.httpStatusCode), [201, 201, 200]);
  assert.equal(compositeResponse[2].body.Name, 'Cedar Ltd');
  assert.equal(await count({ 'Account.Name': 'Cedar Ltd' }), 1);
});

// Describe and limits

test('describe', async () => {
  const { sobjects } = await conn.describeGlobal();
  const user = sobjects.find((one) => one.name === 'User');
  assert.equal(user.urls.rowTemplate, `/services/data/v${VERSION}/sobjects/User/{ID}`);
  const { fields, childRelationships } = await conn.sobject('User').describe();
  const field = (name) => fields.find((one) => one.name === name);
  assert.deepEqual([field('Username').nillable, field('Username').length], [false, 80]);
  assert.deepEqual(field('ContactId').referenceTo, ['Contact']);
  const ways = childRelationships.map((one) => one.relationshipName);
  assert.ok(ways.includes('PermissionSetAssignments'));
  await assert.rejects(conn.describe('Bacon'), { errorCode: 'NOT_FOUND' });
});

test('versions, limits and usage', async () => {
  const versions = await conn.request('/services/data');
  assert.ok(versions.some(({ version }) => version === VERSION));
  const before = await conn.limits();
  const after = await conn.limits();
  assert.equal(after.DailyApiRequests.Remaining, before.DailyApiRequests.Remaining - 1);
  assert.equal(conn.limitInfo.apiUsage.limit, before.DailyApiRequests.Max);
});

// Bulk API 2.0

test('bulk ingest and query', async () => {
  const records = await contacts(300);
  const inserted = await bulk2().loadAndWaitForResults({
    object: 'Contact',
    operation: 'insert',
    input: records,
  });
  assert.equal(inserted.successfulResults.length, 300);
  const stream = await bulk2().query(
    "SELECT Id, Roster_Key__c, Account.Name FROM Contact WHERE Roster_Key__c LIKE 'C-%'",
  );
  const rows = await stream.toArray();
  assert.equal(rows.length, 300);
  assert.equal(rows[0]['Account.Name'], 'Acme Corp');

  const updated = await bulk2().loadAndWaitForResults({
    object: 'Contact',
    operation: 'update',
    input: rows.slice(0, 5).map(({ Id }) => ({ Id, Title: 'Buyer, "senior"\nof two' })),
  });
  assert.equal(updated.failedResults.length, 0);
  assert.equal(await count({ Title: 'Buyer, "senior"\nof two' }), 5);

  const deleted = await bulk2().loadAndWaitForResults({
    object: 'Contact',
    operation: 'delete',
    input: rows.map(({ Id }) => ({ Id })),
  });
  assert.equal(deleted.successfulResults.length, 300);
  assert.equal(await count({ Roster_Key__c: { $like: 'C-%' } }), 0);
});

test('bulk upsert tells each row', async () => {
  await conn.sobject('Contact').create(await contacts(1));
  const records = [...(await contacts(2)), { LastName: '', AccountId: '', Roster_Key__c: 'bad' }];
  const told = await bulk2().loadAndWaitForResults({
    object: 'Contact',
    operation: 'upsert',
    externalIdFieldName: 'Roster_Key__c',
    input: records,
  });
  const created = told.successfulResults.map((row) => [row.Roster_Key__c, row.sf__Created]);
  assert.deepEqual(Object.fromEntries(created), { 'C-0': 'false', 'C-1': 'true' });
  assert.match(told.failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:/);
  assert.deepEqual(told.unprocessedRecords, []);
});

test('bulk job step by step, with other delimiters', async () => {
  const job = bulk2().createJob({
    object: 'Contact',
    operation: 'insert',
    columnDelimiter: 'PIPE',
    lineEnding: 'CRLF',
  });
  await job.open();
  await job.uploadData('LastName|Roster_Key__c\r\nMoss|P-1\r\n"Ro|ss"|P-2\r\n');
  await job.close();
  await job.poll(10, 10_000);
  assert.equal((await job.check()).numberRecordsProcessed, 2);
  assert.equal((await job.getSuccessfulResults()).length, 2);
  assert.equal(await count({ LastName: 'Ro|ss' }), 1);
  await job.delete();
  await assert.rejects(job.check());
});

test('bulk job without rows', async () => {
  for (const operation of ['insert', 'delete']) {
    const told = await bulk2().loadAndWaitForResults({ object: 'Contact', operation, input: [] });
    assert.deepEqual([told.successfulResults.length, told.failedResults.length], [0, 0]);
  }
});

test('bulk job of an expired session', async () => {
  const config = { instanceUrl: org.url, accessToken: '00D!stale', version: VERSION };
  const job = { object: 'Contact', operation: 'insert', input: await contacts(3) };
  const refreshFn = (_, done) => done(null, org.access_token);
  const refreshing = new jsforce.Connection({ ...config, refreshFn });
  refreshing.bulk2.pollInterval = 10;
  const told = await refreshing.bulk2.loadAndWaitForResults(job);
  assert.equal(told.successfulResults.length, 3);
  const stale = new jsforce.Connection(config);
  await assert.rejects(stale.bulk2.loadAndWaitForResults(job), { name: 'INVALID_SESSION_ID' });
});

test('bulk job that is aborted', async () => {
  const job = bulk2().createJob({ object: 'Contact', operation: 'insert' });
  await job.open();
  await job.abort();
  assert.equal((await job.check()).state, 'Aborted');
});

test('bulk query that is wrong', async () => {
  await assert.rejects(bulk2().query('SELECT Bacon FROM User'), /No such column 'Bacon'/);
});

// Bulk API 1.0, which older scripts still call

test('older bulk jobs', async () => {
  conn.bulk.pollInterval = 10;
  const records = [...(await contacts(20)), { FirstName: 'Nameless' }];
  const told = await conn.bulk.load('Contact', 'insert', records);
  assert.deepEqual(told.map((one) => one.success), [...Array(20).fill(true), false]);
  assert.match(told[20].errors[0], /^REQUIRED_FIELD_MISSING:/);
  const keyed = { extIdField: 'Roster_Key__c' };
  const again = await conn.bulk.load('Contact', 'upsert', keyed, await contacts(21));
  assert.equal(again.filter((one) => one.success).length, 21);
  const found = await conn.bulk.query(
    "SELECT Id, Account.Name FROM Contact WHERE Roster_Key__c LIKE 'C-%'",
  );
  const rows = await found.toArray();
  assert.equal(rows.length, 21);
  assert.equal(rows[0]['Account.Name'], 'Acme Corp');
  const last = conn.bulk.load('Contact', 'delete', rows.map(({ Id }) => ({ Id })));
  const gone = await last;
  assert.ok(gone.every((one) => one.success));
  // The job is being closed in the background: the org has to live that long.
  await last.job.info();
});
