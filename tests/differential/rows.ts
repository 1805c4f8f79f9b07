import {
  type ClientName,
  newPkce,
  type Pkce,
  type Sent,
  type Side,
  seenAtAuthorize,
  seenAtEndpoint,
} from './side.ts';

/** What both servers must answer alike, or what each answers and why we differ. */
export type Expected =
  | { readonly both: string }
  | { readonly ours: string; readonly theirs: string; readonly because: string };

export type Row = Expected & {
  readonly name: string;
  readonly ask: (side: Side) => Promise<string>;
};

type Fields = Readonly<Record<string, string>>;

function formOf(fields: Fields): string {
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== '')).toString();
}

function authorizeFields(side: Side, client: ClientName, pkce: Pkce): Fields {
  return {
    client_id: side.clients[client].clientId,
    redirect_uri: side.clients[client].redirectUri,
    response_type: 'code',
    scope: 'openid profile offline_access',
    prompt: 'consent',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
  };
}

/** A request to the authorization endpoint; an empty value leaves a parameter out, `suffix` repeats one. */
export function authorize(fields: Fields, client: ClientName = 'spa', suffix = ''): Row['ask'] {
  return async (side) => {
    const query = formOf({ ...authorizeFields(side, client, newPkce()), ...fields }) + suffix;
    return seenAtAuthorize(side, await side.send({ address: 'authorization_endpoint', query }));
  };
}

/** Credentials as `client_secret_basic`, or `client_id` for the public client. */
function credentials(side: Side, name: ClientName): { readonly headers: Fields; readonly fields: Fields } {
  const { clientId, clientSecret } = side.clients[name];
  if (clientSecret === '') return { headers: {}, fields: { client_id: clientId } };
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  return { headers: { authorization: `Basic ${basic}` }, fields: {} };
}

/** Posts fields to an endpoint as a client. */
export async function post(
  side: Side,
  address: string,
  client: ClientName | 'nobody',
  fields: Fields,
  suffix = '',
): Promise<Response> {
  const own = client === 'nobody' ? { headers: {}, fields: {} } : credentials(side, client);
  const body = formOf({ ...own.fields, ...fields }) + suffix;
  return await side.send({ address, method: 'POST', body, headers: own.headers });
}

export interface Coded {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** A code for a client, of a fresh browser. */
export async function codeFor(side: Side, client: ClientName, fields: Fields = {}): Promise<Coded> {
  const pkce = newPkce();
  const callback = await side.signIn(formOf({ ...authorizeFields(side, client, pkce), ...fields }));
  return {
    code: callback.searchParams.get('code') ?? '',
    verifier: pkce.verifier,
    redirectUri: side.clients[client].redirectUri,
  };
}

/** The form that redeems a code. */
export function redemption({ code, verifier, redirectUri }: Coded): Fields {
  return { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
  readonly coded: Coded;
}

export async function readTokens(response: Response, coded: Coded): Promise<Tokens> {
  const body: Readonly<Record<string, unknown>> = await response.json();
  const { access_token, refresh_token, id_token } = body;
  if (typeof access_token !== 'string') throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return { accessToken: access_token, refreshToken: String(refresh_token), idToken: String(id_token), coded };
}

/** Tokens of a client, from a fresh browser. */
export async function tokensFor(side: Side, client: ClientName): Promise<Tokens> {
  const coded = await codeFor(side, client);
  return readTokens(await post(side, 'token_endpoint', client, redemption(coded)), coded);
}

/** Redeems a code of `owner` as `by`, with fields put in place of the right ones. */
export function redeem(fields: Fields, owner: ClientName = 'web', by: ClientName = owner): Row['ask'] {
  return async (side) => {
    const coded = await codeFor(side, owner);
    return seenAtEndpoint(await post(side, 'token_endpoint', by, { ...redemption(coded), ...fields }));
  };
}

/** A request to an endpoint that needs no code or token first. */
export function plain(
  address: string,
  client: ClientName | 'nobody',
  fields: Fields,
  suffix = '',
): Row['ask'] {
  return async (side) => seenAtEndpoint(await post(side, address, client, fields, suffix));
}

/** A request written out. */
export function raw(build: (side: Side) => Sent & { readonly query?: string }): Row['ask'] {
  return async (side) => seenAtEndpoint(await side.send(build(side)));
}

/** Refreshes a fresh refresh token of the web client as `by`. */
export function refresh(fields: Fields, by: ClientName = 'web'): Row['ask'] {
  return async (side) => {
    const { refreshToken } = await tokensFor(side, 'web');
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...fields };
    return seenAtEndpoint(await post(side, 'token_endpoint', by, form));
  };
}

/** Does something with tokens of the web client and tells what it saw. */
export function withTokens(work: (side: Side, tokens: Tokens) => Promise<Response>): Row['ask'] {
  return async (side) => seenAtEndpoint(await work(side, await tokensFor(side, 'web')));
}

/** A Basic header. */
export function basicOf(id: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
