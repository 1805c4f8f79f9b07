import { type SeededUser, seedApplication, seedMachine, seedProject, seedUser } from '@latchkey/testkit';
import { basicOf, call, managementProjectIdOf } from '../flows/flow-world.ts';
import { consoleTokens } from '../management/console-sign-in.ts';
import { type AttackCase, answered, numbered, type Row, refused } from './attack-case.ts';
import { makeManager } from './attack-estates.ts';
import type { AttackWorld } from './attack-world.ts';
import { oncePerWorld } from './once-per-world.ts';
import { api, introspection, token } from './requests.ts';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** An API that may exchange tokens of the console. */
const broker = oncePerWorld(async ({ near }) => {
  const { organizationId } = near;
  const project = { id: await managementProjectIdOf(near), organizationId, roleKeys: [] };
  return await seedApplication(near, project, {
    type: 'api',
    grantTypes: [exchangeGrant],
    isManagementClient: true,
  });
});

/** The exchange of a person's token by somebody who acts as them. */
async function exchangeAs(w: AttackWorld, actor: SeededUser, subject: SeededUser) {
  const [acting, acted] = [await consoleTokens(w.near, actor), await consoleTokens(w.near, subject)];
  const form = {
    grant_type: exchangeGrant,
    ...{ subject_token: acted.accessToken, subject_token_type: accessTokenType },
    ...{ actor_token: acting.accessToken, actor_token_type: accessTokenType },
  };
  return token(form, basicOf(await broker(w)));
}

async function actingToken(w: AttackWorld, actor: SeededUser, subject: SeededUser): Promise<string> {
  const { path, form, headers = {} } = await exchangeAs(w, actor, subject);
  const { body } = await call(w.near, path, { ...(form === undefined ? {} : { form }), headers });
  if (typeof body.access_token !== 'string') throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

const rows: readonly Row[] = [
  [
    'what an impersonator changes is logged as the impersonated person alone',
    'CWE-778',
    async (w) => {
      const { id } = await seedMachine(w.near);
      const text = await actingToken(w, w.people.organizationImpersonator, w.shop.owner);
      return api(text, 'PATCH', `/users/${id}`, { displayName: 'Renamed by an impersonator' });
    },
    answered(200, async ({ json }, w) => {
      const event = await w.near.store.db
        .selectFrom('events')
        .select(['actorId', 'actingUserIds'])
        .where('objectId', '=', String(json.id))
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      const acting = w.people.organizationImpersonator.id;
      if (event.actorId !== w.shop.owner.id || event.actingUserIds?.join() !== acting)
        throw new Error(JSON.stringify(event));
    }),
    { state: ['events', 'users'] },
  ],
  [
    'the token of an impersonator does not say who acts',
    'RFC 8693 §4.1',
    async (w) =>
      introspection(
        w,
        await actingToken(w, w.people.instanceImpersonator, w.shop.ada),
        basicOf(await broker(w)),
      ),
    answered(200, ({ json }, w) => {
      const { act } = json;
      const who = typeof act === 'object' && act !== null && 'sub' in act ? act.sub : undefined;
      if (json.sub !== w.shop.ada.id || who !== w.people.instanceImpersonator.id)
        throw new Error(JSON.stringify(json));
    }),
  ],
  [
    'an impersonator of an organization acts as an owner of the instance',
    'CWE-269',
    (w) => exchangeAs(w, w.people.organizationImpersonator, w.people.instanceOwner),
    refused(400, 'access_denied'),
  ],
  [
    'an impersonator of an organization acts as one of its people who manages something outside it',
    'CWE-269',
    async (w) => {
      const person = await seedUser(w.near);
      const project = await seedProject({ ...w.near, organizationId: w.acme.organizationId });
      await makeManager(w.near, person.id, ['PROJECT_OWNER'], { kind: 'project', id: project.id });
      return exchangeAs(w, w.people.organizationImpersonator, person);
    },
    refused(400, 'access_denied'),
  ],
  [
    'a manager of users acts as an owner of the instance',
    'CWE-269',
    (w) => exchangeAs(w, w.people.userManager, w.people.instanceOwner),
    refused(400, 'access_denied'),
  ],
];

/** Acting as others. */
export const impersonationAttacks: readonly AttackCase[] = numbered('impersonation', rows);
