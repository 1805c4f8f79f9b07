import {
  type SeededApplication,
  type SeededProject,
  type SeededUser,
  seedApplication,
  seedOrganization,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { sql } from 'kysely';
import { introspect, tokensFor } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import type { ManagementWorld } from './management-world.ts';
import { type Estate, seedEstate } from './seeded-estate.ts';

/** An organization with one of everything, and with things that happened in it. */
export interface PlantedOrganization {
  readonly organizationId: string;
  readonly estate: Estate;
  /** An access token of one of its people, and the client id of its API. */
  readonly accessToken: string;
  readonly apiClientId: string;
  readonly project: SeededProject;
  readonly spa: SeededApplication;
  readonly person: SeededUser;
}

/** Fills an organization: entities of every kind with names of its own, a sign-in, a failed one, refusals and an introspection. */
export async function plantOrganization(world: ManagementWorld, salt: string): Promise<PlantedOrganization> {
  const { server, owner } = world;
  const { id: organizationId } = await seedOrganization(server, `canary-org-${salt}`);
  const { id: thirdId } = await seedOrganization(server, `canary-third-${salt}`);
  const estate = await seedEstate(world, organizationId, thirdId);
  const here = { ...server, organizationId };
  const roleKeys = [`canary-role-${salt}`];
  const project = await seedProject(here, { name: `canary-project-${salt}`, roleKeys });
  const spa = await seedApplication(here, project, {
    type: 'user_agent',
    name: `canary-app-${salt}`,
    redirectUris: [`https://canary-app-${salt}.example.com/callback`],
    contacts: [`canary-contact-${salt}@example.com`],
  });
  const api = await seedApplication(here, project, { type: 'api', name: `canary-api-${salt}` });
  const person = await seedUser(here, {
    loginName: `canary-login-${salt}`,
    loginNameCanonical: `canary-login-${salt}`,
    displayName: `canary-display-${salt}`,
    givenName: `canary-given-${salt}`,
    familyName: `canary-family-${salt}`,
    nickname: `canary-nick-${salt}`,
    email: `canary-mail-${salt}@example.com`,
    emailCanonical: `canary-mail-${salt}@example.com`,
  });
  const key = `canary-key-${salt}`;
  const value = Buffer.from(`canary-value-${salt}`).toString('base64');
  await owner.call('setUserMetadata', { path: { userId: person.id, key }, body: { value } });
  await owner.call('setOrganizationMetadata', { path: { organizationId, key }, body: { value } });
  await owner.call('setOrganizationManager', {
    path: { organizationId, userId: person.id },
    body: { roles: ['ORG_USER_MANAGER'] },
  });
  const projectId = estate.parameter('getProject', 'projectId');
  await owner.call('setProjectManager', {
    path: { projectId, userId: person.id },
    body: { roles: ['PROJECT_OWNER'] },
  });
  await owner.call('createAuthorization', {
    body: { userId: person.id, projectId: project.id, roleKeys: [`canary-role-${salt}`] },
  });
  await owner.call('updateOrganizationSettings', {
    path: { organizationId },
    body: {
      branding: { accentColorLight: '#0a5f8a' },
      login: { helpUrl: `https://canary-help-${salt}.example.com/` },
    },
  });
  const { accessToken } = await tokensFor(
    server,
    spa,
    person,
    `openid offline_access ${audienceScope(project)}`,
  );
  await introspect(server, api, accessToken);
  const refused = new URLSearchParams({
    client_id: spa.clientId,
    redirect_uri: `https://canary-refused-${salt}.example.com/`,
    response_type: 'code',
  });
  await server.fetch(`/oauth/v2/authorize?${refused}`);
  return { organizationId, estate, accessToken, apiClientId: api.clientId, project, spa, person };
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
  return Object.values(value).flatMap(textsIn);
}

/**
 * Every text that is kept in rows of an organization and in no other row: its ids, names and addresses. A row is the
 * organization's when a text of it is the organization's id or the id of another row of it.
 */
export async function canariesOf(
  { store }: Pick<TestServer, 'store'>,
  organizationId: string,
): Promise<readonly string[]> {
  const tables = await store.db.introspection.getTables();
  const all = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(store.db);
      return rows.map((row) => ({ id: row.id, texts: textsIn(row) }));
    }),
  );
  const ids = new Set([organizationId]);
  let rest = all.flat();
  const own: string[] = [];
  for (let found = true; found; ) {
    const belongs = rest.filter(({ texts }) => texts.some((text) => ids.has(text)));
    found = belongs.length > 0;
    rest = rest.filter((row) => !belongs.includes(row));
    for (const { id, texts } of belongs) {
      if (typeof id === 'string') ids.add(id);
      own.push(...texts);
    }
  }
  const elsewhere = new Set(rest.flatMap(({ texts }) => texts));
  // Shorter ones are words, such as the name of a state, that answers have for other reasons.
  return [...new Set(own)].filter((text) => text.length >= 10 && !elsewhere.has(text));
}
