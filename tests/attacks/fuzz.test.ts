import { apiRoutes, type Operation, type OperationId, operations } from '@latchkey/contract';
import { endpointPaths } from '@latchkey/protocol';
import { type SeededApplication, seedApplication, seedProject, seedUser } from '@latchkey/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basicOf } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from '../management/management-world.ts';
import { type Estate, seedEstate } from '../management/seeded-estate.ts';
import { anyEncoded, anyText, bodyOf } from './fuzz-values.ts';

/** Seed and time can be given to repeat or lengthen a run. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const seconds = Number(process.env.FUZZ_SECONDS ?? 25);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

let world: ManagementWorld;
let estate: Estate;
let spa: SeededApplication;
let web: SeededApplication;
let readState: () => Promise<string>;

beforeAll(async () => {
  world = await startManagementWorld('pglite');
  const { server } = world;
  estate = await seedEstate(world, world.otherOrganizationId);
  const project = await seedProject(server, { roleKeys: ['reader'] });
  spa = await seedApplication(server, project, { type: 'user_agent' });
  web = await seedApplication(server, project, { type: 'web' });
  await seedUser(server);
  const tables = await server.store.db.introspection.getTables();
  // What is counted or noted about refusals is no change of state.
  const marks = tables
    .filter(({ name }) => !['usage_counters', 'events'].includes(name))
    .map(
      ({ name }) =>
        sql`select count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) as mark from ${sql.table(name)}`,
    );
  const query = sql<{ mark: string }>`${sql.join(marks, sql` union all `)}`;
  readState = async () => JSON.stringify((await query.execute(server.store.db)).rows);
});
afterAll(() => world?.stop());

/** 4xx with words and no row changed, or an answer; never 5xx. */
async function expectSound(sent: Sent): Promise<void> {
  const before = await readState();
  const { path, ...init } = sent;
  const answer = await world.server.fetch(path, init);
  const text = await answer.text();
  const said = `${sent.method} ${path} ${sent.body ?? ''} → ${answer.status} ${text}`.slice(0, 3000);
  expect(answer.status, said).toBeLessThan(500);
  expect(sent.body?.includes('\ufffd') === true || !text.includes('\ufffd'), said).toBe(true);
  if (answer.status < 400) return;
  expect(text.length, said).toBeGreaterThan(20);
  expect(await readState(), `${said}: rows changed`).toBe(before);
}

async function run(requests: fc.Arbitrary<Sent>): Promise<void> {
  await fc.assert(fc.asyncProperty(requests, expectSound), {
    seed,
    numRuns: 1_000_000,
    interruptAfterTimeLimit: seconds * 1000,
    endOnFailure: true,
  });
}

// Removals by the ids of the estate would leave nothing to attack.
const entries = Object.entries(operations).map(([id, operation]) => ({
  id: id as OperationId, // cast: an entry of a constant object has one of its keys
  operation: operation as Operation, // cast: every member is one
  keepsEstate: !/^(remove|revoke|retire)/.test(id),
}));

function pathsOf(id: OperationId, keepsEstate: boolean): fc.Arbitrary<string> {
  const [, template] = apiRoutes[id];
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const parts = names.map(() =>
    fc.oneof(
      { weight: keepsEstate ? 6 : 0, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: anyEncoded },
    ),
  );
  return fc.tuple(...parts).map((values) => {
    const filled = names.reduce(
      (path, name, index) =>
        path.replace(`{${name}}`, () => values[index] ?? encodeURIComponent(estate.parameter(id, name))),
      template,
    );
    return `/api/v1${filled}`;
  });
}

function queriesOf(operation: Operation): fc.Arbitrary<string> {
  const shape = operation.query !== undefined && 'shape' in operation.query ? operation.query.shape : {};
  const names = [...Object.keys({ ...(shape as object) }), 'unknown']; // cast: the shape of an object schema is one
  const pair = fc.tuple(fc.constantFrom(...names), anyEncoded).map(([name, value]) => `${name}=${value}`);
  return fc.array(pair, { maxLength: 3 }).map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
}

const headers = fc.record(
  {
    'if-match': fc.constantFrom('*', '""', '"a"', 'W/"a"', 'a', ',,', '"'),
    'idempotency-key': fc.constantFrom('a', '', ' ', 'é', 'a'.repeat(201)),
    'accept-language': fc.constantFrom('*', 'de;q=2', 'x'.repeat(500), ';;;', 'en-\u00e9'),
    'content-type': fc.constantFrom(
      'application/json; charset=utf-16',
      'text/plain',
      '',
      'application/json;',
    ),
  },
  { requiredKeys: [] },
);

/** A call of any operation by an owner, its ids mostly those of the estate. */
function managementCalls(): fc.Arbitrary<Sent> {
  const calls = entries.map(({ id, operation, keepsEstate }) => {
    const [method] = apiRoutes[id];
    const body = operation.body === undefined ? fc.constant(undefined) : bodyOf(operation.body);
    return fc
      .tuple(pathsOf(id, keepsEstate), queriesOf(operation), body, fc.option(headers, { freq: 8 }))
      .map(([path, query, text, odd]): Sent => {
        const type = text === undefined ? {} : { 'content-type': 'application/json' };
        return {
          ...{ method, path: path + query },
          headers: { authorization: `Bearer ${world.owner.token}`, ...type, ...odd },
          ...(text === undefined ? {} : { body: text }),
        };
      });
  });
  return fc.oneof(...calls);
}

