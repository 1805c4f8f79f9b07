import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const json = { 'content-type': 'application/json' };
const deep = (depth: number): string => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('requests of the management API', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
  });
  afterAll(() => world.stop());

  const organizations = async (): Promise<unknown> =>
    (await world.owner.call('listOrganizations', { query: { limit: 200 } })).data.items;

  test.each([
    ['a byte order mark', '\ufeff{"name":"Acme"}', 'malformed-json', 'byte order mark'],
    ['a syntax error', '{"name":"Acme",}', 'malformed-json', 'at character 15'],
    ['10,000 open brackets', deep(10_000), 'invalid-input', 'nested'],
    ['400,000 open brackets', deep(400_000), 'invalid-input', 'nested'],
    ['a name twice', '{"name":"Acme","name":"Evil"}', 'invalid-input', '/name is there twice'],
    ['a name twice, once escaped', '{"name":"Acme","n\\u0061me":"Evil"}', 'invalid-input', 'twice'],
    ['__proto__', '{"name":"Acme","__proto__":{"a":1}}', 'invalid-input', '/__proto__'],
    ['constructor', '{"name":"Acme","constructor":{"prototype":{}}}', 'invalid-input', '/constructor'],
    ['half a surrogate pair', '{"name":"Ac\\ud800me"}', 'invalid-input', '/name holds half'],
    ['NUL', '{"name":"Ac\\u0000me"}', 'invalid-input', '/name must not hold'],
    ['a number out of range', '{"name":1e999}', 'invalid-input', 'out of range'],
  ])('createOrganization: 400 for %s, in words, and nothing is stored', async (_, body, code, detail) => {
    const before = await organizations();
    const answer = await world.owner.send('POST', '/organizations', { headers: json, body });
    const problem: unknown = await answer.json();
    expect(problem).toMatchObject({ status: 400, code, detail: expect.stringContaining(detail) });
    expect(await organizations()).toEqual(before);
  });

  test('createOrganization: 400 for a body that is not UTF-8', async () => {
    const { server, owner } = world;
    const answer = await fetchBytes(server.fetch, owner.token, [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect(answer).toMatchObject({ status: 400, code: 'malformed-json' });
    const surrogate = [...Buffer.from('{"name":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')];
    expect(await fetchBytes(server.fetch, owner.token, surrogate)).toMatchObject({ code: 'malformed-json' });
  });

  test.each([
    'name=%',
    'name=%zz',
    'name=%C0%AF',
    'name=%ED%A0%80',
    'name=%00',
    'name=%ff',
    '%ff=1',
    `${'a=1&'.repeat(101)}`,
  ])('listProjects: 400 for the query %s', async (query) => {
    const answer = await world.owner.send('GET', `/projects?${query}`);
    expect([answer.status, (await answer.json()) as object]).toMatchObject([400, { code: 'invalid-input' }]);
  });

  test.each(['%ED%A0%80', '%C0%AF', '%ff', '%00'])('getUser: 400 for the id %s', async (id) => {
    const answer = await world.owner.send('GET', `/users/${id}`);
    expect([answer.status, (await answer.json()) as object]).toMatchObject([400, { code: 'invalid-input' }]);
  });

  test.each(['.', '.x', 'x', '=', '%3D', '%20', '.00', '%0A'])(
    'listOrganizations: 400 for a cursor with %j behind it',
    async (junk) => {
      const { data } = await world.owner.call('listOrganizations', { query: { limit: 1 } });
      const cursor = String(data.nextCursor);
      const path = `/organizations?limit=1&cursor=${encodeURIComponent(cursor)}`;
      expect((await world.owner.send('GET', path)).status).toBe(200);
      expect((await world.owner.send('GET', `${path}${junk}`)).status).toBe(400);
      const before = `/organizations?limit=1&cursor=${junk}${encodeURIComponent(cursor)}`;
      expect((await world.owner.send('GET', before)).status).toBe(400);
    },
  );
});

async function fetchBytes(
  send: ManagementWorld['server']['fetch'],
  token: string,
  bytes: readonly number[],
): Promise<unknown> {
  const answer = await send('/api/v1/organizations', {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${token}` },
    body: Uint8Array.from(bytes),
  });
  return await answer.json();
}
