import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { serve } from '@hono/node-server';
import { type Bff, createMemoryStore } from '@latchkey/bff';
import * as onExpress from '@latchkey/bff/express';
import * as onFastify from '@latchkey/bff/fastify';
import * as onHono from '@latchkey/bff/hono';
import {
  completeSignIn,
  createBrowserAgent,
  createCookieJar,
  findFreePort,
  leftFor,
  seedApplication,
} from '@latchkey/testkit';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useBffWorld } from './bff-world.ts';

const world = useBffWorld();
type StartApp = (bff: Bff, port: number) => Promise<() => Promise<unknown>>;

const closeServer = (server: Server) => async () => {
  server.close().closeAllConnections();
};

const startExpress: StartApp = async (bff, port) => {
  const app = express();
  app.use(onExpress.serveBff(bff));
  app.use(express.json());
  app.get('/who', (req, res, next) => {
    bff
      .getSession(onExpress.requestOf(req))
      .then((session) => void res.json({ who: session?.user.id ?? null }), next);
  });
  const server = app.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return closeServer(server);
};

const startFastify: StartApp = async (bff, port) => {
  const app = fastify();
  app.addHook('onRequest', onFastify.serveBff(bff));
  app.get('/who', async (request) => ({
    who: (await bff.getSession(onFastify.requestOf(request)))?.user.id ?? null,
  }));
  await app.listen({ port, host: '127.0.0.1' });
  return () => app.close();
};

const startHono: StartApp = async (bff, port) => {
  const app = new Hono();
  app.use(onHono.serveBff(bff));
  app.get('/who', async (c) => c.json({ who: (await bff.getSession(onHono.requestOf(c)))?.user.id ?? null }));
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
  if (!(server instanceof Server)) throw new Error('no HTTP/1 server');
  return closeServer(server);
};

describe.each([
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
])('%s', (_, start) => {
  let origin: string;
  let close: () => Promise<unknown>;
  const cookies = createCookieJar();

  beforeAll(async () => {
    const port = await findFreePort();
    origin = `http://localhost:${port}`;
    const { server, project } = world();
    const { clientId, clientSecret } = await seedApplication(server, project, {
      type: 'web',
      developmentMode: true,
      idTokenUserinfoAssertion: true,
      redirectUris: [`${origin}/auth/callback`],
    });
    const { bff } = world().createApp({
      clientId,
      clientSecret,
      baseUrl: origin,
      store: createMemoryStore(),
    });
    close = await start(bff, port);
  });
  afterAll(() => close?.());

  const send = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (cookies.header() !== '') headers.set('cookie', cookies.header());
    const response = await fetch(`${origin.replace('localhost', '127.0.0.1')}${path}`, {
      ...init,
      headers,
      redirect: 'manual',
    });
    cookies.store(response.headers);
    return response;
  };
  const script = () => ({ 'x-latchkey-csrf': '1', origin });

  test('signs in, streams through the proxy, shows the user to the server, signs out', async () => {
    expect(await (await send('/who')).json()).toEqual({ who: null });
    const begun = await send('/auth/sign-in?returnTo=/news');
    expect(begun.status).toBe(303);
    const agent = createBrowserAgent(world().server);
    const stop = await agent.open(begun.headers.get('location') ?? '');
    const { url } = leftFor(await completeSignIn(agent, stop, world().user));
    const back = await send(url.pathname + url.search);
    expect(back.headers.get('location')).toBe('/news');
    // Two cookies are two header lines.
    expect(back.headers.getSetCookie()).toHaveLength(2);
    expect(cookies.names()).toEqual([`latchkey-dev-${new URL(origin).port}`]);

    expect(await (await send('/who')).json()).toEqual({ who: world().user.id });
    expect(await (await send('/api/me', { headers: script() })).json()).toEqual({ who: world().user.id });
    const body = 'a'.repeat(300_000);
    const echoed = await send('/api/echo', { method: 'POST', body, headers: script() });
    expect((await echoed.text()).length).toBe(body.length);
    const refused = await send('/api/echo', { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'application/problem+json']);

    expect((await send('/auth/sign-out', { method: 'POST', headers: script() })).status).toBe(200);
    expect(await (await send('/who')).json()).toEqual({ who: null });
  });

  test('a path that is a host to a careless parser stays a path', async () => {
    const { createConnection } = await import('node:net');
    const lines = [
      `GET //evil.example/auth/session HTTP/1.1`,
      `GET http://evil.example/auth/session HTTP/1.1`,
    ];
    const statuses: string[] = [];
    for (const line of lines) {
      const socket = createConnection(Number(new URL(origin).port), '127.0.0.1');
      socket.end(`${line}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
      let answer = '';
      for await (const chunk of socket) answer += chunk;
      statuses.push(answer.split(' ')[1] ?? '');
    }
    expect(statuses).toEqual(['404', '200']);
  });

  test('a browser that goes away in the middle ends the request to the API', async () => {
    const gone = new Promise<void>((resolve) => {
      const slow = createServer((_req, res) => {
        res.write('first');
        res.once('close', () => {
          slow.close();
          resolve();
        });
      }).listen(0, '127.0.0.1', async () => {
        const address = slow.address();
        const port = typeof address === 'object' ? address?.port : 0;
        const { bff } = world().createApp({
          apis: { '/slow': { url: `http://127.0.0.1:${port}`, publicReads: true } },
          baseUrl: 'http://localhost:1',
        });
        const ownPort = await findFreePort();
        const closeOwn = await start(bff, ownPort);
        const controller = new AbortController();
        const response = await fetch(`http://127.0.0.1:${ownPort}/slow/x`, { signal: controller.signal });
        await response.body?.getReader().read();
        controller.abort();
        slow.once('close', () => void closeOwn());
      });
    });
    await gone;
  });
});
