import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  completeSignIn,
  createBrowserAgent,
  createCookieJar,
  leftFor,
  parseHtmlPage,
  type SeededUser,
  seedApplication,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { createSender } from '../../packages/testkit/src/send-request.ts';

export interface Client {
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  readonly redirectUri: string;
}

export type ClientName = 'web' | 'other' | 'spa';

type Form = Readonly<Record<string, string>>;

/** A request as both servers get it; `address` is a member of their discovery documents. */
export interface Sent {
  readonly address: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Form;
}

/** One of the two servers, driven by its discovery document alone. */
export interface Side {
  readonly issuer: string;
  readonly clients: Readonly<Record<ClientName, Client>>;
  readonly send: (request: Sent & { readonly query?: string }) => Promise<Response>;
  /** Signs in at an authorization address as a fresh browser; resolves to the callback. */
  readonly signIn: (query: string) => Promise<URL>;
  readonly close: () => Promise<void>;
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

interface Discovered {
  readonly [name: string]: unknown;
}

async function createSide(
  issuer: string,
  clients: Side['clients'],
  signIn: (address: string) => Promise<URL>,
  close: () => Promise<void>,
): Promise<Side> {
  const { host, port } = new URL(issuer);
  const sender = createSender(Number(port));
  const answer = await sender.send('/.well-known/openid-configuration', { headers: { host } });
  const metadata: Discovered = await answer.json();
  const addressOf = (name: string): URL => {
    const address = metadata[name];
    if (typeof address !== 'string') throw new Error(`${issuer} has no ${name}`);
    return new URL(address);
  };
  return {
    issuer,
    clients,
    send: ({ address, method, body, headers, query }) =>
      sender.send(addressOf(address).pathname + (query === undefined ? '' : `?${query}`), {
        ...(method === undefined ? {} : { method }),
        ...(body === undefined ? {} : { body }),
        headers: {
          host,
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      }),
    signIn: (query) => signIn(`${addressOf('authorization_endpoint')}?${query}`),
    close: async () => {
      sender.close();
      await close();
    },
  };
}

/** Latchkey with the three clients; `server` stays the caller's to close. */
export async function ourSide(server: TestServer): Promise<Side> {
  const project = await seedProject(server);
  const user: SeededUser = await seedUser(server);
  const grantTypes: ('authorization_code' | 'refresh_token')[] = ['authorization_code', 'refresh_token'];
  const clients = {
    web: await seedApplication(server, project, { type: 'web', grantTypes }),
    other: await seedApplication(server, project, { type: 'web', grantTypes }),
    spa: await seedApplication(server, project, { type: 'user_agent', grantTypes }),
  };
  const signIn = async (address: string): Promise<URL> => {
    const agent = createBrowserAgent(server);
    const stop = await completeSignIn(agent, await agent.open(address), user);
    const isAsked = stop.kind === 'page' && stop.page.name === 'consent';
    return leftFor(isAsked ? await agent.submit(stop.page, {}, { buttonId: 'submit' }) : stop).url;
  };
  return await createSide(server.issuer, clients, signIn, async () => undefined);
}

/** Goes through the development pages of oidc-provider: any login, then consent. */
async function signInAtPeer(issuer: string, address: string): Promise<URL> {
  const { host, port } = new URL(issuer);
  const sender = createSender(Number(port));
  const jar = createCookieJar();
  try {
    let url = new URL(address);
    let body: URLSearchParams | undefined;
    for (let step = 0; step < 15; step += 1) {
      const response = await sender.send(url.pathname + url.search, {
        headers: { host, cookie: jar.header(), accept: 'text/html' },
        ...(body === undefined ? {} : { body }),
      });
      jar.store(response.headers);
      const location = response.headers.get('location');
      body = undefined;
      if (location !== null) {
        url = new URL(location, url);
        if (url.origin !== issuer) return url;
        continue;
      }
      const html = await response.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
      const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1];
      if (prompt === undefined || action === undefined)
        throw new Error(`oidc-provider answered ${response.status}: ${html.slice(0, 400)}`);
      url = new URL(action, url);
      body = new URLSearchParams({ prompt, login: 'ada', password: 'any' });
    }
    throw new Error('the sign-in at oidc-provider did not end');
  } finally {
    sender.close();
  }
}

/** oidc-provider in a process of its own, with the same three clients. */
export async function theirSide(): Promise<Side> {
  const clients = {
    web: {
      clientId: 'web',
      clientSecret: 'secret-of-web-0123456789',
      redirectUri: 'https://web.example.com/callback',
    },
    other: {
      clientId: 'other',
      clientSecret: 'secret-of-other-0123456789',
      redirectUri: 'https://web.example.com/callback',
    },
    spa: { clientId: 'spa', clientSecret: '', redirectUri: 'https://spa.example.com/callback' },
  };
  const metadata = Object.values(clients).map(({ clientId, clientSecret, redirectUri }) => ({
    client_id: clientId,
    ...(clientSecret === '' ? {} : { client_secret: clientSecret }),
    token_endpoint_auth_method: clientSecret === '' ? 'none' : 'client_secret_basic',
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
  }));
  const script = fileURLToPath(new URL('oidc-provider-peer.mjs', import.meta.url));
  // Its warnings about a development setup are of no use here.
  const child = fork(script, [JSON.stringify(metadata)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { readonly port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`oidc-provider ended with code ${code}`)));
  });
  const issuer = `http://localhost:${port}`;
  return await createSide(
    issuer,
    clients,
    (address) => signInAtPeer(issuer, address),
    async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  );
}

/** What an answer of the authorization endpoint comes to. */
export async function seenAtAuthorize(side: Side, response: Response): Promise<string> {
  const location = response.headers.get('location');
  const tell = (how: string, answer: URLSearchParams): string => {
    const extras = ['state', 'iss'].filter((name) => answer.has(name));
    return [how, answer.get('error') ?? (answer.has('code') ? 'code' : 'nothing'), ...extras].join(' ');
  };
  if (location !== null) {
    const url = new URL(location, side.issuer);
    if (url.origin === side.issuer) return 'asks the person';
    return url.hash === ''
      ? tell('query', url.searchParams)
      : tell('fragment', new URLSearchParams(url.hash.slice(1)));
  }
  const html = await response.text();
  const page = parseHtmlPage(new URL(side.issuer), new Response(null, { headers: response.headers }), html);
  const form = page.forms.find(({ fields }) => 'error' in fields || 'code' in fields);
  if (form !== undefined) return tell('form_post', new URLSearchParams(form.fields));
  return response.status >= 400 ? 'page' : `status ${response.status}`;
}

/** What an answer of an endpoint for programs comes to. */
export async function seenAtEndpoint(response: Response): Promise<string> {
  const text = await response.text();
  let body: Discovered = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Some errors of the peer have no body; the status then says it.
  }
  const challenge = response.headers.get('www-authenticate');
  const told = body.error ?? /error="([^"]+)"/.exec(challenge ?? '')?.[1];
  const facts = [
    ...(typeof told === 'string' ? [told] : []),
    ...(typeof body.active === 'boolean' ? [body.active ? 'active' : 'inactive'] : []),
    ...(typeof body.access_token === 'string' ? ['tokens'] : []),
    ...(typeof body.access_token === 'string' && typeof body.scope === 'string' ? [`for ${body.scope}`] : []),
    ...(typeof body.sub === 'string' && body.active === undefined ? ['claims'] : []),
  ];
  return [response.status, ...facts].join(' ');
}
