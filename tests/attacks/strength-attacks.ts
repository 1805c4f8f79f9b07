import { changeAsOperator } from '@latchkey/testkit';
import { type AttackCase, numbered, problem, type Row } from './attack-case.ts';
import type { AttackRequest } from './attack-request.ts';
import type { AttackWorld } from './attack-world.ts';
import { api } from './requests.ts';

type Call = readonly [method: string, path: string, json?: unknown];

const forbidden = problem(403, 'forbidden');
const notFound = problem(404, 'not-found');
const conflict = problem(409, 'conflict');

async function by(
  { tokenFor, people }: AttackWorld,
  caller: 'userManager' | 'projectOwner' | 'grantOwner',
  ...call: Call
): Promise<AttackRequest> {
  return api(await tokenFor(people[caller]), ...call);
}

const password = { password: 'correct horse battery staple' };

/** Everything that changes a person, by the manager of the users of their organization. */
const onPeople: readonly (readonly [attack: string, build: (userId: string) => Call])[] = [
  ['sets the password of', (id) => ['PUT', `/users/${id}/password`, password]],
  ['locks', (id) => ['POST', `/users/${id}/lock`]],
  ['unlocks', (id) => ['POST', `/users/${id}/unlock`]],
  ['deactivates', (id) => ['POST', `/users/${id}/deactivate`]],
  ['activates', (id) => ['POST', `/users/${id}/activate`]],
  ['removes', (id) => ['DELETE', `/users/${id}`]],
  ['changes the login name of', (id) => ['PATCH', `/users/${id}`, { loginName: 'taken-over' }]],
  [
    'changes the address of',
    (id) => ['PATCH', `/users/${id}`, { email: 'me@example.net', isEmailVerified: true }],
  ],
  ['changes the metadata of', (id) => ['PUT', `/users/${id}/metadata/role`, { value: 'YWRtaW4=' }]],
  ['ends the sessions of', (id) => ['DELETE', `/users/${id}/sessions`]],
  ['takes a consent of', (id) => ['DELETE', `/users/${id}/consents/1`]],
];
const stronger = ['instanceOwner', 'instanceImpersonator', 'organizationImpersonator'] as const;

