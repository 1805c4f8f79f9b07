import type { PublicConfig } from '../web-config.ts';

export type LoadedConfig =
  | { readonly kind: 'loaded'; readonly config: PublicConfig }
  | { readonly kind: 'failed'; readonly reason: string };

/** Fetches the configuration the app was deployed with; a failure says in words what is missing. */
export async function loadRuntimeConfig(): Promise<LoadedConfig> {
  try {
    const response = await fetch('/config.json');
    const body: unknown = await response.json();
    const config = parseRuntimeConfig(body);
    if (response.ok && config !== undefined) return { kind: 'loaded', config };
    return { kind: 'failed', reason: textOf(body, 'error_description') ?? '/config.json is incomplete.' };
  } catch {
    return { kind: 'failed', reason: 'The web server does not answer at /config.json.' };
  }
}

function parseRuntimeConfig(body: unknown): PublicConfig | undefined {
  if (textOf(body, 'mode') === 'bff') return { mode: 'bff' };
  const issuer = textOf(body, 'issuer');
  const clientId = textOf(body, 'clientId');
  const apiUrl = textOf(body, 'apiUrl');
  const projectId = textOf(body, 'projectId');
  if (issuer === undefined || clientId === undefined || apiUrl === undefined) return undefined;
  return { mode: 'spa', issuer, clientId, apiUrl, ...(projectId === undefined ? {} : { projectId }) };
}

function textOf(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
