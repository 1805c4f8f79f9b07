import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

describe.each(engines)('what every operation does alike, on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
  });
  afterAll(() => world.stop());

  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    world.owner.send('POST', '/projects', { body, headers });
  const projectNames = async (search: string): Promise<readonly string[]> => {
    const { data } = await world.owner.call('listProjects', { query: { search } });
    return (data.items as { name: string }[]).map(({ name }) => name); // cast: the answer was cut to its schema
  };

  test('unknown fields, wrong types and missing fields are all told at once, by pointer', async () => {
    const answer = await post({ colour: 'red', roleAssertion: 'yes' });
    expect(answer.status).toBe(400);
    const problem: { code: string; errors: { pointer: string }[] } = JSON.parse(await answer.text());
    expect(problem.code).toBe('invalid-input');
    expect(problem.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/colour',
      '/name',
      '/roleAssertion',
    ]);
  });

  test('the NUL character, which no database text can hold, is refused wherever it stands', async () => {
    const inBody = await post({ name: 'a\u0000b' });
    expect([inBody.status, (await inBody.json()) as object]).toMatchObject([
      400,
      { errors: [{ pointer: '/name' }] },
    ]); // cast: what is looked at is given beside
    expect((await world.owner.send('GET', '/projects?search=a%00b')).status).toBe(400);
    expect((await world.owner.send('GET', '/users/1%00')).status).toBe(400);
  });

  test('an unknown query parameter is refused, not ignored', async () => {
    const answer = await world.owner.send('GET', '/projects?serach=shop');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/query/serach' }] });
  });

  test('a body that is no JSON, of another type or too large is told as such', async () => {
    const broken = await world.owner.send('POST', '/projects', {
      body: '{"name": ',
      headers: { 'content-type': 'application/json' },
    });
    expect([broken.status, (await broken.json()) as object]).toMatchObject([400, { code: 'malformed-json' }]);
    const form = await world.owner.send('POST', '/projects', {
      body: 'name=Shop',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([form.status, (await form.json()) as object]).toMatchObject([
      415,
      { code: 'unsupported-media-type' },
    ]);
    const large = await post({ name: 'x'.repeat(1_100_000) });
    expect([large.status, (await large.json()) as object]).toMatchObject([413, { code: 'too-large' }]);
  });

  test('Idempotency-Key: a repetition gets the first answer and makes nothing again', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = await post({ name: 'Once' }, headers);
    const second = await post({ name: 'Once' }, headers);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await second.text()).toBe(await first.text());
    expect(await projectNames('Once')).toEqual(['Once']);
  });

  test('Idempotency-Key: thirty requests at once make one thing and get one answer', async () => {
    const headers = { 'idempotency-key': 'order-2' };
    const answers = await Promise.all(Array.from({ length: 30 }, () => post({ name: 'Together' }, headers)));
    const made = answers.filter(({ status }) => status === 201);
    const ids = new Set(
      await Promise.all(made.map(async (answer) => (JSON.parse(await answer.text()) as { id: string }).id)),
    ); // cast: a project has an id
    expect(ids.size).toBe(1);
    // Whoever asks between the change and its answer being kept is told so, and can ask again.
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await projectNames('Together')).toEqual(['Together']);
  });

  test('Idempotency-Key: another body with the same key is 422, another caller has keys of their own', async () => {
    const headers = { 'idempotency-key': 'order-3' };
    expect((await post({ name: 'Third' }, headers)).status).toBe(201);
    const reused = await post({ name: 'Fourth' }, headers);
    expect([reused.status, (await reused.json()) as object]).toMatchObject([
      422,
      { code: 'idempotency-key-reused' },
    ]);
    const other = await world.callerWith(['IAM_OWNER']);
    const answer = await other.send('POST', '/projects', { body: { name: 'Fifth' }, headers });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
  });

  test('Idempotency-Key: a refused request leaves the key free', async () => {
    const headers = { 'idempotency-key': 'order-4' };
    expect((await post({ name: '' }, headers)).status).toBe(400);
    expect((await post({ name: 'Mended' }, headers)).status).toBe(201);
  });

  test('If-Match: of two who read the same version the second to write is told 412 and changes nothing', async () => {
    const { data } = await world.owner.call('createProject', { body: { name: 'Versioned' } });
    const path = { projectId: data.id };
    const { etag } = await world.owner.call('getProject', { path });
    if (etag === undefined) throw new Error('no ETag');
    await world.owner.call('updateProject', { path, body: { name: 'By the first' }, ifMatch: etag });
    const problem = await world.owner.refused('updateProject', {
      path,
      body: { name: 'By the second' },
      ifMatch: etag,
    });
    expect(problem).toMatchObject({ status: 412, code: 'stale-version' });
    expect((await world.owner.call('getProject', { path })).data.name).toBe('By the first');
  });

  test('If-None-Match: what has not changed is 304 without a body', async () => {
    const { data } = await world.owner.call('createProject', { body: { name: 'Unchanged' } });
    const first = await world.owner.send('GET', `/projects/${String(data.id)}`);
    const etag = first.headers.get('etag') ?? '';
    const again = await world.owner.send('GET', `/projects/${String(data.id)}`, {
      headers: { 'if-none-match': etag },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('a cursor goes through every page once, and fits no other filter, list or caller', async () => {
    for (const number of [1, 2, 3, 4, 5])
      await world.owner.call('createProject', { body: { name: `Paged ${number}` } });
    const seen: string[] = [];
    let cursor: string | undefined;
    const query = { search: 'Paged', limit: 2 };
    do {
      const { data }: { data: Record<string, unknown> } = await world.owner.call('listProjects', {
        query: cursor === undefined ? query : { ...query, cursor },
      });
      seen.push(...(data.items as { name: string }[]).map(({ name }) => name)); // cast: the answer was cut to its schema
      cursor = typeof data.nextCursor === 'string' ? data.nextCursor : undefined;
      if (cursor !== undefined && seen.length === 2) {
        const other = await world.callerWith(['IAM_OWNER']);
        const strange = { query: { ...query, cursor } };
        expect(await other.refused('listProjects', strange)).toMatchObject({ code: 'cursor-invalid' });
        const filtered = { query: { search: 'Page', limit: 2, cursor } };
        expect(await world.owner.refused('listProjects', filtered)).toMatchObject({ code: 'cursor-invalid' });
        expect(await world.owner.refused('listUsers', { query: { cursor } })).toMatchObject({
          code: 'cursor-invalid',
        });
      }
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual(['Paged 1', 'Paged 2', 'Paged 3', 'Paged 4', 'Paged 5']);
  });

  test('a change and its event are in the name of whoever called', async () => {
    const { data } = await world.owner.call('createProject', { body: { name: 'Logged' } });
    const events = await world.owner.call('listEvents', {
      query: { objectKind: 'project', objectId: data.id },
    });
    expect(events.data.items).toMatchObject([{ type: 'project.created', actorId: world.owner.userId }]);
  });
});
