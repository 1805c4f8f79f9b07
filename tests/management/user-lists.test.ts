import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

interface Listed {
  readonly id: string;
  readonly displayName: string;
  readonly loginName: string;
  readonly kind: string;
  readonly state: string;
}

describe.each(engines)('lists of users on $engine', ({ engine }) => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld(engine);
    const people = ['Zoe Quill', 'adam Quill', 'Berta Quill', 'Carla Quill', 'Dora Quill'].map(
      (displayName, index) => ({
        kind: 'human',
        loginName: `quill-${index}`,
        displayName,
        familyName: 'Quill_%',
        email: `${displayName.split(' ')[0]}@quill.example.com`,
      }),
    );
    const { data } = await world.owner.call('importUsers', { body: { users: people } });
    expect(data).toMatchObject({ created: 5, refused: 0 });
  }, 60_000);
  afterAll(() => world.stop());

  const list = async (query: Readonly<Record<string, string | number>>, caller = world.owner) => {
    const { data } = await caller.call('listUsers', { query });
    // cast: the answer was cut to its schema
    return data as { readonly items: readonly Listed[]; readonly nextCursor?: string };
  };
  const names = async (query: Readonly<Record<string, string | number>>): Promise<readonly string[]> =>
    (await list(query)).items.map(({ displayName }) => displayName);

  test('listUsers: 200 pages by cursor in every order, each user once', async () => {
    for (const sort of ['createdAt', '-createdAt', 'displayName', '-displayName']) {
      const seen: Listed[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({
          sort,
          limit: 2,
          search: 'quill',
          ...(cursor === undefined ? {} : { cursor }),
        });
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
      const keys = seen.map((each) => (sort.endsWith('Name') ? each.displayName.toLowerCase() : each.id));
      const sorted = [...keys].sort();
      expect(keys).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
    }
  });

  test('the search finds the beginning of login name, address, display name and family name, whatever the case', async () => {
    expect(await names({ search: 'ZOE q' })).toEqual(['Zoe Quill']);
    expect(await names({ search: 'berta@qu' })).toEqual(['Berta Quill']);
    expect(await names({ search: 'quill-3' })).toEqual(['Carla Quill']);
    expect(await names({ search: 'Quill_%', sort: 'displayName', limit: 1 })).toEqual(['adam Quill']);
    expect(await names({ search: 'uill' })).toEqual([]);
    expect(await names({ search: '%' })).toEqual([]);
    expect(await names({ search: '\u{10ffff}' })).toEqual([]);
  });

  test('kind, state and organization narrow a list', async () => {
    const { items: machines } = await list({ kind: 'machine' });
    expect(machines.map(({ id }) => id)).toEqual([world.owner.userId]);
    const [zoe] = (await list({ search: 'zoe' })).items;
    await world.owner.call('lockUser', { path: { userId: zoe?.id } });
    expect(await names({ state: 'locked' })).toEqual(['Zoe Quill']);
    expect(await names({ state: 'active', search: 'zoe' })).toEqual([]);
    expect(await names({ organizationId: world.otherOrganizationId })).toEqual([]);
    const at = {
      kind: 'organization',
      id: world.otherOrganizationId,
      organizationId: world.otherOrganizationId,
    } as const;
    const stranger = await world.callerWith(['ORG_OWNER'], at);
    expect((await list({ search: 'quill' }, stranger)).items).toEqual([]);
    expect((await list({}, stranger)).items.map(({ id }) => id)).toEqual([stranger.userId]);
  });

  test('listUsers: 400 invalid-input for a search with the NUL character, which no database keeps', async () => {
    const problem = await world.owner.refused('listUsers', { query: { search: 'nul\u0000l' } });
    expect(problem).toMatchObject({ code: 'invalid-input', detail: expect.stringContaining('NUL') });
  });

  test('listUsers: 400 cursor-invalid for a cursor of another search', async () => {
    const { nextCursor = '' } = await list({ search: 'quill', limit: 1 });
    const problem = await world.owner.refused('listUsers', {
      query: { search: 'zoe', limit: 1, cursor: nextCursor },
    });
    expect(problem.code).toBe('cursor-invalid');
  });
});
