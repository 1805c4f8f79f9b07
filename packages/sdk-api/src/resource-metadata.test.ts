import { once } from 'node:events';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { serveResourceMetadata as forExpress } from './express.ts';
import { serveResourceMetadata as forFastify } from './fastify.ts';
import { serveResourceMetadata as forHono } from './hono.ts';
import { protectedResourceMetadata } from './resource-metadata.ts';

const issuer = 'https://id.example.com/';
const metadata = protectedResourceMetadata({
  resource: 'https://api.example.com/mcp',
  authorizationServers: [issuer],
  scopes: ['openid', 'quotes:read'],
  name: 'Quotes',
  documentation: 'https://api.example.com/docs',
  dpop: 'required',
});

test('RFC 9728 §2: the document names the resource, its issuers and scopes', () => {
  expect(metadata.document).toEqual({
    resource: 'https://api.example.com/mcp',
    authorization_servers: ['https://id.example.com'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['openid', 'quotes:read'],
    resource_name: 'Quotes',
    resource_documentation: 'https://api.example.com/docs',
    dpop_bound_access_tokens_required: true,
  });
});

test.each([
  ['https://api.example.com', '/.well-known/oauth-protected-resource'],
  ['https://api.example.com/', '/.well-known/oauth-protected-resource'],
  ['https://api.example.com/mcp', '/.well-known/oauth-protected-resource/mcp'],
  ['http://localhost:5000/a/b', '/.well-known/oauth-protected-resource/a/b'],
])('RFC 9728 §3.1: the well-known part stands between host and path (%s)', (resource, path) => {
  const built = protectedResourceMetadata({ resource, authorizationServers: [issuer] });
  expect([built.path, built.url]).toEqual([path, new URL(resource).origin + path]);
  expect(built.document.resource).toBe(resource);
});

test.each([
  'http://api.example.com',
  'https://api.example.com/?x=1',
  'https://api.example.com/#x',
  'https://me@api.example.com/',
  'api.example.com',
])('RFC 9728 §1.2: %s is no resource identifier', (resource) => {
  expect(() => protectedResourceMetadata({ resource, authorizationServers: [issuer] })).toThrow(
    'resource must be',
  );
});

test('a resource without issuers is refused at start', () => {
  expect(() =>
    protectedResourceMetadata({ resource: 'https://a.example', authorizationServers: [] }),
  ).toThrow('at least one issuer');
});

function portOf(address: unknown): number {
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port);
  throw new Error('no TCP port');
}

const frameworks = {
  hono: async () => {
    const app = new Hono();
    app.get(metadata.path, forHono(metadata));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    return { port: portOf(server.address()), close: async () => void server.close() };
  },
  express: async () => {
    const app = express();
    app.get(metadata.path, forExpress(metadata));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: portOf(server.address()), close: async () => void server.close() };
  },
  fastify: async () => {
    const app = fastify();
    app.get(metadata.path, forFastify(metadata));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: portOf(app.server.address()), close: async () => void (await app.close()) };
  },
};

describe.each(Object.entries(frameworks))('%s', (_name, start) => {
  test('RFC 9728 §3.2: the metadata is served as JSON that any origin may read', async () => {
    const { port, close } = await start();
    try {
      const response = await fetch(`http://127.0.0.1:${port}${metadata.path}`, {
        headers: { connection: 'close' },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toEqual(metadata.document);
    } finally {
      await close();
    }
  });
});
