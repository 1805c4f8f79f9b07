import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findDomainProof, proofOf } from './domain-proof.ts';
import { createOutboundRules } from './outbound-rules.ts';
import { createSafeFetch } from './safe-fetch.ts';

const claim = { domain: 'shop.example.com', token: 'lk_domain_a-token', instanceId: '1' };
const { dnsName, fileUrl } = proofOf(claim.domain, claim.token);

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The web server of the domain, on this machine; `undefined` for a domain that has none. */
async function serve(listener: RequestListener | undefined): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  if (listener === undefined) await new Promise((resolve) => server.close(resolve));
  else opened.push(server);
  return `127.0.0.1:${address.port}`;
}

/** Looks for the proof where DNS has some TXT records and the web server of the domain is one of ours. */
async function look(records: readonly (readonly string[])[], listener?: RequestListener) {
  const asked: string[] = [];
  const host = await serve(listener);
  const call = createSafeFetch(createOutboundRules([host]));
  const proof = await findDomainProof(
    {
      resolveTxt: async (name) => {
        asked.push(name);
        return records.map((pieces) => [...pieces]);
      },
      // The domain leads to this machine, as it would by DNS; all else is the real call.
      safeFetch: async (url, options) => {
        asked.push(url);
        return await call(url.replace(`https://${claim.domain}`, `http://${host}`), options);
      },
    },
    claim,
  );
  return { proof, asked };
}

const found = { kind: 'found' };

test('a TXT record proves a domain, also in pieces; the web server is not asked then', async () => {
  const { proof, asked } = await look([['v=spf1'], ['lk_domain_', 'a-token']]);
  expect(proof).toEqual(found);
  expect(asked).toEqual([dnsName]);
});

test('a file on the web server of the domain proves it, with a line break at its end', async () => {
  const paths: unknown[] = [];
  const { proof, asked } = await look([], (request, response) => {
    paths.push(request.url);
    response.end(`${claim.token}\n`);
  });
  expect(proof).toEqual(found);
  expect(asked).toEqual([dnsName, fileUrl]);
  expect(paths).toEqual([`/.well-known/latchkey-challenge/${claim.token}`]);
});

test.each<[string, readonly string[][], RequestListener | undefined, string]>([
  [
    'a missing file',
    [],
    (_, response) => response.writeHead(404).end(claim.token),
    `${dnsName} has no TXT record; ${fileUrl} answers with status 404.`,
  ],
  [
    'another file',
    [['other']],
    (_, response) => response.end('Hello'),
    `${dnsName} has TXT records with other values; ${fileUrl} holds something else.`,
  ],
  [
    'a file that only begins with the token',
    [],
    (_, response) => response.end(`${claim.token} and more`),
    `${dnsName} has no TXT record; ${fileUrl} holds something else.`,
  ],
  [
    'a redirect, though it leads to the file',
    [],
    (request, response) =>
      request.url === '/there'
        ? response.end(claim.token)
        : response.writeHead(302, { location: '/there' }).end(claim.token),
    `${fileUrl} cannot be fetched over https; redirects are not followed.`,
  ],
  [
    'a page that is far too long',
    [],
    (_, response) => response.end(claim.token + ' '.repeat(2000)),
    `${fileUrl} cannot be fetched over https; redirects are not followed.`,
  ],
  [
    'no web server at all',
    [],
    undefined,
    `${fileUrl} cannot be fetched over https; redirects are not followed.`,
  ],
])('%s proves nothing, and what was seen instead is told', async (_, records, listener, detail) => {
  const { proof } = await look(records, listener);
  expect(proof).toEqual({ kind: 'missing', detail: expect.stringContaining(detail) });
});

test('a domain that leads inside is not asked, and nothing of the inside is told', async () => {
  const proof = await findDomainProof(
    {
      resolveTxt: async () => [],
      safeFetch: createSafeFetch(createOutboundRules([]), async () => [{ address: '10.1.2.3', family: 4 }]),
    },
    claim,
  );
  expect(proof).toMatchObject({ kind: 'missing' });
  expect(JSON.stringify(proof)).not.toContain('10.1.2.3');
});
