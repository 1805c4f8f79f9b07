import { type SeededApplication, seedApplication, seedProject } from '@latchkey/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FlowServer, startFlowServer } from '../flows/flow-world.ts';
import { begin, finish, grantCommands } from './grant-commands.ts';
import { emptyModel } from './grant-model.ts';
import { createGrantWorld } from './grant-world.ts';
import { propertySeed } from './property-seed.ts';

// A failure prints all three: GRANT_LIFE_SEED and GRANT_LIFE_PATH lead to the run, GRANT_LIFE_REPLAY to its commands.
const { GRANT_LIFE_PATH, GRANT_LIFE_RUNS } = process.env;
const seed = propertySeed('GRANT_LIFE', 11);

let flowServer: FlowServer;
let api: SeededApplication;
beforeAll(async () => {
  flowServer = await startFlowServer('pglite');
  flowServer.server.clock.pause();
  api = await seedApplication(flowServer.server, await seedProject(flowServer.server), { type: 'api' });
});
afterAll(() => flowServer?.stop());

test('a grant’s life over random histories: one lineage at most, active exactly when the model says so, nothing dead comes back', async () => {
  const { server } = flowServer;
  const counts = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(grantCommands(), async (commands) => {
      const world = await createGrantWorld(server, api);
      const model = emptyModel(server.clock.now());
      await begin(model, world);
      await fc.asyncModelRun(() => ({ model, real: world }), commands);
      await finish(model, world);
      for (const executed of String(commands).split(',')) {
        const [verb = ''] = executed.split(' ');
        counts.set(verb, (counts.get(verb) ?? 0) + 1);
      }
    }),
    {
      seed,
      numRuns: Number(GRANT_LIFE_RUNS ?? 250),
      interruptAfterTimeLimit: 45_000,
      // A shrink is worth less than knowing soon; the printed seed, path and replay path lead back to the failure.
      endOnFailure: process.env.GRANT_LIFE_SHRINK === undefined,
      ...(GRANT_LIFE_PATH === undefined ? {} : { path: GRANT_LIFE_PATH }),
    },
  );
  // The histories are worth something only when each kind of command was really run.
  if (GRANT_LIFE_PATH === undefined)
    expect([...counts.keys()]).toEqual(
      expect.arrayContaining(['sign', 'prompt=none', 'redeem', 'present', 'revoke', 'log', 'make', 'wait']),
    );
}, 120_000);