test(
  `no operation answers 5xx or changes a row when it refuses (seed ${seed})`,
  async () => {
    await run(managementCalls());
  },
  120_000 + seconds * 1000,
);

const likelyForms: Readonly<Record<string, readonly string[]>> = {
  grant_type: [
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:openid:params:grant-type:ciba',
  ],
  response_type: ['code', 'id_token', 'code id_token token', 'none'],
  scope: ['openid', 'openid profile', 'urn:zitadel:iam:org:id:1', 'urn:zitadel:iam:org:project:id:1:aud'],
  prompt: ['none', 'login', 'create', 'consent', 'select_account'],
  response_mode: ['query', 'fragment', 'form_post', 'jwt'],
  code_challenge_method: ['S256', 'plain'],
  subject_token_type: [
    'urn:ietf:params:oauth:token-type:access_token',
    'urn:ietf:params:oauth:token-type:jwt',
  ],
  requested_token_type: ['urn:ietf:params:oauth:token-type:access_token'],
  client_assertion_type: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
};

const formNames = [
  ...Object.keys(likelyForms),
  ...[
    'client_id',
    'client_secret',
    'client_assertion',
    'redirect_uri',
    'state',
    'nonce',
    'code',
    'code_verifier',
  ],
  ...[
    'code_challenge',
    'refresh_token',
    'device_code',
    'auth_req_id',
    'assertion',
    'subject_token',
    'actor_token',
  ],
  ...[
    'actor_token_type',
    'audience',
    'resource',
    'request',
    'request_uri',
    'claims',
    'max_age',
    'login_hint',
  ],
  ...[
    'id_token_hint',
    'id_token',
    'ui_locales',
    'acr_values',
    'token',
    'token_type_hint',
    'user_code',
    'binding_message',
  ],
  ...[
    'requested_expiry',
    'post_logout_redirect_uri',
    'loginName',
    'password',
    'csrf',
    'flow',
    'action',
    'request_id',
  ],
];

function fields(): fc.Arbitrary<string> {
  const field = fc.constantFrom(...formNames).chain((name) => {
    const known = likelyForms[name] ?? [];
    const real =
      name === 'client_id'
        ? [spa.clientId, web.clientId]
        : name === 'redirect_uri'
          ? [spa.redirectUri]
          : known;
    const value =
      real.length === 0
        ? anyEncoded
        : fc.oneof(
            { weight: 6, arbitrary: fc.constantFrom(...real.map(encodeURIComponent)) },
            { weight: 1, arbitrary: anyEncoded },
          );
    return value.map((text) => `${name}=${text}`);
  });
  return fc
    .uniqueArray(field, { maxLength: 9, selector: (pair) => pair.split('=')[0] })
    .map((pairs) => pairs.join('&'));
}

const paths = [
  ...Object.values(endpointPaths),
  ...['/device', '/device/confirm', '/device/done', '/login', '/login/requests', '/login/password'],
  ...[
    '/login/new-password',
    '/login/accounts',
    '/login/consent',
    '/login/register',
    '/logout',
    '/logout/done',
  ],
];

/** A request to any endpoint for clients and people. */
function protocolCalls(): fc.Arbitrary<Sent> {
  const credentials = fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: fc.constant(basicOf(web)) },
    {
      weight: 1,
      arbitrary: anyText.map((text) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('Basic', 'Basic =', 'Bearer', 'Bearer a b', 'DPoP x', 'Bearer lk_at_AAAA', 'bearer ,')
        .map((authorization) => ({ authorization })),
    },
    { weight: 1, arbitrary: fc.constant({ authorization: `Bearer ${world.owner.token}` }) },
  );
  const odd = fc.record(
    {
      cookie: anyText.map(
        (text) => `latchkey_sessions=${encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))}`,
      ),
      dpop: fc.constantFrom('', 'a', 'a.b.c', 'e30.e30.AAAA'),
      origin: fc.constantFrom('null', 'https://[', 'http://evil.example'),
      'accept-language': fc.constantFrom('*', ';q=', 'de;q=9', 'x'.repeat(300)),
    },
    { requiredKeys: [] },
  );
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
  return fc
    .tuple(
      fc.constantFrom(...paths),
      fields(),
      credentials,
      odd,
      fc.constantFrom('query', 'form', 'form', 'json'),
      json,
    )
    .map(([path, form, authorization, extra, place, text]): Sent => {
      const head = { ...extra, ...authorization };
      if (place === 'query') return { method: 'GET', path: `${path}?${form}`, headers: head };
      const type = place === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
      return {
        method: 'POST',
        path,
        headers: { ...head, 'content-type': type },
        body: place === 'form' ? form : text,
      };
    });
}

test(
  `no endpoint answers 5xx or changes a row when it refuses (seed ${seed})`,
  async () => {
    await run(protocolCalls());
  },
  120_000 + seconds * 1000,
);
