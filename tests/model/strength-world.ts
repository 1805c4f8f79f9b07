import { newId } from '@latchkey/server';
import {
  insertAuthorization,
  insertOrganization,
  insertProject,
  insertSession,
  insertUser,
  listMembershipsOf,
  setMembership,
} from '@latchkey/store';
import {
  changeAsOperator,
  type SeededApplication,
  seedApplication,
  seedPersonalAccessToken,
  type TestServer,
} from '@latchkey/testkit';
import { sql } from 'kysely';
import type { Held, ObjectMap } from './strength-oracle.ts';

/** A person of a history before it begins. Machines act, since their tokens are cheap; others are acted on. */
export interface PersonPlan {
  readonly home: 0 | 1;
  readonly kind: 'human' | 'machine';
  /** At most one set of roles for each object. */
  readonly roles: readonly { readonly at: string; readonly role: string }[];
}

/** A person of a history. */
export interface Person {
  readonly id: string;
  readonly home: string;
  readonly loginName: string;
  readonly sessionId: string;
  /** Empty for a person, whose sign-in would need a browser. */
  readonly token: string;
}

/** One of everything, made for one history. */
export interface World {
  /** Grows by what the history makes. */
  map: ObjectMap;
  readonly people: readonly Person[];
  /** May exchange tokens, also for the management API. */
  readonly broker: SeededApplication;
  readonly authorizationId: string;
  readonly roleKey: string;
  /** The objects roles are held for, by the names of plans. */
  readonly objects: Readonly<
    Record<string, { readonly objectKind: Held['objectKind']; readonly objectId: string }>
  >;
}

let made = 0;

/** Makes two organizations, a project in each, a grant of the first to the second organization, and the people. */
export async function makeWorld(server: TestServer, plans: readonly PersonPlan[]): Promise<World> {
  const now = server.clock.now();
  const id = () => newId(now);
  made += 1;
  const [one, two, first, second, grant, authorizationId] = [id(), id(), id(), id(), id(), id()];
  const { instanceId } = server;
  const homes = [one, two] as const;
  const people = plans.map(({ home, kind }, index) => ({
    ...{ id: id(), kind, home: homes[home], loginName: `person-${made}-${index}`, sessionId: id() },
  }));
  const objects = {
    instance: { objectKind: 'instance', objectId: instanceId },
    one: { objectKind: 'organization', objectId: one },
    two: { objectKind: 'organization', objectId: two },
    first: { objectKind: 'project', objectId: first },
    second: { objectKind: 'project', objectId: second },
    grant: { objectKind: 'project-grant', objectId: grant },
  } as const;
  await changeAsOperator(server, async (change) => {
    for (const [index, organizationId] of homes.entries()) {
      const name = `o${made}-${index}`;
      await insertOrganization(change, { id: organizationId, name, primaryDomain: `${name}.example.com` });
    }
    for (const [projectId, organizationId] of [
      [first, one],
      [second, two],
    ] as const) {
      const roles = [{ key: 'reader', displayName: 'Reader' }];
      await insertProject(change, { id: projectId, organizationId, name: `p${projectId}`, roles });
    }
    await sql`insert into project_grants (instance_id, id, project_id, organization_id, role_keys, created_at_ms)
      values (${instanceId}, ${grant}, ${first}, ${two}, array['reader'], ${now}::bigint)`.execute(
      change.trx,
    );
    for (const { id: userId, kind, home, loginName, sessionId } of people) {
      await insertUser(change, {
        ...{ id: userId, organizationId: home, kind, loginName },
        ...{ loginNameCanonical: loginName, displayName: loginName },
      });
      await insertSession(change, {
        ...{
          id: sessionId,
          organizationId: home,
          userId,
          secretSha256: sessionId,
          authTimeMs: now,
          amr: ['pwd'],
        },
        ...{ createdAtMs: now, lastSeenAtMs: now, expiresAtMs: now + 3_600_000, userAgent: null, ip: null },
      });
    }
    await insertAuthorization(change, {
      ...{
        id: authorizationId,
        userId: people[0]?.id ?? '',
        projectId: first,
        organizationId: one,
        roleKeys: [],
      },
    });
    for (const [index, { roles }] of plans.entries()) {
      const userId = people[index]?.id ?? '';
      for (const name of new Set(roles.map(({ at }) => at))) {
        const object = objects[name as keyof typeof objects]; // cast: plans use these names
        const names = roles.filter(({ at }) => at === name).map(({ role }) => role);
        await setMembership(change, { ...object, userId }, [...new Set(names)]);
      }
    }
  });
  const project = { id: first, organizationId: one, roleKeys: ['reader'] };
  const grantTypes = ['urn:ietf:params:oauth:grant-type:token-exchange'];
  const broker = await seedApplication(server, project, {
    type: 'api',
    grantTypes,
    isManagementClient: true,
  });
  const withTokens: Person[] = [];
  for (const person of people) {
    const isMachine = person.kind === 'machine';
    const token = isMachine ? (await seedPersonalAccessToken(server, person.id)).token : '';
    withTokens.push({ ...person, token });
  }
  return {
    map: {
      instanceId,
      organizationIds: [one, two],
      projects: { [first]: one, [second]: two },
      grants: { [grant]: { projectId: first, borrowerId: two } },
    },
    people: withTokens,
    broker,
    authorizationId,
    roleKey: 'reader',
    objects,
  };
}

/** The manager roles of a user at this moment, read from the rows. */
export async function heldBy(server: TestServer, userId: string): Promise<readonly Held[]> {
  return await listMembershipsOf(server.store.db, { instanceId: server.instanceId }, userId);
}
