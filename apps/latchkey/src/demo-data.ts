import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppliedConfiguration, LatchkeyServer } from '@latchkey/server';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DemoExample } from './demo-examples.ts';

/** A person of the demo. */
export interface DemoUser {
  readonly loginName: string;
  readonly password: string;
  readonly roles: string[];
}

/** An application or machine of the demo, with the secrets that are stored nowhere else in the clear. */
export interface DemoApp {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly keyFile?: string;
  readonly projectId: string;
  readonly redirectUris: string[];
}

/** What was made for an example, to be written down. */
export interface ExampleData {
  readonly users: DemoUser[];
  readonly apps: Readonly<Record<string, DemoApp>>;
  /** Keys of the APIs that authenticate by one, as the dialect's clients read them, by path. */
  readonly keyFiles: Readonly<Record<string, unknown>>;
}

/** What an example is made for. */
export interface ExampleInput {
  readonly server: Pick<LatchkeyServer, 'configuration'>;
  readonly instanceId: string;
  readonly example: DemoExample;
  /** Address of its front end, without a slash at the end. */
  readonly webUrl: string;
  /** Folder of the key files. */
  readonly folder: string;
}

// What is read of the file here; the server reads all of it.
const demoDocument = z.looseObject({
  users: z.array(z.looseObject({ loginName: z.string(), password: z.string().optional() })),
  projects: z.array(
    z.looseObject({
      name: z.string(),
      applications: z.array(
        z.looseObject({ name: z.string(), redirectUris: z.array(z.string()).optional() }),
      ),
      authorizations: z.array(z.object({ user: z.string(), roles: z.array(z.string()) })),
    }),
  ),
});

type DemoDocument = z.infer<typeof demoDocument>;

/** The configuration of an example, for a front end at an address. */
function readDocument({ file, writtenAddress }: DemoExample, webUrl: string): DemoDocument {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  return demoDocument.parse(parse(text.replaceAll(writtenAddress, webUrl)));
}

function secretOf(
  { secrets }: AppliedConfiguration,
  name: string,
): AppliedConfiguration['secrets'][number] | undefined {
  return secrets.find(({ path }) => path.endsWith(` / ${name}`));
}

/** Applies the file. Data of a demo whose secrets are lost gets a second project, since secrets are shown once. */
async function applyExample(
  { server, instanceId, example }: ExampleInput,
  document: DemoDocument,
): Promise<AppliedConfiguration> {
  const applied = await server.configuration(instanceId).apply(document);
  if (Object.values(example.apis).every((name) => secretOf(applied, name) !== undefined)) return applied;
  const [project] = document.projects;
  const name = `${project?.name ?? example.web.name} ${Date.now()}`;
  return await server.configuration(instanceId).apply({ ...document, projects: [{ ...project, name }] });
}

/** Says of an application of the example what demo.json names. */
function describeApp(
  { example, folder }: Pick<ExampleInput, 'example' | 'folder'>,
  document: DemoDocument,
  applied: AppliedConfiguration,
): (key: string, name: string) => DemoApp {
  const [project] = document.projects;
  const projectId = applied.objects.find(({ kind }) => kind === 'project')?.id ?? '';
  return (key, name) => {
    const found = applied.objects.find(
      ({ kind, path }) => kind === 'application' && path.endsWith(` / ${name}`),
    );
    const secret = secretOf(applied, name);
    const keyFile = example.keyFiles[key];
    return {
      clientId: found?.clientId ?? secret?.clientId ?? '',
      ...(secret?.clientSecret === undefined ? {} : { clientSecret: secret.clientSecret }),
      projectId,
      redirectUris: project?.applications.find((each) => each.name === name)?.redirectUris ?? [],
      ...(keyFile === undefined ? {} : { keyFile: join(folder, keyFile) }),
    };
  };
}

/** Makes an example's project with its applications, users and machine, from its configuration. */
export async function createExampleData(input: ExampleInput): Promise<ExampleData> {
  const { example, folder } = input;
  const document = readDocument(example, input.webUrl);
  const applied = await applyExample(input, document);
  const [project] = document.projects;
  const app = describeApp(input, document, applied);
  const { web, apis, machine } = example;
  const named = [[web.key, web.name] as const, ...Object.entries(apis)];
  const robot = secretOf(applied, machine) === undefined ? [] : [[machine, machine] as const];
  return {
    users: document.users.flatMap(({ loginName, password }) =>
      password === undefined
        ? []
        : [
            {
              loginName,
              password,
              roles: project?.authorizations.find(({ user }) => user === loginName)?.roles ?? [],
            },
          ],
    ),
    apps: Object.fromEntries([...named, ...robot].map(([key, name]) => [key, app(key, name)])),
    keyFiles: Object.fromEntries(
      Object.entries(example.keyFiles).map(([key, file]) => [
        join(folder, file),
        secretOf(applied, apis[key] ?? '')?.keyFile,
      ]),
    ),
  };
}

/** Adds applications to an example that was set up before it had them. */
export async function addExampleApps(
  input: ExampleInput,
  keys: readonly string[],
): Promise<ExampleData['apps']> {
  const document = readDocument(input.example, input.webUrl);
  const [project] = document.projects;
  const names = new Map(keys.map((key) => [key, input.example.apis[key] ?? '']));
  const applications = project?.applications.filter(({ name }) => [...names.values()].includes(name));
  const applied = await input.server.configuration(input.instanceId).apply({
    version: 1,
    projects: [{ name: project?.name, applications }],
  });
  const app = describeApp(input, document, applied);
  return Object.fromEntries([...names].map(([key, name]) => [key, app(key, name)]));
}

/** Lets an example's front end live at another address than at the last start. Resolves to redirect URIs by application name. */
export async function moveExampleWeb(
  input: Omit<ExampleInput, 'folder'>,
): Promise<ReadonlyMap<string, string[]>> {
  const { projects } = readDocument(input.example, input.webUrl);
  const [project] = projects;
  const moved = project?.applications.filter(({ redirectUris }) => redirectUris !== undefined) ?? [];
  await input.server.configuration(input.instanceId).apply({
    version: 1,
    projects: [{ name: project?.name, applications: moved }],
  });
  return new Map(moved.map(({ name, redirectUris = [] }) => [name, redirectUris]));
}
