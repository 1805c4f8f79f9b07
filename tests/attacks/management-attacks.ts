import { basicOf } from '../flows/flow-world.ts';
import { type AttackCase, type Expected, numbered, problem, type Row } from './attack-case.ts';
import type { Managers } from './attack-estates.ts';
import type { AttackWorld } from './attack-world.ts';
import { api } from './requests.ts';

type Caller = keyof Pick<
  Managers,
  'userManager' | 'projectOwner' | 'grantOwner' | 'organizationImpersonator'
>;

type Call = readonly [method: string, path: string, json?: unknown];

/** A call of the management API by somebody with a role that does not suffice. */
function as(caller: Caller, build: (world: AttackWorld) => Call): AttackCase['send'] {
  return async (world) => api(await world.tokenFor(world.people[caller]), ...build(world));
}

const notFound = problem(404, 'not-found');
const forbidden = problem(403, 'forbidden');
const unauthenticated = problem(401, 'unauthenticated');
const wrongAudience = problem(401, 'wrong-audience');

const callers: readonly Row[] = [
  ['no token', 'RFC 6750 §3.1', () => ({ path: '/api/v1/me' }), unauthenticated],
  ['a made-up token', 'RFC 6750 §3.1', () => api('lk_at_AAAA', 'GET', '/me'), unauthenticated],
  [
    'a token for an application, not for the management API',
    'RFC 9068 §4',
    (w) => api(w.live.accessToken, 'GET', '/me'),
    wrongAudience,
  ],
  [
    'a JWT access token for an application',
    'RFC 9068 §4',
    (w) => api(w.liveJwt.accessToken, 'GET', '/me'),
    wrongAudience,
  ],
  ['an ID token', 'RFC 8725 §3.11', (w) => api(w.live.idToken, 'GET', '/me'), unauthenticated],
  ['a refresh token', 'RFC 8725 §3.11', (w) => api(w.live.refreshToken, 'GET', '/me'), unauthenticated],
  [
    'client credentials',
    'RFC 6750 §2.1',
    (w) => ({ path: '/api/v1/me', headers: basicOf(w.shop.api) }),
    problem(400, 'invalid-input'),
  ],
  [
    'the token in the query',
    'RFC 9700 §4.3.2',
    async (w) => ({ path: `/api/v1/me?access_token=${await w.tokenFor(w.people.instanceOwner)}` }),
    unauthenticated,
  ],
  [
    'the session cookie of an owner',
    'CWE-352',
    async (w) => {
      const { signedIn } = await w.freshTokens(w.shop.spa, w.people.instanceOwner);
      return { path: '/api/v1/me', headers: { cookie: signedIn.agent.cookies.header() } };
    },
    unauthenticated,
  ],
];

/** Reads and writes of one organization's things by managers of another. */
const foreignObjects: readonly (readonly [attack: string, build: (world: AttackWorld) => Call])[] = [
  ['reading a user', ({ acme }) => ['GET', `/users/${acme.ada.id}`]],
  [
    'setting a password',
    ({ acme }) => ['PUT', `/users/${acme.ada.id}/password`, { password: 'x'.repeat(20) }],
  ],
  ['locking a user', ({ acme }) => ['POST', `/users/${acme.ada.id}/lock`]],
  ['removing a user', ({ acme }) => ['DELETE', `/users/${acme.ada.id}`]],
  ['listing the keys of a machine user', ({ acme }) => ['GET', `/users/${acme.robot.id}/keys`]],
  ['making a secret of a machine user', ({ acme }) => ['POST', `/users/${acme.robot.id}/secrets`, {}]],
  ['making a token of a machine user', ({ acme }) => ['POST', `/users/${acme.robot.id}/tokens`, {}]],
  ['ending the sessions of a user', ({ acme }) => ['DELETE', `/users/${acme.ada.id}/sessions`]],
  ['reading a project', ({ acme }) => ['GET', `/projects/${acme.project.id}`]],
  ['removing a project', ({ acme }) => ['DELETE', `/projects/${acme.project.id}`]],
  [
    'granting a project',
    ({ acme, shop }) => [
      'POST',
      `/projects/${acme.project.id}/grants`,
      { organizationId: shop.organizationId, roleKeys: ['reader'] },
    ],
  ],
  ['reading an application', ({ acme }) => ['GET', `/applications/${acme.web.id}`]],
  ['making a secret of an application', ({ acme }) => ['POST', `/applications/${acme.web.id}/secrets`, {}]],
  [
    'making oneself an owner of the organization',
    ({ acme, people }) => [
      'PUT',
      `/organizations/${acme.organizationId}/managers/${people.userManager.id}`,
      { roles: ['ORG_OWNER'] },
    ],
  ],
  ['reading the organization', ({ acme }) => ['GET', `/organizations/${acme.organizationId}`]],
];

const growing: readonly (readonly [
  attack: string,
  caller: Caller,
  build: (world: AttackWorld) => Call,
  Expected,
])[] = [
  [
    'a user manager makes themselves an instance owner',
    'userManager',
    ({ people }) => ['PUT', `/instance/managers/${people.userManager.id}`, { roles: ['IAM_OWNER'] }],
    forbidden,
  ],
  [
    'a user manager makes themselves an organization owner',
    'userManager',
    ({ people, shop }) => [
      'PUT',
      `/organizations/${shop.organizationId}/managers/${people.userManager.id}`,
      { roles: ['ORG_OWNER'] },
    ],
    forbidden,
  ],
  [
    'a user manager sets the password of an instance owner',
    'userManager',
    ({ people }) => [
      'PUT',
      `/users/${people.instanceOwner.id}/password`,
      { password: 'a long enough password' },
    ],
    forbidden,
  ],
  [
    'a user manager makes an application',
    'userManager',
    ({ shop }) => ['POST', '/applications', { projectId: shop.project.id, name: 'Mine', type: 'api' }],
    forbidden,
  ],
  [
    'a project owner reads another project of the organization',
    'projectOwner',
    ({ shop }) => ['GET', `/projects/${shop.ledger.id}`],
    notFound,
  ],
  [
    'a project owner makes an organization',
    'projectOwner',
    () => ['POST', '/organizations', { name: 'Mine' }],
    forbidden,
  ],
  [
    'a grant owner changes the granted roles',
    'grantOwner',
    ({ shop, grants }) => [
      'PATCH',
      `/projects/${shop.project.id}/grants/${grants.acme.id}`,
      { roleKeys: ['editor', 'reader'] },
    ],
    forbidden,
  ],
  [
    'a person with an impersonator role reads users',
    'organizationImpersonator',
    ({ shop }) => ['GET', `/users/${shop.ada.id}`],
    notFound,
  ],
];

/** Attacks on the management API. */
export const managementAttacks: readonly AttackCase[] = [
  ...numbered('api-caller', callers),
  ...numbered(
    'api-tenancy',
    foreignObjects.map(
      ([attack, build]): Row => [
        `${attack} of another organization`,
        'CWE-639',
        as('userManager', build),
        notFound,
      ],
    ),
  ),
  ...numbered(
    'api-growth',
    growing.map(([attack, caller, build, expect]): Row => [attack, 'CWE-269', as(caller, build), expect]),
  ),
];
