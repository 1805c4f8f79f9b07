import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '@latchkey/server';
import { listInstances } from '@latchkey/store';
import { z } from 'zod';
import type { Configuration } from './configuration.ts';
import { addExampleApps, createExampleData, moveExampleWeb } from './demo-data.ts';
import { demoExamples, type ExampleUrls } from './demo-examples.ts';
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
  // Files of earlier versions know fewer examples.
  urls: z.object({
    quotesWeb: z.string(),
    quotesApi: z.string(),
    newsWeb: z.string().optional(),
    newsApi: z.string().optional(),
  }),
});

/** What `.latchkey/demo.json` holds: where everything is, and the logins and secrets of the demo. */
export type DemoFile = z.infer<typeof demoFile>;

/** Where the demo keeps its files and where its examples run. */
export interface DemoPlaces {
  /** Folder for demo.json, key files and the master key, usually `.latchkey`. */
  readonly folder: string;
  readonly urls: ExampleUrls;
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

/**
 * Sets up the examples that `known` does not name yet, and moves the front ends that have other addresses than there. What
 * somebody changed by hand since stays. Resolves to the applications of all examples and the users of new ones.
 */
async function setUpExamples(
  runtime: Runtime,
  places: DemoPlaces,
  instanceId: string,
  known: DemoFile | undefined,
): Promise<Pick<DemoFile, 'apps' | 'users'>> {
  const { server } = runtime;
  const { folder, urls } = places;
  const apps = { ...known?.apps };
  const users: DemoFile['users'] = [];
  for (const example of demoExamples) {
    const webUrl = urls[example.webUrl];
    const web = apps[example.web.key];
    if (web === undefined) {
      const data = await createExampleData({ server, instanceId, example, webUrl, folder });
      for (const [path, key] of Object.entries(data.keyFiles))
        writeSecretFile(path, `${JSON.stringify(key, null, 2)}\n`);
      Object.assign(apps, data.apps);
      users.push(...data.users);
      continue;
    }
    const missing = Object.keys(example.apis).filter((key) => apps[key] === undefined);
    if (missing.length > 0)
      Object.assign(apps, await addExampleApps({ server, instanceId, example, webUrl, folder }, missing));
    if (known?.urls[example.webUrl] === webUrl) continue;
    const moved = await moveExampleWeb({ server, instanceId, example, webUrl });
    const names = { [example.web.key]: example.web.name, ...example.apis };
    for (const [key, name] of Object.entries(names)) {
      const [app, redirectUris] = [apps[key], moved.get(name)];
      if (app !== undefined && redirectUris !== undefined) apps[key] = { ...app, redirectUris };
    }
  }
  return { apps, users };
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
  const same = known !== undefined && known.instanceId === instance?.settings.id ? known : undefined;
  const instanceId = same?.instanceId ?? runtime.bootstrapped.instanceId;
  const { apps, users } = await setUpExamples(runtime, places, instanceId, same);
  const { loginName, password = '' } = configuration.administrator;
  const demo: DemoFile = {
    issuer: configuration.origin,
    console: `${configuration.origin}/console/`,
    instanceId,
    users: same?.users ?? [...users, { loginName, password, roles: ['IAM_OWNER'] }],
    apps,
    urls: { ...places.urls },
  };
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
