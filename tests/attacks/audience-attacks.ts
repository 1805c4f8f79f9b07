import { basicOf, call, managementProjectIdOf } from '../flows/flow-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import { type AttackCase, inactive, numbered, problem, type Row, refused } from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import { api, introspection, token } from './requests.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const managementScope = audienceScope({ id: 'zitadel' });
const invalidTarget = refused(400, 'invalid_target');
const wrongAudience = problem(401, 'wrong-audience');
const forbidden = problem(403, 'forbidden');

/** An exchange by the shop's broker of a token an instance owner got at the shop's front end. */
function exchangeOf(more: (world: AttackWorld) => Promise<Readonly<Record<string, string>>>) {
  return async (w: AttackWorld) => {
    const { accessToken } = await w.freshTokens(w.shop.spa, w.people.instanceOwner, 'openid');
    const form = { grant_type: exchange, subject_token: accessToken, subject_token_type: accessTokenType };
    return token({ ...form, ...(await more(w)) }, basicOf(w.shop.broker));
  };
}

/** A call of the management API with the token of an instance owner at an ordinary application. */
function managementCallWith(scope: (world: AttackWorld) => Promise<string>): AttackCase['send'] {
  return async (w) => {
    const { accessToken } = await w.freshTokens(w.shop.spa, w.people.instanceOwner, await scope(w));
    return api(accessToken, 'POST', '/organizations', { name: 'Taken over' });
  };
}

async function machineToken(w: AttackWorld, scope: string): Promise<string> {
  const form = { grant_type: 'client_credentials', scope };
  const { body } = await call(w.near, '/oauth/v2/token', { form, headers: basicOf(w.shop.robot) });
  return String(body.access_token);
}

const exchanges: readonly Row[] = [
  [
    'token exchange of an administrator’s ordinary token for the management API by name',
    'RFC 8693 §2.2.2',
    exchangeOf(async () => ({ audience: 'zitadel' })),
    invalidTarget,
  ],
  [
    'token exchange for the management API by the ID of its project',
    'RFC 8693 §2.2.2',
    exchangeOf(async (w) => ({ audience: await managementProjectIdOf(w.near) })),
    invalidTarget,
  ],
  [
    'token exchange for the management API by the client ID of the console',
    'RFC 8693 §2.2.2',
    exchangeOf(async () => ({ audience: 'latchkey-console' })),
    invalidTarget,
  ],
  [
    'token exchange for the management API by scope',
    'RFC 8693 §2.1',
    exchangeOf(async () => ({ scope: `openid ${managementScope}` })),
    refused(400, 'invalid_scope'),
  ],
  [
    'token exchange for the project of another organization',
    'RFC 8693 §2.2.2',
    exchangeOf(async (w) => ({ audience: w.acme.project.id })),
    invalidTarget,
  ],
  [
    'token exchange for an API of another organization by its client ID',
    'RFC 8693 §2.2.2',
    exchangeOf(async (w) => ({ audience: w.acme.api.clientId })),
    invalidTarget,
  ],
  [
    'token exchange of a personal access token for the project of another organization',
    'decision 0018',
    (w) =>
      token(
        {
          grant_type: exchange,
          subject_token: w.shop.robotPat,
          subject_token_type: accessTokenType,
          audience: w.acme.project.id,
        },
        basicOf(w.shop.broker),
      ),
    invalidTarget,
  ],
  [
    'token exchange of a personal access token for the management API by an ordinary application',
    'decision 0018',
    (w) =>
      token(
        {
          grant_type: exchange,
          subject_token: w.shop.robotPat,
          subject_token_type: accessTokenType,
          audience: 'zitadel',
        },
        basicOf(w.shop.broker),
      ),
    invalidTarget,
  ],
];

const scopes: readonly Row[] = [
  [
    'an ordinary application asks for the management API by name',
    'RFC 9700 §2.3',
    managementCallWith(async () => `openid ${managementScope}`),
    wrongAudience,
  ],
  [
    'an ordinary application asks for the management API by the ID of its project',
    'RFC 9700 §2.3',
    managementCallWith(async (w) => `openid ${audienceScope({ id: await managementProjectIdOf(w.near) })}`),
    wrongAudience,
  ],
  [
    'a refreshed token of an ordinary application for the management API',
    'RFC 6749 §6',
    async (w) => {
      const scope = `openid offline_access ${managementScope}`;
      const { refreshToken } = await w.freshTokens(w.shop.spa, w.people.instanceOwner, scope);
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
      const { body } = await call(w.near, '/oauth/v2/token', {
        form: { ...form, client_id: w.shop.spa.clientId },
      });
      return api(String(body.access_token), 'GET', '/me');
    },
    wrongAudience,
  ],
  [
    'a token with the audience scope of another organization’s project at its API',
    'RFC 7662 §4',
    async (w) => {
      const scope = `openid ${audienceScope(w.acme.project)}`;
      const { accessToken } = await w.freshTokens(w.shop.spa, w.shop.ada, scope);
      return introspection(w, accessToken, basicOf(w.acme.api));
    },
    inactive,
    { reason: /not meant for the caller/ },
  ],
  [
    'a machine user’s token with the audience scope of another organization’s project at its API',
    'RFC 7662 §4',
    async (w) =>
      introspection(w, await machineToken(w, `openid ${audienceScope(w.acme.project)}`), basicOf(w.acme.api)),
    inactive,
    { reason: /not meant for the caller/ },
  ],
  [
    'a personal access token at an API of another organization',
    'decision 0018',
    (w) => introspection(w, w.shop.robotPat, basicOf(w.acme.api)),
    inactive,
    { reason: /not meant for the caller/ },
  ],
];

const marks: readonly Row[] = [
  [
    'a project owner gives an application access to the management API',
    'decision 0018',
    async (w) =>
      api(await w.tokenFor(w.people.projectOwner), 'PATCH', `/applications/${w.shop.web.id}`, {
        isManagementClient: true,
      }),
    forbidden,
  ],
  [
    'a project owner makes an application with access to the management API',
    'decision 0018',
    async (w) =>
      api(await w.tokenFor(w.people.projectOwner), 'POST', '/applications', {
        projectId: w.shop.project.id,
        name: 'Taken over',
        type: 'user_agent',
        redirectUris: ['https://attacker.example.com/callback'],
        isManagementClient: true,
      }),
    forbidden,
  ],
  [
    'an organization owner gives an application access to the management API',
    'decision 0018',
    async (w) =>
      api(await w.tokenFor(w.shop.owner), 'PATCH', `/applications/${w.shop.web.id}`, {
        isManagementClient: true,
      }),
    forbidden,
  ],
];

/** Audiences that nobody granted. */
export const audienceAttacks: readonly AttackCase[] = numbered('audience', [
  ...exchanges,
  ...scopes,
  ...marks,
]);
