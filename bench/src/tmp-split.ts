import { readFileSync } from 'node:fs';
import { startLatchkey } from './latchkey.ts';
import { startLoadClient } from './load-client.ts';
import { startEcho } from './peers.ts';
import { endAll } from './processes.ts';
import { echoScenarios, latchkeyScenarios } from './scenarios.ts';

const split = (pid: number | undefined) => {
  const s = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const f = s.slice(s.lastIndexOf(')') + 2).split(' ');
  return [Number(f[11]) * 10000, Number(f[12]) * 10000] as const;
};
try {
  const server = await startLatchkey('pglite', {
    userCount: 20,
    nodeArgs: process.env.TRACE ? ['--perf-basic-prof-only-functions'] : [],
  });
  const echo = await startEcho();
  const client = await startLoadClient();
  const own = (await latchkeyScenarios(server, { tokenCount: 100, connections: 16 })).slice(0, 1);
  const all = [...own, ...(await echoScenarios(echo, server, own))];
  await new Promise((r) => setTimeout(r, 500));
  const a0 = split(server.pid());
  await new Promise((r) => setTimeout(r, 3000));
  const b0 = split(server.pid());
  console.log('idle per second ms', (b0[0] - a0[0]) / 3000, (b0[1] - a0[1]) / 3000);
  if (process.env.TRACE) {
    const { execSync, spawn } = await import('node:child_process');
    for (const s of all) {
      const run = client.run({
        port: s.port,
        connections: 16,
        durationMs: 6000,
        plan: s.plan,
        expectedText: s.expectedText,
      });
      await new Promise((r) => setTimeout(r, 1500));
      try {
        execSync(`timeout 2 strace -f -c -p ${s.pid()} 2>&1 | head -20`, { stdio: 'inherit' });
      } catch {}
      try {
        execSync(
          `perf record -o /tmp/perf-${s.target.startsWith('node') ? 'echo' : 'lk'}.data -g -p ${s.pid()} -- sleep 1.5 >/dev/null 2>&1`,
        );
      } catch (e) {
        console.log(String(e));
      }
      const r = await run;
      console.log(s.target, r.requests);
    }
  }
  for (let i = 0; i < 6; i++)
    for (const s of all) {
      const a = split(s.pid());
      const r = await client.run({
        port: s.port,
        connections: 16,
        durationMs: 1500,
        plan: s.plan,
        expectedText: s.expectedText,
      });
      const b = split(s.pid());
      console.log(
        s.target,
        Math.round(r.requests / r.seconds),
        'user',
        ((b[0] - a[0]) / r.requests).toFixed(1),
        'sys',
        ((b[1] - a[1]) / r.requests).toFixed(1),
        'bytes in',
        Math.round(r.bytesIn / r.requests),
        'out',
        Math.round(r.bytesOut / r.requests),
      );
    }
  await server.stop();
} finally {
  await endAll();
}
