import { changeAsOperator, seedApplication, seedMachine } from '@latchkey/testkit';
import { basicOf, call } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { consoleTokens } from '../management/console-sign-in.ts';
import { dangerousCall, dangerousOperations } from '../management/dangerous-calls.ts';
import { createCaller } from '../management/management-world.ts';
import { seedEstate } from '../management/seeded-estate.ts';
import { type AttackCase, answered, type Expected, numbered, problem, type Row } from './attack-case.ts';
import { makeManager } from './attack-estates.ts';
import type { AttackWorld } from './attack-world.ts';
import { oncePerWorld } from './once-per-world.ts';
import { api } from './requests.ts';

const twentyHoursMs = 20 * 3_600_000;

/** A console token of now for a person with this role, from a sign-in of 20 hours ago. */
async function staleToken(w: AttackWorld, role: string): Promise<string> {
  const person = await w.freshPerson([role]);
  const { refreshToken } = await consoleTokens(w.near, person);
  const authTimeMs = w.near.clock.now() - twentyHoursMs;
  await changeAsOperator(w.near, async ({ trx }) => {
    await trx.updateTable('sessions').set({ authTimeMs }).where('userId', '=', person.id).execute();
    await trx.updateTable('grants').set({ authTimeMs }).where('userId', '=', person.id).execute();
  });
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'latchkey-console' };
  const { body } = await call(w.near, '/oauth/v2/token', { form });
  return String(body.access_token);
}

const staleOwner = oncePerWorld((w) => staleToken(w, 'IAM_OWNER'));
const staleViewer = oncePerWorld((w) => staleToken(w, 'IAM_OWNER_VIEWER'));

const machineOwner = oncePerWorld(async (w) => {
  const machine = await seedMachine(w.near);
  await makeManager(w.near, machine.id, ['IAM_OWNER'], { kind: 'instance', id: w.near.instanceId });
  const form = { grant_type: 'client_credentials', scope: `openid ${audienceScope({ id: 'zitadel' })}` };
  const { body } = await call(w.near, '/oauth/v2/token', { form, headers: basicOf(machine) });
  return String(body.access_token);
});

const estateOf = oncePerWorld(async (w) => {
  const { instanceOwner } = w.people;
  const sessionId = async (): Promise<string> => {
    await w.freshTokens();
    const { id } = await w.near.store.db
      .selectFrom('sessions')
      .select('id')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    return id;
  };
  return await seedEstate(
    {
      server: w.near,
      owner: createCaller(w.near, instanceOwner.id, await w.tokenFor(instanceOwner)),
      otherOrganizationId: w.acme.organizationId,
      seedSession: sessionId,
    },
    w.near.organizationId,
  );
});

/** RFC 9470 §3: 401, and a challenge that says how old the sign-in may be. */
const challenged: Expected = answered(401, ({ headers, json }) => {
  const challenge = headers.get('www-authenticate') ?? '';
  const wanted = /^Bearer .*error="insufficient_user_authentication".*max_age=900/;
  if (json.code !== 'fresh-sign-in-required' || json.maxAge !== 900 || !wanted.test(challenge))
    throw new Error(`no challenge: ${challenge} ${JSON.stringify(json)}`);
});

const dangerous: readonly Row[] = dangerousOperations.map(([id, operation]) => [
  `${id} 20 hours after the sign-in`,
  'RFC 9470 §3',
  async (w) => {
    const { method, path, body } = dangerousCall(await estateOf(w), [id, operation], w.shop.ada.id);
    return api(await staleOwner(w), method, path, body);
  },
  challenged,
]);

type Dangerous = readonly [
  attack: string,
  act: (token: string, w: AttackWorld) => Promise<ReturnType<typeof api>>,
  status: number,
  state: readonly string[],
];

/** Each is refused after 20 hours; a fresh person and a machine may do it. */
const acts: readonly Dangerous[] = [
  [
    'makes a client secret',
    async (token, w) => {
      const { id } = await seedApplication(w.near, w.shop.project, { type: 'api' });
      return api(token, 'POST', `/applications/${id}/secrets`, {});
    },
    201,
    ['client_secrets', 'events'],
  ],
  [
    'sets the password of somebody else',
    async (token, w) => {
      const { id } = await w.freshPerson();
      return api(token, 'PUT', `/users/${id}/password`, { password: 'correct horse battery staple' });
    },
    204,
    ['events', 'revocations', 'users'],
  ],
  [
    'removes a user',
    async (token, w) => api(token, 'DELETE', `/users/${(await w.freshPerson()).id}`),
    204,
    ['events', 'revocations', 'sign_in_names', 'users'],
  ],
];

const parties: readonly Row[] = acts.flatMap(([attack, act, status, state]): readonly Row[] => [
  [
    `a person who signed in 20 hours ago ${attack}`,
    'RFC 9470 §3',
    async (w) => act(await staleOwner(w), w),
    challenged,
  ],
  [
    `a person who signed in just now ${attack}`,
    'decision 0024',
    async (w) => act(await w.tokenFor(await w.freshPerson(['IAM_OWNER'])), w),
    answered(status),
    { state },
  ],
  [
    `a machine ${attack}`,
    'decision 0024',
    async (w) => act(await machineOwner(w), w),
    answered(status),
    { state },
  ],
]);

const harmless: readonly Row[] = [
  [
    'a person who signed in 20 hours ago reads',
    'decision 0024',
    async (w) => api(await staleOwner(w), 'GET', '/users'),
    answered(200),
  ],
  [
    'a person who signed in 20 hours ago and lacks the permission is not asked to sign in again',
    'decision 0024',
    async (w) => api(await staleViewer(w), 'DELETE', `/users/${(await w.freshPerson()).id}`),
    problem(403, 'forbidden'),
  ],
];

/** Dangerous operations long after the sign-in. */
export const freshnessAttacks: readonly AttackCase[] = [
  ...numbered('stale', dangerous).map((attack): AttackCase => ({ ...attack, at: ['near'] })),
  ...numbered('fresh', [...parties, ...harmless]),
];
