import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedMachine } from '@latchkey/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CliWorld, latchkey, startCliWorld } from './cli-world.ts';

describe('where commands work, and what they print where', { timeout: 240_000 }, () => {
  let cli: CliWorld;
  let robot: { readonly id: string; readonly clientId: string };
  let cwd: string;
  beforeAll(async () => {
    cli = await startCliWorld();
    robot = await seedMachine(cli.world.server);
  });
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'latchkey-cwd-'));
    return () => rmSync(cwd, { recursive: true, force: true });
  });
  afterAll(() => cli?.stop());

  const asOwner = async (...args: string[]) => {
    const ran = await cli.run(args, { cwd });
    expect(ran.code, ran.stderr).toBe(0);
    return ran;
  };

  test('whoever is logged in makes, lists and removes credentials of machines by the server, and no folder is made', async () => {
    const made = await asOwner('users', 'create-token', robot.clientId, '--days', '7');
    expect(made.stdout).toMatch(/^lk_pat_\S+\n$|^lk_\S+\n$/);
    expect(made.stderr).toMatch(/counts until .* shown this once/);
    await asOwner('users', 'create-key', robot.clientId, '--out', join(cwd, 'key.json'));
    const { keyId, userId } = JSON.parse(readFileSync(join(cwd, 'key.json'), 'utf8'));
    expect(userId).toBe(robot.id);
    const listed = await asOwner('users', 'credentials', robot.clientId);
    expect(listed.stdout).toContain(`key    ${keyId}`);
    const tokenId = /^token {2}(\d+)/m.exec(listed.stdout)?.[1] ?? '';
    await asOwner('users', 'remove-token', tokenId, '--user', robot.clientId);
    await asOwner('users', 'remove-key', keyId, '--user', robot.clientId);
    expect((await asOwner('users', 'credentials', robot.clientId)).stdout).toBe('\n');
    expect(readdirSync(cwd)).toEqual(['key.json']);
    const ownerless = await cli.run(['users', 'remove-token', '1'], { cwd });
    expect(ownerless).toMatchObject({ code: 2, stderr: expect.stringContaining('--user') });
  });

  test.each([
    ['users create-token robot'],
    ['users create-key robot --out key.json'],
    ['users credentials robot'],
    ['users remove-token 1'],
    ['users remove-key 1'],
    ['users lock ada'],
    ['apps deactivate 1'],
    ['keys list'],
    ['keys rotate'],
    ['keys create --algorithm ES384'],
    ['instances list'],
    ['registration create-token'],
    ['export --local'],
    ['plan --local -f file.yaml'],
    ['apply --local --dry-run -f file.yaml'],
  ])('`%s` where nobody is logged in and there is no database says so, and makes none', async (line) => {
    const file = line.includes('file.yaml');
    const args = line.split(' ').map((word) => (word === 'file.yaml' ? '-' : word));
    const env = { XDG_CONFIG_HOME: join(cwd, 'none') };
    const ran = await latchkey(args, { cwd, env, ...(file ? { input: 'version: 1' } : {}) });
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining('There is no database in') });
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('an application is found by its numeric client ID, a project and an organization by a name of digits', async () => {
    const project = JSON.parse((await asOwner('projects', 'create', '--name', '2026', '--json')).stdout);
    const app = JSON.parse(
      (await asOwner('apps', 'create', '--project', '2026', '--name', 'API', '--type', 'api', '--json'))
        .stdout,
    );
    expect(app.clientId).toMatch(/^[0-9]+$/);
    expect(app.projectId).toBe(project.id);
    for (const name of [app.clientId, app.id, 'API']) {
      const { stdout } = await asOwner('apps', 'get', name, '--json');
      expect(JSON.parse(stdout).id, name).toBe(app.id);
    }
    await asOwner('app-secrets', 'list', app.clientId);
    // Whoever is called like the id of another is not taken for it.
    await asOwner('projects', 'create', '--name', project.id);
    expect(JSON.parse((await asOwner('projects', 'get', project.id, '--json')).stdout).name).toBe('2026');
    const nothing = await cli.run(['apps', 'get', '999999999999999999'], { cwd });
    expect(nothing.code).toBe(5);
  });

  test('a plan is what was asked for: it is on standard output, by plan and by --dry-run', async () => {
    const input = 'version: 1\nprojects: [{ name: Planned }]\n';
    for (const args of [
      ['plan', '-f', '-'],
      ['apply', '--dry-run', '-f', '-'],
    ]) {
      const ran = await cli.run(args, { cwd, input });
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toMatch(
        /^\+ create project .* \/ Planned\n1 to create, 0 to change, 0 to delete\.\n$/,
      );
    }
  });

  test('--out writes the bare token or secret, or the key file; the rest of the answer is printed without it', async () => {
    const out = (name: string) => join(cwd, name);
    const project = JSON.parse((await asOwner('projects', 'create', '--name', 'Out', '--json')).stdout);
    const made = await asOwner('tokens', 'create', robot.clientId, '--out', out('token'), '--json');
    const token = readFileSync(out('token'), 'utf8');
    expect(token).toMatch(/^lk_\S+\n$/);
    expect(JSON.parse(made.stdout)).toMatchObject({ id: expect.stringMatching(/^\d+$/) });
    expect(made.stdout).not.toContain(token.trim());
    expect(statSync(out('token')).mode & 0o777).toBe(0o600);
    const app = await asOwner(
      ...['apps', 'create', '--project', project.id, '--name', 'A', '--type', 'api'],
      ...['--auth-method', 'client_secret_basic', '--out', out('app-secret'), '--json'],
    );
    const { clientId } = JSON.parse(app.stdout);
    expect(readFileSync(out('app-secret'), 'utf8')).toMatch(/^lk_sec_\S+\n$/);
    await asOwner('app-secrets', 'create', clientId, '--out', out('next-secret'));
    expect(readFileSync(out('next-secret'), 'utf8')).toMatch(/^lk_sec_\S+\n$/);
    await asOwner('user-secrets', 'create', robot.clientId, '--out', out('user-secret'));
    expect(readFileSync(out('user-secret'), 'utf8')).toMatch(/^lk_sec_\S+\n$/);
    await asOwner('user-keys', 'create', robot.clientId, '--out', out('key.json'));
    expect(JSON.parse(readFileSync(out('key.json'), 'utf8'))).toMatchObject({ type: 'serviceaccount' });
    await asOwner('instance', 'create-registration-token', '--out', out('registration'));
    expect(readFileSync(out('registration'), 'utf8')).toMatch(/^lk_iat_\S+\n$/);
    expect(existsSync(join(cwd, '.latchkey'))).toBe(false);
  });
});
