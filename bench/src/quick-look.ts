/**
 * A look at some paths of one engine while working: `tsx bench/src/quick-look.ts <pattern>`; ENGINE (pglite, postgres), ROUNDS,
 * MS, TOKENS, OWN (Latchkey and the bare server alone) and PROFILE_TO (a folder) are read from the environment.
 */
import { latchkeyGrantScenarios, providerGrantScenarios } from './grant-scenarios.ts';
import { startLatchkey } from './latchkey.ts';
import { startLoadClient } from './load-client.ts';
import { startEcho, startProvider } from './peers.ts';
import { endAll } from './processes.ts';
import { measureInterleaved } from './rounds.ts';
import { echoScenarios, latchkeyScenarios, providerScenarios } from './scenarios.ts';

const pattern = new RegExp(process.argv[2] ?? '.');
const sized = { tokenCount: Number(process.env.TOKENS ?? 1000), connections: 16 };
try {
  const profileTo = process.env.PROFILE_TO;
  const nodeArgs = profileTo === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`];
  const server = await startLatchkey(process.env.ENGINE === 'postgres' ? 'postgres' : 'pglite', {
    userCount: 20,
    nodeArgs,
  });
  const [echo, provider, client] = [
    await startEcho(),
    await startProvider(sized.tokenCount, sized.connections),
    await startLoadClient(),
  ];
  const own = await latchkeyScenarios(server, sized);
  const granted = await latchkeyGrantScenarios(server, sized);
  const theirs = [...providerScenarios(provider), ...providerGrantScenarios(provider, sized)];
  const all = profileTo
    ? [...own, ...granted]
    : [...own, ...granted, ...(process.env.OWN ? [] : theirs), ...(await echoScenarios(echo, server, own))];
  const chosen = all.filter(({ path }) => pattern.test(path));
  const pace = {
    rounds: Number(process.env.ROUNDS ?? 3),
    connections: 16,
    warmUpMs: 1500,
    measureMs: Number(process.env.MS ?? 1500),
  };
  const found = await measureInterleaved(client, chosen, pace, () => undefined);
  console.table(
    found.map((each) => ({
      path: each.path,
      target: each.target,
      rps: Math.round(each.perSecond),
      range: `${Math.round(each.slowestPerSecond)}-${Math.round(each.fastestPerSecond)}`,
      p99: each.p99Ms.toFixed(2),
      cpu: each.cpuMicrosPerRequest.toFixed(1),
      busy: each.generatorBusy.toFixed(2),
    })),
  );
  await server.stop();
} finally {
  await endAll();
}
