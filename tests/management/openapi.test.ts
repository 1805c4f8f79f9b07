import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { apiRoutes, operations } from '@latchkey/contract';
import { Validator } from '@seriousme/openapi-schema-validator';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

let world: ManagementWorld;
let document: Record<string, Record<string, unknown>>;
beforeAll(async () => {
  world = await startManagementWorld('pglite');
  const answer = await world.server.fetch('/api/v1/openapi.json');
  expect(answer.status).toBe(200);
  document = (await answer.json()) as typeof document; // cast: the test looks at every part it uses
});
afterAll(() => world.stop());

test('the OpenAPI document is valid by the 3.1 schema', async () => {
  const outcome = await new Validator().validate(structuredClone(document));
  expect(outcome).toMatchObject({ valid: true });
});

test('the OpenAPI document has every operation the router answers, each once', () => {
  const described = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, { operationId: string }>).map(
      ([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`,
    ),
  );
  const routed = Object.entries(apiRoutes).map(([id, [method, path]]) => `${id} ${method} ${path}`);
  expect(described.sort()).toEqual(routed.sort());
  expect(Object.keys(operations).sort()).toEqual(Object.keys(apiRoutes).sort());
});

test('openapi-typescript generates a client from it that compiles and is told wrong fields', async () => {
  const types = astToString(await openapiTS(JSON.stringify(document)));
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-openapi-'));
  try {
    writeFileSync(join(folder, 'api.ts'), types);
    writeFileSync(
      join(folder, 'use.ts'),
      `import type { operations } from './api.ts';
type Body = operations['createProject']['requestBody']['content']['application/json'];
export const right: Body = { name: 'Shop' };
// @ts-expect-error there is no such field
export const wrong: Body = { name: 'Shop', colour: 'red' };
export type Me = operations['getMe']['responses'][200]['content']['application/json'];
export const loginName = (me: Me): string => me.loginName;
`,
    );
    const compiler = resolve('node_modules/typescript/bin/tsc');
    const flags =
      '--strict --noEmit --skipLibCheck --allowImportingTsExtensions --module nodenext --target es2022';
    const run = (): string =>
      execFileSync(process.execPath, [compiler, ...flags.split(' '), join(folder, 'use.ts')], {
        // A folder with a tsconfig.json of its own would be asked for it.
        cwd: folder,
        encoding: 'utf8',
      });
    expect(run()).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

test('the browsable page names every operation and problem, without a script', async () => {
  const answer = await world.server.fetch('/api/v1/docs');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await answer.text();
  expect(Object.keys(apiRoutes).filter((id) => !html.includes(`id="${id}"`))).toEqual([]);
  expect(html.includes('id="problem-last-owner"')).toBe(true);
  expect(html.includes('<script')).toBe(false);
});

test('the JSON Schema of configuration files is there for editors, without a token', async () => {
  const answer = await world.server.fetch('/api/v1/configuration-schema.json');
  expect(answer.status).toBe(200);
  const schema: { properties?: object; title?: string } = JSON.parse(await answer.text());
  expect(schema.title).toBe('Latchkey configuration');
  expect(Object.keys(schema.properties ?? {})).toEqual(
    expect.arrayContaining(['version', 'projects', 'users', 'organizations']),
  );
});
