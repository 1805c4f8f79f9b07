import { fileURLToPath } from 'node:url';
import type { FloodMessage, FloodOrder, FloodResult, Waits } from './flood-plan.ts';
import type { LatchkeyUnderTest } from './latchkey.ts';
import { httpRequest } from './load-plan.ts';
import { openPasswordForm, type PasswordForm } from './login-flood.ts';
import { addressOf, basic, collectTokens, send } from './people.ts';
import { end, nextMessage, residentMb, startNode } from './processes.ts';

/** A flood at one server, and what it cost others. */
export interface FloodFindings extends FloodResult {
  readonly name: LatchkeyUnderTest['name'];
  readonly atOnce: number;
  /** How long the same flood waits for a bare server that refuses everything: what the machine and the generator cost. */
  readonly floor: Waits;
  readonly residentBeforeMb: number;
  /** The most resident memory seen during the flood. */
  readonly residentMb: number;
}

let crowd = 300_000;

function signInRequest(server: LatchkeyUnderTest, form: PasswordForm, password: string): string {
  crowd += 1;
  const body = new URLSearchParams({ ...form.fields, password }).toString();
  const head = [
    `POST ${form.action.pathname}${form.action.search} HTTP/1.1`,
    `host: ${server.host}`,
    `origin: ${server.origin}`,
    'sec-fetch-site: same-origin',
    `cookie: ${form.cookie}`,
    `x-forwarded-for: ${addressOf(crowd)}`,
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Sign-ins with names the server knows, right passwords, and as many with names it does not. */
async function signInRequests(server: LatchkeyUnderTest, atOnce: number): Promise<readonly string[]> {
  const { users } = server.population;
  const requests: string[] = [];
  for (let index = 0; index < atOnce; index += 1) {
    const user = users[index % users.length];
    if (user === undefined) throw new Error('nobody to sign in');
    const isKnown = index % 2 === 0;
    const loginName = isKnown ? user.loginName : `nobody-${crowd}-${index}@example.com`;
    const form = await openPasswordForm(server, loginName);
    requests.push(signInRequest(server, form, isKnown ? user.password : 'not anybody’s'));
  }
  return requests;
}

async function machineToken(server: LatchkeyUnderTest): Promise<string> {
  const { managerMachine } = server.population;
  const scope = 'openid urn:zitadel:iam:org:project:id:zitadel:aud';
  const response = await send(server, '/oauth/v2/token', {
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    headers: { authorization: basic(managerMachine) },
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error('the manager got no token');
  return token;
}

/** What others ask while the flood goes on. */
async function besideRequests(server: LatchkeyUnderTest): Promise<FloodOrder['beside']> {
  const { api, opaqueApp, opaqueMachine } = server.population;
  const tokens = await collectTokens(server, opaqueApp, 20);
  const { host } = server;
  const bearer = `Bearer ${await machineToken(server)}`;
  const post = (path: string, authorization: string, form: string): string =>
    httpRequest({ method: 'POST', host, path, authorization, form });
  return [
    {
      name: 'introspection',
      requests: tokens.map(({ accessToken }) =>
        post('/oauth/v2/introspect', basic(api), `token=${accessToken}`),
      ),
    },
    {
      name: 'token (client_credentials)',
      requests: [post('/oauth/v2/token', basic(opaqueMachine), 'grant_type=client_credentials&scope=openid')],
    },
    {
      name: 'management GET',
      requests: [httpRequest({ method: 'GET', host, path: '/api/v1/organizations', authorization: bearer })],
    },
    { name: 'sign-in page', requests: [httpRequest({ method: 'GET', host, path: '/device' })] },
  ];
}

/** Has a process of its own make a flood. */
async function makeFlood(order: FloodOrder): Promise<FloodResult> {
  const script = fileURLToPath(new URL('./flood-generator.ts', import.meta.url));
  const child = startNode('load', ['--import', import.meta.resolve('tsx'), script]);
  try {
    await nextMessage(child);
    const answer = nextMessage(child) as Promise<FloodMessage>;
    child.send({ kind: 'order', order } satisfies FloodMessage);
    const message = await answer;
    if (message.kind !== 'result') throw new Error(`no result of the flood: ${JSON.stringify(message)}`);
    return message.result;
  } finally {
    await end(child);
  }
}

/** The same flood at a bare server on the same core. */
async function measureFloor(signIns: readonly string[], durationMs: number): Promise<Waits> {
  const script = fileURLToPath(new URL('./bare-refusal.ts', import.meta.url));
  const child = startNode('server', ['--import', import.meta.resolve('tsx'), script]);
  try {
    const { port } = (await nextMessage(child)) as { port: number };
    return (await makeFlood({ port, signIns, beside: [], durationMs })).refused;
  } finally {
    await end(child);
  }
}

/** Floods a server with so many sign-ins at once and measures refusals, other paths and memory. */
export async function measureFlood(
  server: LatchkeyUnderTest,
  options: { readonly atOnce: number; readonly durationMs: number },
): Promise<FloodFindings> {
  const [signIns, beside] = [await signInRequests(server, options.atOnce), await besideRequests(server)];
  const { durationMs } = options;
  const floor = await measureFloor(signIns, durationMs);
  const residentBeforeMb = residentMb(server.pid());
  let mostMb = residentBeforeMb;
  const watch = setInterval(() => {
    mostMb = Math.max(mostMb, residentMb(server.pid()));
  }, 100);
  try {
    const result = await makeFlood({ port: server.port, signIns, beside, durationMs });
    return {
      ...result,
      name: server.name,
      atOnce: options.atOnce,
      floor,
      residentBeforeMb,
      residentMb: mostMb,
    };
  } finally {
    clearInterval(watch);
  }
}
