import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliWorld, latchkey, type Ran, startCliWorld } from './cli-world.ts';

let cli: CliWorld;
let home: string;
let run: CliWorld['run'];
beforeAll(async () => {
  cli = await startCliWorld();
  ({ home, run } = cli);
});
afterAll(() => cli?.stop());

const shop = `version: 1
users:
  - { loginName: eve@shop.example, givenName: Eve, email: eve@shop.example }
projects:
  - name: Shop
    roles: [reader, { key: editor, displayName: Editor }]
    applications:
      - { name: API, type: api }
      - { name: Web, type: user_agent, redirectUris: ["https://shop.example.com/callback"] }
    authorizations:
      - { user: eve@shop.example, roles: [reader] }
`;

/** Runs on a database of its own, without a server. */
function local(args: readonly string[], data: string): Promise<Ran> {
  const env = { XDG_CONFIG_HOME: join(home, 'none'), LATCHKEY_DATA_DIR: join(home, data) };
  return latchkey([...args, '--local', '--folder', join(home, `${data}-keys`)], { env });
}

test('without server and login: apply to an empty data folder, export, apply to another: both exports are the same', async () => {
  const file = join(home, 'shop.yaml');
  writeFileSync(file, shop);
  const applied = await local(['apply', '-f', file, '--yes'], 'first');
  expect(applied, applied.stderr).toMatchObject({ code: 0 });
  expect(applied.stdout).toContain('clientSecret');
  const first = join(home, 'first.yaml');
  expect(await local(['export', '-o', first], 'first')).toMatchObject({ code: 0 });
  expect(readFileSync(first, 'utf8')).toContain('name: Shop');
  const again = await local(['apply', '-f', first, '--yes'], 'second');
  expect(again, again.stderr).toMatchObject({ code: 0 });
  const second = join(home, 'second.yaml');
  expect(await local(['export', '-o', second], 'second')).toMatchObject({ code: 0 });
  expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));
  const looked = await local(['plan', '-f', first], 'second');
  expect(looked.stdout).toContain('0 to create, 0 to change, 0 to delete.');
}, 120_000);

test('--local refuses a wrong file with its place, and what it cannot do', async () => {
  const file = join(home, 'wrong.yaml');
  writeFileSync(file, 'version: 1\nprojects:\n  - name: Shop\n    roles: [7]\n');
  const refused = await local(['apply', '-f', file, '--yes'], 'third');
  expect([refused.code, refused.stderr]).toEqual([7, expect.stringMatching(/wrong\.yaml:4:\d+: /)]);
}, 60_000);

test('--prune removes what the lists of the file lack, and nothing else', async () => {
  const file = join(home, 'pruned.yaml');
  writeFileSync(file, 'version: 1\nprojects:\n  - name: Pruned\n    roles: [keep, drop]\n');
  expect(await run(['apply', '-f', file, '--yes'])).toMatchObject({ code: 0 });
  writeFileSync(file, 'version: 1\nprojects:\n  - name: Pruned\n    roles: [keep]\n');
  const kept = await run(['plan', '-f', file]);
  expect(kept.stdout).toContain('0 to delete');
  const pruned = await run(['apply', '-f', file, '--prune', '--yes', '--dry-run']);
  expect(pruned.stdout).toMatch(/- delete role .*drop/);
});

test('a plan warns of an application that works but is not safe, or whose address the server never calls', async () => {
  const file = join(home, 'warned.yaml');
  const application = '{ name: Web, type: web, backchannelLogoutUri: "https://10.0.0.1/out" }';
  writeFileSync(file, `version: 1\nprojects:\n  - name: Warned\n    applications: [${application}]\n`);
  const { code, stdout } = await run(['plan', '-f', file]);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/Warned \/ Web: Warning: backchannelLogoutUri: The server will not call https:/),
  ]);
});

test('an update with an ETag of before is refused as a conflict', async () => {
  const made = await run(['projects', 'create', '--name', 'Versioned']);
  const etag = /ETag: (\S+)/.exec((await run(['projects', 'get', 'Versioned'])).stdout)?.[1] ?? '';
  expect(made.code).toBe(0);
  expect(etag).not.toBe('');
  const update = (name: string) =>
    run(['projects', 'update', 'Versioned', '--role-assertion', 'true', '--if-match', name]);
  expect(await update(etag)).toMatchObject({ code: 0 });
  const stale = await update(etag);
  expect([stale.code, stale.stderr]).toEqual([6, expect.stringContaining('changed since')]);
});

function shellCompletes(words: readonly string[], script: string): string {
  const file = join(home, 'completion.bash');
  writeFileSync(file, script);
  const line = ['latchkey', ...words].map((word) => `'${word}'`).join(' ');
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `source '${file}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _latchkey; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p latchkey`,
    ],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout;
}

test('the completion script completes nouns, verbs and options in a real shell', async () => {
  const { stdout: script } = await run(['completion', 'bash']);
  expect(shellCompletes(['proj'], script).split('\n')[0]).toBe('projects');
  expect(shellCompletes(['users', 'dea'], script).split('\n')[0]).toBe('deactivate');
  expect(shellCompletes(['projects', 'create', '--na'], script).split('\n')[0]).toBe('--name');
  expect(shellCompletes(['proj'], script)).toContain('complete -o default -F _latchkey latchkey');
});

test('doctor finds nothing broken at a sound server and names its database; a dead one is broken', async () => {
  const healthy = await run(['doctor', '--json']);
  const findings: { check: string; outcome: string }[] = JSON.parse(healthy.stdout);
  expect(findings.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      'issuer',
      'dns',
      'discovery',
      'readiness',
      'clock',
      'key set',
      'key age',
      'redirects',
    ]),
  );
  const withDatabase = await run(['doctor', '--json'], { env: { LATCHKEY_DATA_DIR: join(home, 'first') } });
  const database = JSON.parse(withDatabase.stdout).filter((each: { check: string }) =>
    ['database', 'schema'].includes(each.check),
  );
  expect(database).toEqual([
    { check: 'database', outcome: 'good', detail: expect.stringMatching(/^PostgreSQL 1\d/) },
    { check: 'schema', outcome: 'good', detail: expect.any(String) },
  ]);
  expect(await run(['doctor', 'http://localhost:9'])).toMatchObject({ code: 9 });
  expect(await run(['doctor', 'nonsense'])).toMatchObject({ code: 2 });
}, 60_000);
