import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '@latchkey/server';
import { listInstances } from '@latchkey/store';
import { z } from 'zod';
import type { Configuration } from './configuration.ts';
import { createDemoData, moveQuotesWeb } from './demo-data.ts';
import type { Runtime } from './open-runtime.ts';
import { serve } from './serve-command.ts';

const demoFile = z.object({
  issuer: z.string(),
  console: z.string().nullable(),
  instanceId: z.string(),
  users: z.array(z.object({ loginName: z.string(), password: z.string(), roles: z.array(z.string()) })),
  apps: z.record(
    z.string(),
    z.object({
      clientId: z.string(),
      clientSecret: z.string().optional(),
      keyFile: z.string().optional(),
      projectId: z.string(),
      redirectUris: z.array(z.string()),
    }),
  ),
  urls: z.object({ quotesWeb: z.string(), quotesApi: z.string() }),
});

/** What `.latchkey/demo.json` holds: where everything is, and the logins and secrets of the demo. */
export type DemoFile = z.infer<typeof demoFile>;

/** Where the demo keeps its files and where its examples run. */
export interface DemoPlaces {
  /** Folder for demo.json, key files and the master key, usually `.latchkey`. */
  readonly folder: string;
  readonly quotesWeb: string;
  readonly quotesApi: string;
}

function writeSecretFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

/** The demo's own master key, made at the first start. A production server is given one instead. */
export function demoMasterKeys(folder: string): string {
  const path = join(folder, 'master.key');
  if (!existsSync(path)) writeSecretFile(path, `demo:${randomBytes(32).toString('base64')}\n`);
  return readFileSync(path, 'utf8').trim();
}

/** The administrator's password, made at the first start and kept, so that demo.json can name it again. */
export function demoAdministratorPassword(folder: string): string {
  const path = join(folder, 'administrator.password');
  if (!existsSync(path)) writeSecretFile(path, `${randomBytes(12).toString('base64url')}\n`);
  return readFileSync(path, 'utf8').trim();
}

function readDemoFile(path: string): DemoFile | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return demoFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function makeDemo(
  runtime: Runtime,
  configuration: Configuration,
  places: DemoPlaces,
): Promise<DemoFile> {
  const { server, bootstrapped } = runtime;
  const keyFilePath = join(places.folder, 'quotes-api-jwt.key.json');
  const data = await createDemoData({
    server,
    instanceId: bootstrapped.instanceId,
    quotesWeb: places.quotesWeb,
    keyFilePath,
  });
  writeSecretFile(keyFilePath, `${JSON.stringify(data.keyFile, null, 2)}\n`);
  const { loginName, password = '' } = configuration.administrator;
  return {
    issuer: configuration.origin,
    console: `${configuration.origin}/console/`,
    instanceId: bootstrapped.instanceId,
    users: [
      ...data.users.map((user) => ({ ...user, roles: [...user.roles] })),
      { loginName, password, roles: ['IAM_OWNER'] },
    ],
    apps: Object.fromEntries(
      Object.entries(data.apps).map(([name, app]) => [name, { ...app, redirectUris: [...app.redirectUris] }]),
    ),
    urls: { quotesWeb: places.quotesWeb, quotesApi: places.quotesApi },
  };
}

async function refreshDemo(
  runtime: Runtime,
  configuration: Configuration,
  places: DemoPlaces,
  known: DemoFile,
): Promise<DemoFile> {
  const web = known.apps['quotes-web'];
  if (web === undefined) return known;
  const { server } = runtime;
  const { instanceId } = known;
  // What somebody changed by hand since stays, unless the front end has moved.
  const isMoved = known.urls.quotesWeb !== places.quotesWeb;
  const redirectUris = isMoved
    ? [...(await moveQuotesWeb({ server, instanceId, quotesWeb: places.quotesWeb }))]
    : web.redirectUris;
  return {
    ...known,
    issuer: configuration.origin,
    console: `${configuration.origin}/console/`,
    apps: { ...known.apps, 'quotes-web': { ...web, redirectUris } },
    urls: { quotesWeb: places.quotesWeb, quotesApi: places.quotesApi },
  };
}

/** Finds or makes the demo's data and writes demo.json. Data whose demo.json is lost gets a second demo project. */
async function prepareDemo(
  runtime: Runtime,
  configuration: Configuration,
  places: DemoPlaces,
): Promise<DemoFile> {
  const path = join(places.folder, 'demo.json');
  const known = readDemoFile(path);
  const [instance] = await listInstances(runtime.store.db);
  const isSame = known !== undefined && known.instanceId === instance?.settings.id;
  const demo = isSame
    ? await refreshDemo(runtime, configuration, places, known)
    : await makeDemo(runtime, configuration, places);
  writeSecretFile(path, `${JSON.stringify(demo, null, 2)}\n`);
  return demo;
}

/** Runs the server with demo data; tells a parent process over IPC once it answers. */
export async function demo(configuration: Configuration, log: Logger, places: DemoPlaces): Promise<void> {
  await serve(configuration, log, async (runtime, port) => {
    const made = await prepareDemo(runtime, configuration, places);
    console.log(`Latchkey answers at ${made.issuer} (port ${port}).`);
    process.send?.({ kind: 'ready' });
  });
}
