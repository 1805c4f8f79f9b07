import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FlowServer, startFlowServer } from '../flows/flow-world.ts';
import { authorizeRows } from './authorize-rows.ts';
import { resourceRows } from './resource-rows.ts';
import type { Row } from './rows.ts';
import { ourSide, type Side, theirSide } from './side.ts';
import { tokenRows } from './token-rows.ts';

let flowServer: FlowServer;
let ours: Side;
let theirs: Side;
beforeAll(async () => {
  flowServer = await startFlowServer('pglite');
  [ours, theirs] = await Promise.all([ourSide(flowServer.server), theirSide()]);
});
afterAll(async () => {
  await Promise.all([ours?.close(), theirs?.close()]);
  await flowServer?.stop();
});

function titleOf(row: Row): string {
  return 'both' in row
    ? `${row.name}: ${row.both}`
    : `${row.name}: ${row.ours}, not ${row.theirs}; ${row.because}`;
}

async function hold(row: Row): Promise<void> {
  const seen = { ours: await row.ask(ours), theirs: await row.ask(theirs) };
  expect(seen).toEqual(
    'both' in row ? { ours: row.both, theirs: row.both } : { ours: row.ours, theirs: row.theirs },
  );
}

const tables: readonly (readonly [where: string, rows: readonly Row[]])[] = [
  ['authorization', authorizeRows],
  ['token', tokenRows],
  ['introspection, revocation and userinfo', resourceRows],
];

describe.each(tables)('Latchkey beside oidc-provider: %s', (_, rows) => {
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_title, row) => {
    await hold(row);
  });
});
