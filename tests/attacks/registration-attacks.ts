import { updateInstanceSettings } from '@latchkey/store';
import {
  changeAsOperator,
  completeSignIn,
  createBrowserAgent,
  leftFor,
  pageOf,
  type SeededApplication,
  seedApplication,
  seedOrganization,
  seedProject,
  type TestServer,
} from '@latchkey/testkit';
import { basicOf, beginFlow, call } from '../flows/flow-world.ts';
import { registered, registerPath, toApplication } from '../flows/registration-world.ts';
import { audienceScope } from '../flows/shop-world.ts';
import {
  type AttackCase,
  answered,
  inactive,
  numbered,
  page,
  problem,
  type Row,
  refused,
} from './attack-case.ts';
import type { AttackWorld } from './attack-world.ts';
import type { Door } from './doors.ts';
import { oncePerWorld } from './once-per-world.ts';
import { api } from './requests.ts';

/** An instance of its own in which people and clients may register. */
const openInstance = oncePerWorld(async ({ near }) => {
  const server = await near.addInstance('open');
  await changeAsOperator(server, (change) =>
    updateInstanceSettings(change, {
      isSelfRegistrationEnabled: true,
      dynamicRegistration: 'open',
      registrationPolicy: '{}',
    }),
  );
  const project = await seedProject(server);
  return {
    server,
    host: new URL(server.issuer).host,
    project,
    spa: await seedApplication(server, project, {
      type: 'user_agent',
      redirectUris: ['https://open.example.com/callback'],
    }),
    api: await seedApplication(server, project, { type: 'api' }),
    closed: await seedOrganization(server),
  };
});

type OpenInstance = Awaited<ReturnType<typeof openInstance>>;

/** A request to the open instance, once the door has heard of its settings. */
function there(make: (open: OpenInstance) => Promise<ReturnType<typeof api>>): AttackCase['send'] {
  return async (w: AttackWorld, door: Door) => {
    const open = await openInstance(w);
    const { host } = open;
    const isReady = async (): Promise<boolean> =>
      (await door.send({ path: '/login/register', headers: { host } })).status === 302 &&
      (await open.server.fetch('/login/register')).status === 302;
    for (let tries = 0; tries < 1000; tries += 1) if (await isReady()) break;
    const request = await make(open);
    return { ...request, headers: { ...request.headers, host } };
  };
}

/** The registration page for an authorization request, as its browser asks for it. */
async function registrationPage({ server, spa }: OpenInstance, scope: string) {
  const agent = createBrowserAgent(server);
  const { url } = await beginFlow(server, spa, { scope, prompt: 'create' });
  const { pathname, search } = pageOf(await agent.open(url)).url;
  return { path: pathname + search, headers: { cookie: agent.cookies.header() } };
}

const people: readonly Row[] = [
  [
    'registration in an organization named by a scope, which takes nobody in',
    'CWE-862',
    there((open) => registrationPage(open, `openid urn:zitadel:iam:org:id:${open.closed.id}`)),
    page(404, 'not-found'),
  ],
  [
    'registration in an organization named by its domain in a scope, which takes nobody in',
    'CWE-862',
    there((open) =>
      registrationPage(open, `openid urn:zitadel:iam:org:domain:primary:${open.closed.primaryDomain}`),
    ),
    page(404, 'not-found'),
  ],
  [
    'registration with an address in a domain of another organization',
    'CWE-290',
    there(async (open) => {
      const agent = createBrowserAgent(open.server);
      const { url } = await beginFlow(open.server, open.spa, { prompt: 'create' });
      const shown = pageOf(await agent.open(url));
      const { pathname, search } = new URL(shown.forms[0]?.action ?? '', shown.url);
      const person = { givenName: 'Mallory', familyName: 'Twin', password: 'connexion-of-the-sciences' };
      return {
        path: pathname + search,
        form: { ...shown.forms[0]?.fields, ...person, loginName: `mallory@${open.closed.primaryDomain}` },
        headers: {
          cookie: agent.cookies.header(),
          origin: open.server.issuer,
          'sec-fetch-site': 'same-origin',
        },
      };
    }),
    page(409),
  ],
];

