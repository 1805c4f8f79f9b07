import { seedOrganization, seedProject, seedUser, type TestServer } from '@latchkey/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clashingConstraints } from '../../packages/server/src/management/unique-clash.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

/** One request of a race. */
interface Runner {
  readonly method?: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Race {
  /** What all want, as the request of the runner of an index. */
  readonly runners: (world: ManagementWorld, count: number) => Promise<(index: number) => Runner>;
  /** Where the problem of those who lose points. */
  readonly pointers: readonly string[];
}

const spellings = ['Twin@Example.com', 'twin@example.com.', 'ＴＷＩＮ@example.com', ' twin@example.com'];
/** Unique indexes over IDs, hashes and keys that the server makes, and rows it writes with ON CONFLICT. */
const internal = [
  'application_keys_pkey',
  'applications_pkey',
  'authorizations_pkey',
  'backchannel_authentications_instance_id_auth_req_id_sha256_key',
  'backchannel_authentications_pkey',
  'client_secrets_pkey',
  'consents_pkey',
  'consumed_pkey',
  'database_identity_pkey',
  'delivery_failures_pkey',
  'device_authorizations_by_user_code',
  'device_authorizations_instance_id_device_code_sha256_key',
  'device_authorizations_pkey',
  'events_pkey',
  'grants_pkey',
  'idempotency_keys_pkey',
  'initial_access_tokens_instance_id_sha256_key',
  'initial_access_tokens_pkey',
  'instance_data_keys_pkey',
  'instance_domains_one_primary',
  'instances_pkey',
  'managers_pkey',
  'memberships_pkey',
  'organization_metadata_pkey',
  'organizations_pkey',
  'outbox_pkey',
  'personal_access_tokens_pkey',
  'project_grants_pkey',
  'projects_pkey',
  'revocations_pkey',
  'schema_migrations_pkey',
  'session_clients_pkey',
  'sessions_pkey',
  'settings_pkey',
  'sign_in_attempts_pkey',
  'signing_keys_one_active',
  'signing_keys_one_next',
  'signing_keys_pkey',
  'usage_counters_pkey',
  'user_keys_pkey',
  'user_metadata_pkey',
];

let races = 0;
/** A text no other race uses. */
function fresh(): string {
  races += 1;
  return `r${races}`;
}

const person = { kind: 'human', givenName: 'A', familyName: 'B' } as const;

const table: Readonly<Record<string, Race>> = {
  'createUser: one login name in several spellings': {
    runners: async ({ server }) => {
      const name = fresh();
      return (index) => ({
        path: '/users',
        body: {
          ...person,
          organizationId: server.organizationId,
          loginName: `${name}${spellings[index % spellings.length]?.trim()}`,
        },
      });
    },
    pointers: ['/loginName'],
  },
  'createUser: one verified address': {
    runners: async ({ server }) => {
      const name = fresh();
      return (index) => ({
        path: '/users',
        body: {
          ...person,
          organizationId: server.organizationId,
          loginName: `${name}-${index}`,
          email: index % 2 === 0 ? `${name}@Example.com` : `${name}@EXAMPLE.com`,
          isEmailVerified: true,
        },
      });
    },
    pointers: ['/email'],
  },
  'createUser: the login name of one is the verified address of another': {
    runners: async ({ server }) => {
      const name = `${fresh()}@example.com`;
      return (index) => ({
        path: '/users',
        body: {
          ...person,
          organizationId: server.organizationId,
          ...(index % 2 === 0
            ? { loginName: name }
            : { loginName: `other-${index}-${name}`, email: name, isEmailVerified: true }),
        },
      });
    },
    pointers: ['/loginName', '/email'],
  },
  'updateUser: many verify one address': {
    runners: async ({ server }, count) => {
      const email = `${fresh()}@example.com`;
      const users = await Promise.all(Array.from({ length: count }, () => seedUser(server)));
      return (index) => ({
        method: 'PATCH',
        path: `/users/${users[index]?.id}`,
        body: { email, isEmailVerified: true },
      });
    },
    pointers: ['/email'],
  },
  'updateUser: many take one login name': {
    runners: async ({ server }, count) => {
      const loginName = fresh();
      const users = await Promise.all(Array.from({ length: count }, () => seedUser(server)));
      return (index) => ({ method: 'PATCH', path: `/users/${users[index]?.id}`, body: { loginName } });
    },
    pointers: ['/loginName'],
  },
  'createOrganization: one name': {
    runners: async () => {
      const name = fresh();
      return (index) => ({
        path: '/organizations',
        body: {
          name: index % 2 === 0 ? name : name.toUpperCase(),
          primaryDomain: `${name}-${index}.example`,
        },
      });
    },
    pointers: ['/name'],
  },
  'createOrganization: one domain': {
    runners: async () => {
      const name = fresh();
      return (index) => ({
        path: '/organizations',
        body: { name: `${name} ${index}`, primaryDomain: `${name}.example` },
      });
    },
    pointers: ['/primaryDomain'],
  },
  'createOrganization: the domain that follows from the name': {
    runners: async () => {
      const name = fresh();
      return (index) => ({ path: '/organizations', body: { name: `${name}${'!'.repeat(index)}` } });
    },
    pointers: ['/primaryDomain'],
  },
  'addOrganizationDomain: one domain': {
    runners: async ({ server }) => {
      const domain = `${fresh()}.example`;
      return () => ({ path: `/organizations/${server.organizationId}/domains`, body: { domain } });
    },
    pointers: ['/domain'],
  },
  'createProject: one name': {
    runners: async ({ server }) => {
      const name = fresh();
      return () => ({ path: '/projects', body: { organizationId: server.organizationId, name } });
    },
    pointers: ['/name'],
  },
  'createApplication: one name': {
    runners: async ({ server }) => {
      const { id: projectId } = await seedProject(server);
      return () => ({ path: '/applications', body: { projectId, name: 'Twin', type: 'api' } });
    },
    pointers: ['/name'],
  },
  'createRole: one key': {
    runners: async ({ server }) => {
      const { id } = await seedProject(server);
      return () => ({ path: `/projects/${id}/roles`, body: { key: 'twin' } });
    },
    pointers: ['/key'],
  },
  'createProjectGrant: one organization': {
    runners: async ({ server }) => {
      const { id } = await seedProject(server);
      const { id: organizationId } = await seedOrganization(server);
      return () => ({ path: `/projects/${id}/grants`, body: { organizationId, roleKeys: [] } });
    },
    pointers: ['/organizationId'],
  },
  'createAuthorization: one user and project': {
    runners: async ({ server }) => {
      const { id: projectId } = await seedProject(server);
      const { id: userId } = await seedUser(server);
      return () => ({ path: '/authorizations', body: { projectId, userId, roleKeys: [] } });
    },
    pointers: ['/projectId'],
  },
};

describe('races for one name over two nodes on one PostgreSQL', () => {
  let world: ManagementWorld;
  let other: TestServer;
  beforeAll(async () => {
    world = await startManagementWorld('postgres');
    other = await world.server.startNode();
  });
  afterAll(async () => {
    await other?.close();
    await world?.stop();
  });

  async function send(index: number, { method = 'POST', path, body }: Runner) {
    const node = index % 2 === 0 ? world.server : other;
    const response = await node.fetch(`/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${world.owner.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  }

  test.each(Object.entries(table))('%s: of 50 at once one wins, the others hear 409', async (_, race) => {
    const count = 50;
    const runner = await race.runners(world, count);
    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, index) => send(index, runner(index))),
    );
    const lost = outcomes.filter(({ status }) => status === 409);
    const won = outcomes.filter(({ status }) => status === 200 || status === 201);
    expect([won.length, lost.length], JSON.stringify(outcomes.find(({ status }) => status >= 400))).toEqual([
      1,
      count - 1,
    ]);
    for (const { answer } of lost) {
      expect(answer).toMatchObject({ code: 'already-exists' });
      const { errors } = answer as { errors?: { pointer: string }[] }; // cast: the schema of problems
      expect(race.pointers).toContain(errors?.[0]?.pointer);
    }
  });

  test('importUsers: of 20 imports that hold one name each import succeeds, and one user has the name', async () => {
    const name = `${fresh()}@example.com`;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send(index, {
          path: '/users/import',
          body: {
            organizationId: world.server.organizationId,
            users: [
              { ...person, loginName: `${index}-${name}` },
              index % 2 === 0
                ? { ...person, loginName: name }
                : { ...person, loginName: `more-${index}-${name}`, email: name, isEmailVerified: true },
              { ...person, loginName: `last-${index}-${name}` },
            ],
          },
        }),
      ),
    );
    const counts = outcomes.map(({ answer }) => (answer as { created: number }).created); // cast: the schema of the answer
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 200));
    expect(counts.sort()).toEqual([...Array.from({ length: 19 }, () => 2), 3]);
  });

  test('every unique index has a problem with the field that is taken, or is over what nobody chooses', async () => {
    const { rows } = await sql<{ name: string }>`select c.relname as name from pg_index i
      join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
      where i.indisunique and t.relnamespace = 'public'::regnamespace order by 1`.execute(
      world.server.store.db,
    );
    const undecided = rows
      .map(({ name }) => name)
      .filter((name) => !clashingConstraints.includes(name) && !internal.includes(name));
    expect(undecided).toEqual([]);
  });
});
