import { expect, test } from 'vitest';
import { findDomainProof, proofOf } from './domain-proof.ts';

const domain = 'shop.example.com';
const token = 'a-token';

/** The outside world: what DNS has, and how the web server of the domain answers. */
function outside(records: readonly string[][], file?: { status: number; text: string }) {
  const asked: string[] = [];
  return {
    asked,
    resolveTxt: async () => records.map((pieces) => [...pieces]),
    safeFetch: async (url: string) => {
      asked.push(url);
      if (file === undefined) throw new Error('nobody answers');
      return { status: file.status, headers: {}, body: file.text };
    },
  };
}

test('a TXT record proves a domain, also in pieces; the web server is not asked then', async () => {
  const world = outside([['v=spf1'], ['a-', 'token']]);
  expect(await findDomainProof(world, domain, token)).toEqual({ kind: 'found' });
  expect(world.asked).toEqual([]);
});

test('a file on the web server of the domain proves it, with a line break at its end', async () => {
  const world = outside([], { status: 200, text: `${token}\n` });
  expect(await findDomainProof(world, domain, token)).toEqual({ kind: 'found' });
  expect(world.asked).toEqual([proofOf(domain, token).fileUrl]);
});

test('what was seen instead is told', async () => {
  expect(await findDomainProof(outside([], { status: 404, text: token }), domain, token)).toEqual({
    kind: 'missing',
    detail: 'The file answered with status 404.',
  });
  expect(await findDomainProof(outside([['other']]), domain, token)).toMatchObject({
    detail: expect.stringContaining('records with other values'),
  });
  expect(await findDomainProof(outside([]), domain, token)).toMatchObject({
    detail: expect.stringContaining('no record'),
  });
});
