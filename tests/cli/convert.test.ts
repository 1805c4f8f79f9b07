import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signUserAssertion } from '@latchkey/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, call, discover, introspect, payloadOf, redeem, signIn } from '../flows/flow-world.ts';
import { type CliWorld, startCliWorld } from './cli-world.ts';
import { known, old, robotKeyFile, zitadelExport, zitadelRows } from './zitadel-export.ts';

const jwtProfile = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

describe('latchkey convert zitadel', () => {
  let cli: CliWorld;
  let folder: string;
  let files: readonly string[];
  let told: string;
  beforeAll(async () => {
    cli = await startCliWorld();
    folder = mkdtempSync(join(tmpdir(), 'latchkey-convert-'));
    writeFileSync(join(folder, 'export.json'), JSON.stringify(zitadelExport));
    writeFileSync(join(folder, 'rows.json'), zitadelRows);
    const args = ['zitadel', join(folder, 'export.json'), '--with', join(folder, 'rows.json')];
    const converted = await cli.run(['convert', ...args, '--out', join(folder, 'moved')]);
    expect(converted.code, converted.stderr).toBe(0);
    files = converted.stdout.trim().split('\n');
    told = converted.stderr;
    for (const file of files) {
      const applied = await cli.run(['apply', '-f', file, '--yes']);
      expect(applied.code, applied.stderr).toBe(0);
      // Everything brings what it proves itself by.
      expect(applied.stdout, file).toBe('');
    }
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cli?.stop();
  });

  const api = { clientId: old.apiClient, clientSecret: known.apiSecret };
  const roles = {
    admin: { [old.organization]: 'acme.example.com' },
    reader: { [old.organization]: 'acme.example.com' },
  };
  const signInAs = async (loginName: string, id: string) => {
    const { server } = cli.world;
    const web = {
      id: old.webApp,
      clientId: old.webClient,
      redirectUri: 'https://portal.acme.example.com/callback',
      type: 'user_agent',
      authMethod: 'none',
      clientSecret: '',
      project: { id: old.project, organizationId: old.organization, roleKeys: ['admin', 'reader'] },
    } as const;
    const config = await discover(server, web);
    const user = { id, organizationId: old.organization, loginName, password: known.password };
    const scope = `openid profile email offline_access urn:zitadel:iam:org:project:id:${old.project}:aud`;
    return await redeem(config, await signIn(server, web, user, { params: { scope } }));
  };

  test('a person signs in to the app by the old client ID with the old password; sub, audience and roles are the old ones', async () => {
    const { server } = cli.world;
    const tokens = await signInAs('ada@acme.example.com', old.ada);
    expect(payloadOf(tokens.id_token ?? '')).toMatchObject({
      sub: old.ada,
      aud: [old.webClient],
      'urn:zitadel:iam:org:project:roles': roles,
      [`urn:zitadel:iam:org:project:${old.project}:roles`]: roles,
    });
    expect(await introspect(server, api, tokens.access_token)).toMatchObject({
      active: true,
      sub: old.ada,
      client_id: old.webClient,
      aud: expect.arrayContaining([old.project]),
      username: 'ada@acme.example.com',
      email: 'ada@acme.example.com',
      'urn:zitadel:iam:org:project:roles': roles,
    });
  });

  test('a person of another organization holds the roles of the project grant', async () => {
    const tokens = await signInAs('max@partner.example.com', old.max);
    expect(await introspect(cli.world.server, api, tokens.access_token)).toMatchObject({
      sub: old.max,
      'urn:zitadel:iam:org:project:roles': { reader: { [old.partner]: 'partner.example.com' } },
    });
  });

  test('a service user gets tokens by its old key file, another by its old secret', async () => {
    const { server } = cli.world;
    const nowSeconds = Math.floor(server.clock.now() / 1000);
    const assertion = signUserAssertion(robotKeyFile, { audience: server.issuer, nowSeconds });
    const scope = `openid profile urn:zitadel:iam:org:project:id:${old.project}:aud`;
    const { status, body } = await call(server, '/oauth/v2/token', {
      form: { grant_type: jwtProfile, assertion, scope },
    });
    expect(status).toBe(200);
    expect(payloadOf(String(body.access_token))).toMatchObject({ sub: old.robot });
    expect(await introspect(server, api, String(body.access_token))).toMatchObject({
      active: true,
      sub: old.robot,
      'urn:zitadel:iam:org:project:roles': { reader: { [old.organization]: 'acme.example.com' } },
    });
    const form = { grant_type: 'client_credentials', scope: 'openid' };
    const headers = basic('helper', known.machineSecret);
    expect((await call(server, '/oauth/v2/token', { form, headers })).status).toBe(200);
  });

  test('an API that proves itself by a key keeps client ID and key', async () => {
    const { data } = await cli.world.owner.call('listApplicationKeys', {
      path: { applicationId: old.keyedApp },
    });
    expect(data.items).toMatchObject([{ id: old.appKey }]);
    const app = await cli.world.owner.call('getApplication', { path: { applicationId: old.keyedApp } });
    expect(app.data).toMatchObject({ clientId: old.keyedClient, authMethod: 'private_key_jwt' });
  });

  test('everything that is not carried over is named', () => {
    for (const words of [
      'Acme: domain acme.example: add it and prove it again.',
      'Acme: project ZITADEL',
      'Acme: labelPolicy',
      'Acme: 1 actions',
      'Acme / ada@acme.example.com: its one-time code generator.',
      'Acme / robot: key 244756394579460099: it ended on 2024-06-01',
      'manager role ORG_SETTINGS_WIZARD of ada@acme.example.com',
      'Partner / max@partner.example.com: that ada@acme.example.com is verified',
    ])
      expect(told).toContain(words);
    expect(told).toMatch(
      /Read 2 organizations, 1 projects, 4 applications, 2 people, 2 machines, 3 authorizations/,
    );
  });

  test('applied again the files change nothing', async () => {
    for (const file of files) {
      const planned = await cli.run(['plan', '-f', file]);
      expect(planned.stdout, file).toBe('0 to create, 0 to change, 0 to delete.\n');
    }
  });

  test('files are for their owner alone, a folder that is there is left alone, a wrong export is said to be one', async () => {
    for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await cli.run([
      'convert',
      'zitadel',
      join(folder, 'export.json'),
      '--out',
      join(folder, 'moved'),
    ]);
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a folder that is not there yet'),
    });
    writeFileSync(join(folder, 'wrong.json'), '{"orgs":[{"projects":[]}]}');
    const wrong = await cli.run([
      'convert',
      'zitadel',
      join(folder, 'wrong.json'),
      '--out',
      join(folder, 'no'),
    ]);
    expect(wrong).toMatchObject({ code: 7, stderr: expect.stringContaining('orgId') });
    expect(existsSync(join(folder, 'no'))).toBe(false);
    const rows = await cli.run([
      'convert',
      'zitadel',
      join(folder, 'export.json'),
      '--with',
      join(folder, 'wrong.json'),
      '--out',
      join(folder, 'no'),
    ]);
    expect(rows).toMatchObject({ code: 7, stderr: expect.stringContaining('1 entries of --with') });
  });

  test('without the rows the lacking client IDs and secrets are named, and --json says all of it on standard output', async () => {
    const args = ['convert', 'zitadel', '-', '--out', join(folder, 'bare'), '--json'];
    const { code, stdout } = await cli.run(args, { input: JSON.stringify(zitadelExport) });
    expect(code).toBe(0);
    // cast: what the command documents
    const { leftOut } = JSON.parse(stdout) as { leftOut: { where: string; what: string }[] };
    const lacking = leftOut.filter(({ what }) => what.includes('--with')).map(({ where }) => where);
    expect(lacking).toEqual(['Acme / Portal / Web', 'Acme / Portal / API', 'Acme / Portal / API']);
    expect(readFileSync(join(folder, 'bare', '1-organizations.yaml'), 'utf8')).toContain(old.project);
  });
});
