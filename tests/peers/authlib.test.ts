import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type SeededApplication, seedApplication } from '@latchkey/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audienceScope, type ShopWorld, startShopWorld } from '../flows/shop-world.ts';

const python = process.env.PEER_PYTHON ?? '/usr/bin/python3';
const script = fileURLToPath(new URL('authlib_peer.py', import.meta.url));

interface Introspected {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the script tells. */
interface Told {
  readonly callback: Readonly<Record<string, string>>;
  readonly idToken: Readonly<Record<string, unknown>>;
  readonly userinfo: Readonly<Record<string, unknown>>;
  readonly first: Readonly<Record<string, unknown>>;
  readonly introspected: Introspected;
  readonly second: Readonly<Record<string, unknown>>;
  readonly revoked: number;
  readonly afterRevocation: Introspected;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly machineIntrospected: Introspected;
}

let world: ShopWorld;
beforeAll(async () => {
  world = await startShopWorld('pglite');
});
afterAll(() => world?.stop());

/** Runs the script; rejects with what it printed when it fails. */
function runPeer(task: unknown): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(out.join('')));
      else
        reject(
          new Error(
            `Authlib's script ended with ${code} (its packages: apt-get install -y python3-authlib python3-requests):\n${err.join('')}`,
          ),
        );
    });
    child.stdin.end(JSON.stringify(task));
  });
}

function taskFor(client: SeededApplication, api: SeededApplication): unknown {
  const { server, ada, robot, shop } = world;
  return {
    issuer: server.issuer,
    client,
    api,
    robot,
    person: { loginName: ada.loginName, password: ada.password },
    scope: 'openid profile email offline_access',
    machineScope: `openid ${audienceScope(shop)}`,
    verifier: 'a-verifier-of-forty-three-characters-or-more-0123',
  };
}

test.each(['client_secret_basic', 'private_key_jwt'] as const)(
  'Authlib of Debian, unmodified, by %s: code with PKCE, ID token, userinfo, refresh, introspection, revocation, client credentials',
  async (authMethod) => {
    const { server, shop, ada, robot } = world;
    const client = await seedApplication(server, shop, { type: 'web', authMethod });
    const api = await seedApplication(server, shop, { type: 'api', authMethod });
    const told = await runPeer(taskFor(client, api));
    expect(told.callback).toMatchObject({ iss: server.issuer });
    expect(told.idToken).toMatchObject({ sub: ada.id, nonce: 'nonce-of-authlib', iss: server.issuer });
    expect(told.idToken.at_hash).toMatch(/^[\w-]{22}$/);
    expect(told.userinfo).toMatchObject({ sub: ada.id, email: ada.loginName, name: 'Ada Lovelace' });
    expect(told.introspected).toMatchObject({ status: 200, body: { active: true, sub: ada.id } });
    expect(told.second.refresh_token).toMatch(/^lk_rt_/);
    expect(told.second.refresh_token).not.toBe(told.first.refresh_token);
    expect(told.revoked).toBe(200);
    expect(told.afterRevocation).toEqual({ status: 200, body: { active: false } });
    expect(told.machine.token_type).toBe('Bearer');
    expect(told.machineIntrospected).toMatchObject({ status: 200, body: { active: true, sub: robot.id } });
  },
);
