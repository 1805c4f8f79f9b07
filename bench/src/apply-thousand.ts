import { startTemporaryPostgres, startTestServer, type TestServer } from '@latchkey/testkit';
import { managerToken } from './manager-token.ts';

/** How long a configuration file takes on a server that has nothing of it. */
export interface ApplyResult {
  readonly name: 'PGlite' | 'PostgreSQL';
  readonly objectCount: number;
  readonly planMs: number;
  readonly applyMs: number;
  /** The same file once more, when nothing is left to do. */
  readonly againMs: number;
}

/** A thousand objects as a company of some size has them, in proportion to `scale`: no passwords, whose hashing is a cost of its own. */
export function thousandObjects(scale = 1): { readonly document: object; readonly objectCount: number } {
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: Math.ceil(count * scale) }, (_, index) => make(index));
  const users = many(420, (index) => ({
    loginName: `person-${index}@example.com`,
    ...{ givenName: 'Person', familyName: String(index), email: `person-${index}@example.com` },
  }));
  const organizations = many(20, (index) => ({
    name: `Branch ${index}`,
    primaryDomain: `branch-${index}.example.com`,
  }));
  const projects = many(40, (index) => ({
    name: `Project ${index}`,
    roles: Array.from({ length: 6 }, (_, role) => `role-${role}`),
    applications: [
      { name: 'Web', type: 'user_agent', redirectUris: [`https://app-${index}.example.com/callback`] },
      { name: 'Native', type: 'native', redirectUris: [`com.example.app${index}:/callback`] },
      { name: 'API', type: 'api' },
    ],
    grants: [{ organization: `Branch ${index % organizations.length}`, roles: ['role-0'] }],
    authorizations: Array.from({ length: 3 }, (_, each) => ({
      user: `person-${(index * 3 + each) % users.length}@example.com`,
      roles: ['role-1', 'role-2'],
    })),
  }));
  const perProject = 1 + 6 + 3 + 1 + 3;
  const objectCount = users.length + organizations.length + projects.length * perProject;
  return { document: { version: 1, users, organizations, projects }, objectCount };
}

async function measure(name: ApplyResult['name'], server: TestServer, scale: number): Promise<ApplyResult> {
  const token = await managerToken(server, 'IAM_OWNER', { kind: 'instance', id: server.instanceId });
  const { document, objectCount } = thousandObjects(scale);
  const timed = async (path: 'plan' | 'apply', body: object): Promise<number> => {
    const began = performance.now();
    const answer = await server.fetch(`/api/v1/configuration/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text.slice(0, 500)}`);
    return performance.now() - began;
  };
  const planMs = await timed('plan', document);
  const applyMs = await timed('apply', { document });
  const againMs = await timed('apply', { document });
  return { name, objectCount, planMs, applyMs, againMs };
}

/** Plans and applies a file of about a thousand objects (times `scale`) on both engines, over HTTP. */
export async function measureApply(scale: number): Promise<readonly ApplyResult[]> {
  const embedded = await startTestServer({ engine: 'pglite' });
  const results = [await measure('PGlite', embedded, scale).finally(() => embedded.close())];
  const postgres = await startTemporaryPostgres();
  try {
    const server = await startTestServer({ engine: { postgresUrl: postgres.url } });
    results.push(await measure('PostgreSQL', server, scale).finally(() => server.close()));
  } finally {
    await postgres.stop();
  }
  return results;
}
