import {
  type ApplicationSeed,
  type BrowserStop,
  createBrowserAgent,
  leftFor,
  type SeededApplication,
  type SeededUser,
  seedApplication,
  seedAuthorization,
  seedProject,
  seedUser,
  type TestServer,
} from '@latchkey/testkit';
import { basicOf, beginFlow, call, type EngineName, type FlowServer, startFlowServer } from './flow-world.ts';

/** How large a project is, and how many of its roles the person has. */
export interface Estate {
  readonly roles: number;
  readonly applications: number;
  readonly personRoles: number;
  /** Whether JWT access tokens and ID tokens carry roles. */
  readonly jwtRoles?: 'told';
}

/** The applications of one project that asserts its roles. */
export interface SizedProject {
  readonly roleKeys: readonly string[];
  /** Issues opaque access tokens. */
  readonly opaque: SeededApplication;
  /** Issues JWT access tokens. */
  readonly jwt: SeededApplication;
  readonly api: SeededApplication;
}

/** Such a project, and a person. */
export interface SizeWorld extends FlowServer, SizedProject {
  readonly server: TestServer;
  readonly ada: SeededUser;
}

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** A role key of 15 letters. */
export function roleKeyOf(index: number): string {
  return `role-number-${String(index).padStart(3, '0')}`;
}

/** Makes a project of a size, and gives a person some of its roles. */
export async function seedSizedProject(
  server: TestServer,
  ada: SeededUser,
  estate: Estate,
): Promise<SizedProject> {
  const roleKeys = Array.from({ length: estate.roles }, (_, index) => roleKeyOf(index));
  const project = await seedProject(server, { roleAssertion: true, roleKeys });
  const held = roleKeys.slice(0, estate.personRoles);
  if (held.length > 0) await seedAuthorization(server, { userId: ada.id, project, roleKeys: held });
  const web: ApplicationSeed = {
    type: 'web',
    grantTypes: ['authorization_code', 'refresh_token', exchange],
  };
  const jwtSettings = {
    accessTokenType: 'jwt',
    accessTokenRoleAssertion: estate.jwtRoles === 'told',
  } as const;
  const [opaque, jwt, api] = [
    await seedApplication(server, project, web),
    await seedApplication(server, project, { ...web, ...jwtSettings }),
    await seedApplication(server, project, { type: 'api' }),
  ];
  for (let index = 3; index < estate.applications; index += 1)
    await seedApplication(server, project, { type: 'user_agent' });
  return { roleKeys, opaque, jwt, api };
}

/** Starts a server with such a project in it. */
export async function startSizeWorld(engine: EngineName, estate: Estate): Promise<SizeWorld> {
  const flowServer = await startFlowServer(engine);
  const { server } = flowServer;
  const ada = await seedUser(server);
  return { ...flowServer, ada, ...(await seedSizedProject(server, ada, estate)) };
}

/** The addresses and texts of one sign-in. */
export interface Walk {
  readonly loginAddress: string;
  readonly callback: URL;
  readonly verifier: string;
  readonly state: string;
}

/** Signs in by hand, so that every address on the way is seen. `params` are added to the request. */
export async function walk(
  { server, ada }: Pick<SizeWorld, 'server' | 'ada'>,
  application: SeededApplication,
  params: Readonly<Record<string, string>> = {},
): Promise<Walk> {
  const flow = await beginFlow(server, application, {
    scope: 'openid profile email offline_access',
    ...params,
  });
  const agent = createBrowserAgent(server);
  let stop: BrowserStop = await agent.open(flow.url);
  let loginAddress = '';
  for (const fields of [{ loginName: ada.loginName }, { password: ada.password }]) {
    if (stop.kind !== 'page') break;
    if (stop.page.url.href.length > loginAddress.length) loginAddress = stop.page.url.href;
    stop = await agent.submit(stop.page, fields);
  }
  const { url } = leftFor(stop);
  return { loginAddress, callback: url, verifier: flow.verifier, state: flow.state };
}

/** Redeems the code of a walk. */
export async function redeemWalk(
  server: TestServer,
  application: SeededApplication,
  { callback, verifier }: Pick<Walk, 'callback' | 'verifier'>,
): Promise<Readonly<Record<string, string>>> {
  const answer = await call(server, '/oauth/v2/token', {
    form: {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: application.redirectUri,
      code_verifier: verifier,
    },
    headers: basicOf(application),
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return Object.fromEntries(Object.entries(answer.body).map(([name, value]) => [name, String(value)]));
}
