import { startTemporaryPostgres, startTestServer, type TestServer } from '@latchkey/testkit';
import { managerToken } from './manager-token.ts';
import { quantile } from './quantile.ts';

/** How long pages of the list of users take to come, of one kind of question. */
export interface ListPageResult {
  readonly question: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a list is asked over. */
export interface ListPlan {
  readonly userCount: number;
  /** Pages asked for of each kind of question. */
  readonly samples: number;
}

const organizationCount = 200;
// Ids as long as real ones, below all of them.
const idBase = '100000000000000000';

/** People of many organizations, one in a hundred of them a machine, one in a thousand locked. */
async function seedPeople({ store, instanceId, clock }: TestServer, count: number): Promise<void> {
  const now = clock.now();
  const { engine } = store;
  await engine.runScript(`INSERT INTO organizations (instance_id, id, name, primary_domain, created_at_ms)
    SELECT '${instanceId}', (${idBase} + n)::text, 'Organization ' || n, 'org-' || n || '.example.com', ${now}
    FROM generate_series(0, ${organizationCount - 1}) AS n`);
  await engine.runScript(`INSERT INTO users (instance_id, id, organization_id, kind, state, login_name, login_name_canonical,
      display_name, given_name, family_name, email, email_canonical, created_at_ms, updated_at_ms)
    SELECT '${instanceId}', (${idBase} + n)::text, (${idBase} + n % ${organizationCount})::text,
      CASE WHEN n % 100 = 7 THEN 'machine' ELSE 'human' END, CASE WHEN n % 1000 = 13 THEN 'locked' ELSE 'active' END,
      given || n || '@example.com', given || n || '@example.com', initcap(given) || ' ' || initcap(family), initcap(given),
      initcap(family), family || n || '@example.com', family || n || '@example.com', ${now}, ${now}
    FROM (SELECT n, left(md5(n::text), 6) AS given, left(md5((n % 40000)::text || 'f'), 7) AS family
      FROM generate_series(0, ${count - 1}) AS n) AS people`);
  await engine.runScript('VACUUM ANALYZE users');
  await engine.runScript('VACUUM ANALYZE organizations');
}

type Query = Readonly<Record<string, string>>;

const hex = (sample: number, length: number): string =>
  // Spread over all beginnings, the same in every run.
  ((sample * 2_654_435_761) >>> 0).toString(16).padStart(8, '0').slice(0, length);
const organization = (sample: number): string =>
  (BigInt(idBase) + BigInt((sample * 37) % organizationCount)).toString();

/** The kinds of questions people ask; each sample is another one. */
const questions: Readonly<Record<string, (sample: number) => Query>> = {
  'in order of creation': (sample) => ({ sort: sample % 2 === 0 ? 'createdAt' : '-createdAt' }),
  'in order of names': (sample) => ({ sort: sample % 2 === 0 ? 'displayName' : '-displayName' }),
  'search, one letter': (sample) => ({ search: hex(sample, 1) }),
  'search, two letters': (sample) => ({ search: hex(sample, 2), sort: 'displayName' }),
  'search, three letters': (sample) => ({ search: hex(sample, 3) }),
  'search, five letters': (sample) => ({ search: hex(sample, 5), sort: 'displayName' }),
  'search, nobody': (sample) => ({ search: `zz${sample}` }),
  'of an organization': (sample) => ({ organizationId: organization(sample), sort: 'createdAt' }),
  'of an organization, by name': (sample) => ({ organizationId: organization(sample), sort: 'displayName' }),
  'of an organization, search': (sample) => ({
    organizationId: organization(sample),
    search: hex(sample, 1 + (sample % 4)),
  }),
  machines: (sample) => ({ kind: 'machine', sort: sample % 2 === 0 ? 'createdAt' : '-createdAt' }),
  locked: () => ({ state: 'locked' }),
};

async function pageMs(server: TestServer, token: string, query: Query): Promise<readonly number[]> {
  const times: number[] = [];
  let cursor: string | undefined;
  // The first page and the one after it.
  for (let page = 0; page < 2; page += 1) {
    const search = new URLSearchParams({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    const began = performance.now();
    const answer = await server.fetch(`/api/v1/users?${search}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body: unknown = await answer.json();
    times.push(performance.now() - began);
    if (answer.status !== 200) throw new Error(`${search}: ${answer.status}`);
    const next =
      typeof body === 'object' && body !== null && 'nextCursor' in body ? body.nextCursor : undefined;
    if (typeof next !== 'string') break;
    cursor = next;
  }
  return times;
}

/** Asks a server on PostgreSQL with so many people for pages of its list of users, as its owner and as an organization's. */
export async function measureListPages(plan: ListPlan): Promise<readonly ListPageResult[]> {
  const postgres = await startTemporaryPostgres();
  const server = await startTestServer({ engine: { postgresUrl: postgres.url } });
  try {
    await seedPeople(server, plan.userCount);
    const owner = await managerToken(server, 'IAM_OWNER', { kind: 'instance', id: server.instanceId });
    const manager = await managerToken(server, 'ORG_OWNER', { kind: 'organization', id: organization(1) });
    const asked = [
      ...Object.entries(questions).map(([question, query]) => ({ question, query, token: owner })),
      {
        question: 'as the owner of one organization, search',
        query: (sample: number): Query => ({ search: hex(sample, 1 + (sample % 4)) }),
        token: manager,
      },
    ];
    const times = asked.map((): number[] => []);
    // One after another, so that whatever else the machine does meets all of them alike.
    for (let sample = -10; sample < plan.samples; sample += 1)
      for (const [index, { query, token }] of asked.entries()) {
        const found = await pageMs(server, token, query(sample + 10));
        if (sample >= 0) times[index]?.push(...found);
      }
    return asked.map(({ question }, index) => ({
      question,
      p50Ms: quantile(times[index] ?? [], 0.5),
      p99Ms: quantile(times[index] ?? [], 0.99),
    }));
  } finally {
    await server.close();
    await postgres.stop();
  }
}