/** A client that registered itself. */
async function newcomer({ server }: OpenInstance): Promise<SeededApplication> {
  return toApplication(
    await registered(server, {
      client_name: 'Anyone’s client',
      redirect_uris: ['https://anyone.example.com/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
    }),
  );
}

/** Signs the administrator in to a client, up to its question. */
async function asked(server: TestServer, application: SeededApplication, scope: string) {
  const agent = createBrowserAgent(server);
  const flow = await beginFlow(server, application, { scope });
  const stop = await completeSignIn(agent, await agent.open(flow.url), server.administrator);
  return { agent, flow, page: pageOf(stop) };
}

async function tokenOf(server: TestServer, application: SeededApplication, scope: string): Promise<string> {
  const { agent, flow, page: consent } = await asked(server, application, scope);
  const { url } = leftFor(await agent.submit(consent, {}, { buttonId: 'submit' }));
  const form = {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: application.redirectUri,
    code_verifier: flow.verifier,
  };
  const { body } = await call(server, '/oauth/v2/token', { form, headers: basicOf(application) });
  if (typeof body.access_token !== 'string') throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

const managementScope = `openid ${audienceScope({ id: 'zitadel' })}`;

const clients: readonly Row[] = [
  [
    'a client that registered itself gets an administrator’s token for the management API',
    'RFC 9700 §2.3, decision 0018',
    there(async (open) =>
      api(await tokenOf(open.server, await newcomer(open), managementScope), 'POST', '/organizations', {
        name: 'Taken over',
      }),
    ),
    problem(401, 'wrong-audience'),
  ],
  [
    'a client that registered itself asks for the management API: the person is not told of more than they give',
    'RFC 9700 §2.3',
    there(async (open) => {
      const { agent, page: consent } = await asked(open.server, await newcomer(open), managementScope);
      const { pathname, search } = consent.url;
      return { path: pathname + search, headers: { cookie: agent.cookies.header() } };
    }),
    answered(200, ({ text }) => {
      if (!text.includes('data-page="consent"')) throw new Error('not the consent page');
      if (/Use other services of|Manage this Latchkey instance/.test(text)) throw new Error('it says more');
    }),
  ],
  [
    'a client that registered itself gets a token for a project',
    'RFC 9700 §2.3, decision 0018',
    there(async (open) => {
      const scope = `openid ${audienceScope(open.project)}`;
      const text = await tokenOf(open.server, await newcomer(open), scope);
      return { path: '/oauth/v2/introspect', form: { token: text }, headers: basicOf(open.api) };
    }),
    inactive,
    { reason: /not meant for the caller/ },
  ],
];

const client = '"client_name":"Shop","redirect_uris":["https://shop.example.com/callback"]';
const metadata: readonly (readonly [attack: string, body: string])[] = [
  ['a byte order mark', `\ufeff{${client}}`],
  ['a member twice', `{${client},"client_name":"Evil"}`],
  ['10,000 lists in one another', `{${client},"contacts":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ['half a surrogate pair in its name', `{${client.replace('Shop', 'Sh\\ud800op')}}`],
  ['__proto__', `{${client},"__proto__":{"isManagementClient":true}}`],
];

const documents: readonly Row[] = metadata.map(([attack, body]) => [
  `a client registers itself by metadata with ${attack}`,
  'RFC 7493 §2, RFC 7591 §3.2.2',
  there(async () => ({ path: registerPath, body, headers: { 'content-type': 'application/json' } })),
  refused(400, 'invalid_client_metadata'),
]);

/** People and clients who register themselves, where they may. */
export const registrationAttacks: readonly AttackCase[] = numbered('registration', [
  ...people,
  ...clients,
  ...documents,
]);
