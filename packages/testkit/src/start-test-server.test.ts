import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signAssertion } from './key-file.ts';
import { seedApplication, seedProject } from './seed.ts';
import { startTestServer } from './start-test-server.ts';

test('a server starts, listens on its issuer, and its clock can be moved', async () => {
  const server = await startTestServer({ engine: 'pglite' });
  try {
    const { status } = await fetch(`${server.issuer}/readyz`);
    expect(status).toBe(200);
    const before = server.clock.now();
    server.clock.advance(60_000);
    expect(server.clock.now() - before).toBeGreaterThanOrEqual(60_000);
    expect(server.clock.offsetMs()).toBeGreaterThan(59_000);
  } finally {
    await server.close();
  }
});

test('two nodes share issuer, data and keys; each listens on a port of its own', async () => {
  const server = await startTestServer({ engine: 'pglite' });
  const node = await server.startNode();
  try {
    expect(node.issuer).toBe(server.issuer);
    expect(node.port).not.toBe(server.port);
    const keys = await Promise.all(
      [server, node].map(async (each) => (await each.fetch('/oauth/v2/keys')).text()),
    );
    expect(keys[0]).toBe(keys[1]);
  } finally {
    await node.close();
    await server.close();
  }
});

test('a data folder keeps its data for the next server with the same master key', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lk-testkit-'));
  const masterKeys = `k1:${randomBytes(32).toString('base64')}`;
  try {
    const first = await startTestServer({ engine: 'pglite', dataDir, masterKeys });
    const { id } = await seedProject(first);
    const app = await seedApplication(
      first,
      { id, organizationId: first.organizationId, roleKeys: [] },
      {
        type: 'api',
        authMethod: 'private_key_jwt',
      },
    );
    await first.close();
    const second = await startTestServer({ engine: 'pglite', dataDir, masterKeys });
    try {
      expect(second.instanceId).toBe(first.instanceId);
      if (app.keyFile === undefined) throw new Error('no key file');
      const nowSeconds = Math.floor(second.clock.now() / 1000);
      const client_assertion = signAssertion(app.keyFile, { audience: second.issuer, nowSeconds });
      const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      const body = new URLSearchParams({ token: 'x', client_assertion, client_assertion_type });
      const answer = await second.fetch('/oauth/v2/introspect', { body });
      expect(await answer.json()).toEqual({ active: false });
    } finally {
      await second.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
