import { endpointPaths } from '@latchkey/protocol';
import {
  createBrowserAgent,
  pageOf,
  type SeededApplication,
  type SeededMachine,
  type SeededUser,
  type TestServer,
} from '@latchkey/testkit';
import fc from 'fast-check';
import { routes } from '../../packages/server/src/route-table.ts';
import { basicOf, beginFlow } from '../flows/flow-world.ts';
import type { Sent } from './fuzz-request.ts';
import { anyEncoded, anyText, isUnsoundEncoding, isUnsoundJson, nearly } from './fuzz-values.ts';

type Fields = Readonly<Record<string, string>>;

/** What requests for clients and people are made of. */
export interface ProtocolParts {
  readonly server: TestServer;
  readonly web: SeededApplication;
  readonly spa: SeededApplication;
  readonly tv: SeededApplication;
  readonly ada: SeededUser;
  readonly robot: SeededMachine;
  readonly accessToken: string;
}

/** A right request: fields in the query or the form, or a body of JSON. */
interface Template {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly fields: Fields;
  readonly headers: Fields;
  readonly json?: unknown;
  readonly mayChange?: readonly string[];
}

function authorizationFields({ clientId, redirectUri }: SeededApplication): Fields {
  return {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile offline_access',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  };
}

function clientTemplates({ web, spa, tv, ada, robot, accessToken }: ProtocolParts): readonly Template[] {
  const byWeb = basicOf(web);
  const post = (path: string, fields: Fields, headers: Fields = byWeb): Template => ({
    ...{ method: 'POST', path, fields, headers },
  });
  const asked = authorizationFields(spa);
  const grant = (name: string, fields: Fields): Template =>
    post(endpointPaths.token, { grant_type: name, scope: 'openid', ...fields });
  const urn = 'urn:ietf:params:oauth';
  return [
    { method: 'GET', path: endpointPaths.authorize, fields: asked, headers: {} },
    { method: 'GET', path: endpointPaths.authorize, fields: { ...asked, prompt: 'none' }, headers: {} },
    post(endpointPaths.authorize, asked, {}),
    post(endpointPaths.pushedAuthorization, authorizationFields(web)),
    post(endpointPaths.token, { grant_type: 'client_credentials', scope: 'openid' }, basicOf(robot)),
    grant('authorization_code', {
      code: 'AAAA',
      redirect_uri: web.redirectUri,
      code_verifier: 'a'.repeat(43),
    }),
    grant('refresh_token', { refresh_token: 'lk_rt_AAAA' }),
    grant(`${urn}:grant-type:token-exchange`, {
      subject_token: accessToken,
      subject_token_type: `${urn}:token-type:access_token`,
      requested_token_type: `${urn}:token-type:access_token`,
    }),
    grant(`${urn}:grant-type:jwt-bearer`, { assertion: 'e30.e30.AAAA' }),
    grant(`${urn}:grant-type:device_code`, { device_code: 'AAAA' }),
    grant('urn:openid:params:grant-type:ciba', { auth_req_id: 'AAAA' }),
    post(endpointPaths.introspect, { token: accessToken, token_type_hint: 'access_token' }),
    post(endpointPaths.revoke, { token: 'lk_rt_AAAA', token_type_hint: 'refresh_token' }),
    post(endpointPaths.deviceAuthorization, { client_id: tv.clientId, scope: 'openid' }, {}),
    post(endpointPaths.backchannelAuthentication, {
      ...{ scope: 'openid', login_hint: ada.loginName, binding_message: 'W4SCT', requested_expiry: '60' },
    }),
    {
      method: 'GET',
      path: endpointPaths.userinfo,
      fields: {},
      headers: { authorization: `Bearer ${accessToken}` },
    },
    {
      ...post(endpointPaths.register, {}, {}),
      json: { client_name: 'Corner shop', redirect_uris: ['https://corner.example.com/callback'] },
    },
    {
      ...{ method: 'GET', path: endpointPaths.endSession, headers: {} },
      fields: { client_id: spa.clientId, post_logout_redirect_uri: 'https://spa.example.com/', state: 'a' },
    },
  ];
}

/** The pages of a sign-in under way, in the browser it was begun in. */
async function pageTemplates({ server, spa, ada }: ProtocolParts): Promise<readonly Template[]> {
  const agent = createBrowserAgent(server);
  const flow = pageOf(await agent.open((await beginFlow(server, spa)).url));
  const named = pageOf(await agent.submit(flow, { loginName: ada.loginName }));
  const device = pageOf(await agent.open(new URL('/device', server.issuer)));
  const signOut = pageOf(await agent.open(new URL(endpointPaths.endSession, server.issuer)));
  const headers = { cookie: agent.cookies.header() };
  const sealedIn = ({ forms }: typeof flow): string => forms[0]?.fields.request ?? '';
  const name = { givenName: 'Eve', familyName: 'Eaves', loginName: 'eve@example.com' };
  const failures = ['events', 'sign_in_attempts', 'users'];
  const forms: readonly (readonly [path: string, fields: Fields, mayChange?: readonly string[]])[] = [
    ['/login', { request: sealedIn(flow), loginName: ada.loginName }],
    ['/login/password', { request: sealedIn(named), password: 'a wrong password' }, failures],
    ['/login/register', { request: sealedIn(flow), ...name, password: 'correct horse battery staple' }],
    ['/login/accounts', { request: sealedIn(flow), session: '1' }],
    ['/login/consent', { request: sealedIn(flow), action: 'allow' }],
    ['/login/new-password', { request: sealedIn(named), password: 'correct horse battery staple' }],
    ['/login/requests', { request: sealedIn(flow), id: '1', action: 'allow' }],
    ['/device', { request: sealedIn(device), userCode: 'BCDF-GHJK' }],
    ['/device/confirm', { request: sealedIn(device), action: 'allow' }],
    ['/logout', { request: sealedIn(signOut) }],
  ];
  return forms.flatMap(([path, fields, mayChange = []]): readonly Template[] => [
    { method: 'POST', path, fields, headers: { ...headers, origin: server.issuer }, mayChange },
    { method: 'GET', path, fields: { request: fields.request ?? '' }, headers },
  ]);
}

const otherFields: Readonly<Record<string, readonly string[]>> = {
  response_type: ['id_token', 'code id_token token', 'none'],
  scope: ['openid', 'urn:zitadel:iam:org:id:1', 'urn:zitadel:iam:org:project:id:1:aud', ''],
  prompt: ['none', 'login', 'create', 'consent', 'select_account', 'none login'],
  response_mode: ['query', 'fragment', 'form_post', 'jwt'],
  code_challenge_method: ['plain'],
  grant_type: ['authorization_code', 'password', 'client_credentials'],
  max_age: ['0', '-1', '9007199254740993', '1e3'],
  claims: ['{"id_token":{"acr":null}}', '{', '[]'],
  request: ['e30.e30.AAAA', 'e30.e30.'],
  request_uri: ['urn:ietf:params:oauth:request_uri:AAAA', 'https://evil.example/'],
  resource: ['https://api.example.com', 'https://['],
  audience: ['zitadel', '1'],
  id_token_hint: ['e30.e30.AAAA'],
  client_assertion: ['e30.e30.AAAA'],
  client_assertion_type: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  actor_token: ['AAAA'],
  actor_token_type: ['urn:ietf:params:oauth:token-type:access_token'],
  login_hint: ['ada'],
  ui_locales: ['de en', 'x'.repeat(300)],
  acr_values: ['urn:a'],
  user_code: ['BCDF-GHJK'],
  dpop_jkt: ['AAAA'],
  client_secret: ['a'],
};

/** A field exchanged, added, left out (no value) or sent once more (`again`). */
type Change = readonly [name: string, value: string | undefined, again?: 'again'];

/** What may be sent several times (RFC 8707 §2, RFC 8693 §2.1). */
const repeatable: readonly string[] = ['resource', 'audience'];

/** Up to two fields of a request exchanged, added, left out or repeated; values are percent-encoded already. */
function changesOf(fields: Fields): fc.Arbitrary<readonly Change[]> {
  const own = Object.keys(fields);
  const others = Object.keys(otherFields);
  const name =
    own.length === 0
      ? fc.constantFrom(...others)
      : fc.oneof(fc.constantFrom(...own), fc.constantFrom(...others));
  const change = name.chain((chosen) => {
    const known = (otherFields[chosen] ?? []).map(encodeURIComponent);
    const values = known.length === 0 ? anyEncoded : fc.oneof(anyEncoded, fc.constantFrom(...known));
    const exchanged = fc
      .oneof({ weight: 6, arbitrary: values }, { weight: 1, arbitrary: fc.constant(undefined) })
      .map((value): Change => [chosen, value]);
    const right = fields[chosen];
    if (right === undefined) return exchanged;
    // The same value once more, too: what stands there twice is refused whatever it says (RFC 6749 §3.1).
    const repeated = fc
      .oneof(values, fc.constant(encodeURIComponent(right)))
      .map((value): Change => [chosen, value, 'again']);
    return fc.oneof({ weight: 6, arbitrary: exchanged }, { weight: 1, arbitrary: repeated });
  });
  return fc.array(change, { maxLength: 2 });
}

function write(fields: Fields, changes: readonly Change[]): string {
  const encoded = Object.entries(fields).map(([name, value]): Change => [name, encodeURIComponent(value)]);
  const changed = changes.filter(([, , again]) => again === undefined);
  const all = new Map<string, string | undefined>(
    [...encoded, ...changed].map(([name, value]) => [name, value]),
  );
  const repeats = changes.filter(([, , again]) => again !== undefined);
  return [...all, ...repeats]
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join('&');
}

/** Whether a parameter stands there twice at an endpoint of OAuth, which is never right (RFC 6749 §3.1, §3.2). */
function isRepeating(path: string, text: string): boolean {
  if (!/^\/(oauth|oidc)\//.test(path)) return false;
  const names = [...new URLSearchParams(text).keys()].filter((name) => !repeatable.includes(name));
  return new Set(names).size < names.length;
}

const credentials = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
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
);

const cookieOf = (text: string): string =>
  `latchkey_sessions=${encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))}`;
const odd = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        cookie: anyText.map(cookieOf),
        dpop: fc.constantFrom('', 'a', 'a.b.c', 'e30.e30.AAAA'),
        origin: fc.constantFrom('null', 'https://[', 'http://evil.example'),
        'accept-language': fc.constantFrom('*', ';q=', 'de;q=9', 'x'.repeat(300)),
      },
      { requiredKeys: [] },
    ),
  },
);