const people: readonly Row[] = stronger.flatMap((target) =>
  onPeople.map(
    ([attack, build]): Row => [
      `a user manager ${attack} the ${target.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
      'CWE-269',
      (w) => by(w, 'userManager', ...build(w.people[target].id)),
      forbidden,
    ],
  ),
);

const machines: readonly Row[] = (
  [
    ['makes a personal access token for', (id) => ['POST', `/users/${id}/tokens`, {}]],
    ['makes a secret for', (id) => ['POST', `/users/${id}/secrets`, {}]],
    ['makes a key for', (id) => ['POST', `/users/${id}/keys`, {}]],
    ['removes a secret of', (id) => ['DELETE', `/users/${id}/secrets/1`]],
    ['removes a key of', (id) => ['DELETE', `/users/${id}/keys/1`]],
    ['removes a personal access token of', (id) => ['DELETE', `/users/${id}/tokens/1`]],
  ] as readonly (readonly [string, (userId: string) => Call])[]
).map(
  ([attack, build]): Row => [
    `a user manager ${attack} a machine that may act as anybody`,
    'CWE-269',
    (w) => by(w, 'userManager', ...build(w.people.machineImpersonator.id)),
    forbidden,
  ],
);

async function sessionOf(w: AttackWorld): Promise<string> {
  await w.freshTokens(w.shop.spa, w.people.instanceOwner);
  const { id } = await w.near.store.db
    .selectFrom('sessions')
    .select('id')
    .where('userId', '=', w.people.instanceOwner.id)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

const others: readonly Row[] = [
  [
    'a user manager ends a session of an instance owner by its id',
    'CWE-269',
    async (w) => by(w, 'userManager', 'DELETE', `/sessions/${await sessionOf(w)}`),
    forbidden,
  ],
  [
    'an organization owner deactivates the organization of an instance owner',
    'CWE-269',
    async (w) => {
      const owner = await w.freshPerson(['ORG_OWNER']);
      return api(await w.tokenFor(owner), 'POST', `/organizations/${w.shop.organizationId}/deactivate`);
    },
    forbidden,
  ],
  [
    'an organization manager of the instance switches on impersonation',
    'CWE-269',
    async (w) => {
      const manager = await w.freshPerson(['IAM_ORG_MANAGER']);
      const body = { features: { impersonation: true } };
      return api(await w.tokenFor(manager), 'PATCH', '/instance/settings', body);
    },
    forbidden,
  ],
];

const authorization = (w: AttackWorld, body: object): Call => [
  'POST',
  '/authorizations',
  { projectId: w.shop.project.id, ...body },
];

const lent: readonly Row[] = [
  [
    'a grant owner gives a role in the name of another organization',
    'CWE-639',
    (w) =>
      by(
        w,
        'grantOwner',
        ...authorization(w, {
          userId: w.globex.ada.id,
          roleKeys: ['editor'],
          organizationId: w.globex.organizationId,
        }),
      ),
    notFound,
  ],
  [
    'a grant owner gives a role to people of another organization',
    'CWE-639',
    (w) =>
      by(
        w,
        'grantOwner',
        ...authorization(w, {
          userId: w.globex.ada.id,
          roleKeys: ['reader'],
          organizationId: w.acme.organizationId,
        }),
      ),
    notFound,
  ],
  [
    'a grant owner gives a role that only another organization was granted',
    'CWE-269',
    (w) =>
      by(
        w,
        'grantOwner',
        ...authorization(w, {
          userId: w.acme.robot.id,
          roleKeys: ['editor'],
          organizationId: w.acme.organizationId,
        }),
      ),
    problem(400, 'invalid-input'),
  ],
  [
    'a project owner makes a user of another organization a manager by id, to learn their login name',
    'CWE-200',
    (w) =>
      by(w, 'projectOwner', 'PUT', `/projects/${w.shop.project.id}/managers/${w.acme.ada.id}`, {
        roles: ['PROJECT_OWNER_VIEWER'],
      }),
    notFound,
  ],
  [
    'a project owner guesses the login name of a user of another organization',
    'CWE-200',
    (w) =>
      by(w, 'projectOwner', 'PUT', `/projects/${w.shop.project.id}/managers/${w.acme.ada.id}`, {
        roles: ['PROJECT_OWNER_VIEWER'],
        loginName: 'ada',
      }),
    notFound,
  ],
];

async function domainOf(w: AttackWorld, organizationId: string): Promise<string> {
  const { primaryDomain } = await w.near.store.db
    .selectFrom('organizations')
    .select('primaryDomain')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow();
  return primaryDomain;
}

const names: readonly Row[] = [
  [
    'a user manager makes a verified address in a domain of another organization',
    'CWE-290',
    async (w) => {
      const email = `mallory@${await domainOf(w, w.acme.organizationId)}`;
      const body = { kind: 'human', loginName: 'mallory-verified', email, isEmailVerified: true };
      return by(w, 'userManager', 'POST', '/users', body);
    },
    conflict,
  ],
  [
    'a user manager makes a login name in a domain of another organization',
    'CWE-290',
    async (w) => {
      const loginName = `mallory@${await domainOf(w, w.acme.organizationId)}`;
      return by(w, 'userManager', 'POST', '/users', { kind: 'human', loginName });
    },
    conflict,
  ],
  [
    'a user manager verifies an address in a domain of another organization afterwards',
    'CWE-290',
    async (w) => {
      const { id } = await w.freshPerson();
      const email = `mallory@${await domainOf(w, w.acme.organizationId)}`;
      await changeAsOperator(w.near, ({ trx }) =>
        trx
          .updateTable('users')
          .set({ email, emailCanonical: email, isEmailVerified: false })
          .where('id', '=', id)
          .execute(),
      );
      return by(w, 'userManager', 'PATCH', `/users/${id}`, { isEmailVerified: true });
    },
    conflict,
  ],
];

/** Attacks on people who are stronger than the attacker, and on what belongs to another organization. */
export const strengthAttacks: readonly AttackCase[] = [
  ...numbered('strength-people', people),
  ...numbered('strength-machines', machines),
  ...numbered('strength-others', others),
  ...numbered('strength-lent', lent),
  ...numbered('strength-names', names),
];
