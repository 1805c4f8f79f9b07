import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as forExpress from './express.ts';
import * as forFastify from './fastify.ts';
import * as forHono from './hono.ts';
import { createTestIssuer, type TestIssuer } from './testing.ts';
import { createVerifier, type Verifier } from './verifier.ts';

interface RunningApp {
  readonly origin: string;
  readonly close: () => Promise<unknown>;
}

const behindProxy = { origin: 'https://api.example.com' };

function originOf(address: unknown): string {
  const { port }: { port?: unknown } = Object(address);
  return `http://127.0.0.1:${String(port)}`;
}

const frameworks: Readonly<Record<string, (verifier: Verifier) => Promise<RunningApp>>> = {
  async express(verifier) {
    const app = express();
    app.get('/me', forExpress.requireAuth(verifier), (req, res) => void res.json({ who: req.auth?.subject }));
    app.get('/proxied', forExpress.requireAuth(verifier, behindProxy), (_req, res) => void res.json({}));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      origin: originOf(server.address()),
      close: async () => {
        server.close();
        server.closeAllConnections();
      },
    };
  },

  async fastify(verifier) {
    const app = fastify();
    app.get('/me', { onRequest: forFastify.requireAuth(verifier) }, async ({ auth }) => ({
      who: auth?.subject,
    }));
    app.get('/proxied', { onRequest: forFastify.requireAuth(verifier, behindProxy) }, async () => ({}));
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },

  async hono(verifier) {
    const app = new Hono();
    app.get('/me', forHono.requireAuth(verifier), (c) => c.json({ who: c.get('auth')?.subject }));
    app.get('/proxied', forHono.requireAuth(verifier, behindProxy), (c) => c.json({}));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    return {
      origin: originOf(server.address()),
      close: async () => void server.close(),
    };
  },
};

describe.each(Object.keys(frameworks))('DPoP behind %s', (name) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  let issuer: TestIssuer;
  let app: RunningApp;
  let token: string;

  beforeAll(async () => {
    issuer = await createTestIssuer();
    const start = frameworks[name];
    if (start === undefined) throw new Error(name);
    app = await start(createVerifier({ ...issuer.verifierOptions, mode: 'jwt', log: () => undefined }));
    const jkt = await calculateJwkThumbprint({ ...jwk, kty: 'EC' });
    token = await issuer.mintAccessToken({ subject: 'ada', claims: { cnf: { jkt } } });
  });
  afterAll(() => app?.close());

  function proofFor(htu: string): Promise<string> {
    const ath = createHash('sha256').update(token).digest('base64url');
    return new SignJWT({ htm: 'GET', htu, ath, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: { ...jwk, kty: 'EC' } })
      .setIssuedAt()
      .sign(privateKey);
  }

  function ask(path: string, dpop: string, authorization = `DPoP ${token}`): Promise<Response> {
    return fetch(app.origin + path, { headers: { authorization, dpop } });
  }

  test('RFC 9449 §7.1: a proof for the address of the request opens the door, once', async () => {
    const proof = await proofFor(`${app.origin}/me`);
    const answer = await ask('/me?a=b', proof);
    expect([answer.status, await answer.json()]).toEqual([200, { who: 'ada' }]);
    const again = await ask('/me', proof);
    expect(again.status).toBe(401);
    expect(again.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof"/);
  });

  test('RFC 9449 §7.1: a proof for another address, or the Bearer scheme, does not', async () => {
    expect((await ask('/me', await proofFor('https://other.example/me'))).status).toBe(401);
    const bearer = await ask('/me', await proofFor(`${app.origin}/me`), `Bearer ${token}`);
    expect(bearer.status).toBe(401);
    expect(bearer.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_token"/);
  });

  test('behind a proxy the address that clients call is the configured one', async () => {
    expect((await ask('/proxied', await proofFor('https://api.example.com/proxied'))).status).toBe(200);
    expect((await ask('/proxied', await proofFor(`${app.origin}/proxied`))).status).toBe(401);
  });
});
