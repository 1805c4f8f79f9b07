import { mkdtempSync } from 'node:fs';
import * as srv from '@latchkey/server';
import { createStore, openPglite } from '@latchkey/store';
import { createFakeClock } from '@latchkey/testkit';
import { LRUCache } from 'lru-cache';
import { seedLatchkey } from './seed-latchkey.ts';

const d = '/work/main/packages/server/dist/';
const [
  { answerRoute },
  { createCachedFacts },
  { followLog },
  { createMetrics },
  { loadInstances },
  { createLimiter },
  { trustedProxyTest },
] = await Promise.all([
  import(d + 'dispatch.js'),
  import(d + 'platform/cached-facts.js'),
  import(d + 'platform/live-state.js'),
  import(d + 'platform/metrics.js'),
  import(d + 'platform/instances.js'),
  import(d + 'platform/limiter.js'),
  import(d + 'platform/trusted-proxies.js'),
]);
const dir = mkdtempSync('/tmp/lk-logic-') + '/data';
const masterKeys = 'bench:' + Buffer.alloc(32, 7).toString('base64');
const origin = 'http://localhost:1234';
const pop = await seedLatchkey({ kind: 'pglite', dataDir: dir }, { origin, masterKeys, userCount: 1 });
const store = createStore(await openPglite({ dataDir: dir, durable: 'unsafe-no-fsync' }));
const clock = srv.systemClock;
const log = srv.createLogger('info');
const instances = await loadInstances(store, srv.parseMasterKeys(masterKeys));
const live = await followLog({ store, clock, log, boundMs: 1000, pollMs: 250 });
const deps = {
  store,
  clock,
  log,
  instances,
  live,
  facts: createCachedFacts(store, live),
  metrics: createMetrics({
    liveStateAgeMs: live.ageMs,
    revocations: live.revocationCount,
    passwordQueue: () => 0,
  }),
  limits: { clientAuth: createLimiter({ perMinute: 10, burst: 60 }) },
  verifiedJwts: new LRUCache({ max: 20000 }),
  verifiedAssertions: new LRUCache({ max: 2000 }),
  trustedProxies: trustedProxyTest(['127.0.0.1']),
  unknownAccounts: new LRUCache({ max: 10 }),
};
const routes = new Map(srv.routes.map((r) => [r.path, r]));
const basic = (m: any) => 'Basic ' + Buffer.from(m.clientId + ':' + m.clientSecret).toString('base64');
const call = (path: string, auth: string, form: string) => {
  const headers: Record<string, string> = {
    host: 'localhost:1234',
    authorization: auth,
    'content-type': 'application/x-www-form-urlencoded',
  };
  return answerRoute(deps, routes.get(path), {
    request: {
      method: 'POST',
      headers: { get: (n: string) => headers[n] ?? null },
      readText: () => Promise.resolve(form),
    },
    path,
    query: '',
    peerAddress: '127.0.0.1',
  });
};
const scope =
  encodeURIComponent(`urn:zitadel:iam:org:project:id:${pop.projectId}:aud`) + '+openid+profile+email';
const cc = (m: any) => call('/oauth/v2/token', basic(m), `grant_type=client_credentials&scope=${scope}`);
const opaque = JSON.parse((await cc(pop.opaqueMachine)).body).access_token;
const jwt = JSON.parse((await cc(pop.jwtMachine)).body).access_token;
console.log((await call('/oauth/v2/introspect', basic(pop.api), 'token=' + opaque)).body);
const cases: Record<string, () => Promise<any>> = {
  opaque: () => call('/oauth/v2/introspect', basic(pop.api), 'token=' + opaque),
  jwt: () => call('/oauth/v2/introspect', basic(pop.api), 'token=' + jwt),
  cc: () => cc(pop.opaqueMachine),
  ccjwt: () => cc(pop.jwtMachine),
};
for (const [name, f] of Object.entries(cases)) {
  if (process.argv[2] && !name.match(process.argv[2])) continue;
  const best: number[] = [];
  for (let i = 0; i < Number(process.env.N ?? 9); i++) {
    const s = performance.now();
    for (let j = 0; j < 4000; j++) await f();
    best.push((performance.now() - s) / 4);
  }
  console.log(
    name,
    Math.min(...best).toFixed(1),
    'us best,',
    best.sort((a, b) => a - b)[4]?.toFixed(1),
    'median',
  );
}
await live.stop();
await store.close();
process.exit(0);