/** Where parameters of the query count. */
const readsQuery: readonly string[] = [endpointPaths.authorize, endpointPaths.endSession];

function sentOf(template: Template, text: string, more: Fields): Sent {
  const { method, path, fields, json, mayChange = [] } = template;
  const headers = { ...template.headers, ...more };
  const name = [method, path, fields.grant_type].join(' ').trim();
  const isJson = json !== undefined;
  if (method === 'GET') {
    const isUnsound = readsQuery.includes(path) && isRepeating(path, text);
    return { name, method, path: `${path}?${text}`, headers, isUnsound, mayChange };
  }
  const type = isJson ? 'application/json' : 'application/x-www-form-urlencoded';
  const isUnsound = isJson ? isUnsoundJson(text) : isUnsoundEncoding(text) || isRepeating(path, text);
  return {
    name,
    method,
    path,
    headers: { ...headers, 'content-type': type },
    body: text,
    isUnsound,
    mayChange,
  };
}

// A machine of its own each time, so that limits per address are not what answers.
const machines = fc.nat({ max: 65_535 }).map((n) => `198.18.${n >> 8}.${n & 255}`);

function callsOf(template: Template): fc.Arbitrary<Sent> {
  const { fields, json } = template;
  const text = json === undefined ? changesOf(fields).map((changes) => write(fields, changes)) : nearly(json);
  return fc
    .tuple(text, credentials, odd, machines)
    .map(([written, authorization, extra, machine]) =>
      sentOf(template, written, { 'x-forwarded-for': machine, ...extra, ...authorization }),
    );
}

const anyCall = fc
  .tuple(
    fc.constantFrom(...routes.map(({ path }) => path.replace('*', '1'))),
    fc.constantFrom('GET' as const, 'POST' as const),
    changesOf({ request: 'AAAA', client_id: '1' }),
  )
  .chain(([path, method, changes]) =>
    callsOf({ method, path, headers: {}, fields: Object.fromEntries(changes.map(([name]) => [name, 'a'])) }),
  );

/** Requests to any endpoint for clients and people, each with a little of a right one exchanged. */
export interface ProtocolCalls {
  readonly calls: fc.Arbitrary<Sent>;
  /** The right ones, as they are. */
  readonly right: readonly Sent[];
}

/** Begins sign-ins in a browser and builds requests from them and from the parts. */
export async function protocolCalls(parts: ProtocolParts): Promise<ProtocolCalls> {
  const templates = [...clientTemplates(parts), ...(await pageTemplates(parts))];
  return {
    calls: fc.oneof(...templates.map(callsOf), anyCall),
    right: templates.map((template) => {
      const { fields, json } = template;
      return sentOf(template, json === undefined ? write(fields, []) : JSON.stringify(json), {});
    }),
  };
}
