import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppliedConfiguration, LatchkeyServer } from '@latchkey/server';
import { parse } from 'yaml';
import { z } from 'zod';

/** A person of the demo. */
export interface DemoUser {
  readonly loginName: string;
  readonly password: string;
  readonly roles: readonly string[];
}

/** An application or machine of the demo, with the secrets that are stored nowhere else in the clear. */
export interface DemoApp {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly keyFile?: string;
  readonly projectId: string;
  readonly redirectUris: readonly string[];
}

/** What the demo made, to be written down. */
export interface DemoData {
  readonly users: readonly DemoUser[];
  readonly apps: Readonly<Record<string, DemoApp>>;
  /** The key of the API that proves itself by one, as the dialect's clients read it. */
  readonly keyFile: unknown;
}

/** What the demo is made for. */
export interface DemoInput {
  readonly server: Pick<LatchkeyServer, 'configuration'>;
  readonly instanceId: string;
  /** Address of the quotes front end, without a slash at the end. */
  readonly quotesWeb: string;
  readonly keyFilePath: string;
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

/** The demo's configuration, for a front end at an address. */
function readDocument(quotesWeb: string): DemoDocument {
  const text = readFileSync(join(import.meta.dirname, 'demo.latchkey.yaml'), 'utf8');
  return demoDocument.parse(parse(text.replaceAll('http://localhost:3000', quotesWeb)));
}

function secretOf(
  { secrets }: AppliedConfiguration,
  name: string,
): AppliedConfiguration['secrets'][number] | undefined {
  return secrets.find(({ path }) => path.endsWith(` / ${name}`));
}

/** Applies the file. Data of a demo whose secrets are lost gets a second project, since secrets are shown once. */
async function applyDemo(
  { server, instanceId }: DemoInput,
  document: DemoDocument,
): Promise<AppliedConfiguration> {
  const applied = await server.configuration(instanceId).apply(document);
  if (secretOf(applied, 'Quotes API') !== undefined) return applied;
  const [project] = document.projects;
  const name = `${project?.name ?? 'Quotes'} ${Date.now()}`;
  return await server.configuration(instanceId).apply({ ...document, projects: [{ ...project, name }] });
}

/** Makes the demo: project "Quotes" with its applications, Ada, Grace and a machine, from `demo.latchkey.yaml`. */
export async function createDemoData(input: DemoInput): Promise<DemoData> {
  const document = readDocument(input.quotesWeb);
  const applied = await applyDemo(input, document);
  const [project] = document.projects;
  const projectId = applied.objects.find(({ kind }) => kind === 'project')?.id ?? '';
  const app = (name: string): DemoApp => {
    const found = applied.objects.find(
      ({ kind, path }) => kind === 'application' && path.endsWith(` / ${name}`),
    );
    const secret = secretOf(applied, name);
    return {
      clientId: found?.clientId ?? secret?.clientId ?? '',
      ...(secret?.clientSecret === undefined ? {} : { clientSecret: secret.clientSecret }),
      projectId,
      redirectUris: project?.applications.find((each) => each.name === name)?.redirectUris ?? [],
    };
  };
  const robot = secretOf(applied, 'quotes-robot');
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
    keyFile: secretOf(applied, 'Quotes API (key)')?.keyFile,
    apps: {
      'quotes-web': app('Quotes'),
      'quotes-api': app('Quotes API'),
      'quotes-api-jwt': { ...app('Quotes API (key)'), keyFile: input.keyFilePath },
      ...(robot === undefined ? {} : { 'quotes-robot': { ...app('quotes-robot'), redirectUris: [] } }),
    },
  };
}

/** Lets the demo's front end live at another address than at the last start. Resolves to its redirect URIs. */
export async function moveQuotesWeb(
  input: Pick<DemoInput, 'server' | 'instanceId' | 'quotesWeb'>,
): Promise<readonly string[]> {
  const { projects } = readDocument(input.quotesWeb);
  const [project] = projects;
  const web = project?.applications.find(({ name }) => name === 'Quotes');
  await input.server.configuration(input.instanceId).apply({
    version: 1,
    projects: [{ name: project?.name, applications: [web] }],
  });
  return web?.redirectUris ?? [];
}
