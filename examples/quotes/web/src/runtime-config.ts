/** What `/config.json` holds: who signs people in, as which application, and where the quotations come from. */
export interface RuntimeConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly apiUrl: string;
  /** The API's project; makes the access token acceptable to it. */
  readonly projectId?: string;
  /** `false` where the API takes bearer tokens only. */
  readonly dpop: boolean;
}

export type LoadedConfig =
  | { readonly kind: 'loaded'; readonly config: RuntimeConfig }
  | { readonly kind: 'failed'; readonly reason: string };

/** Fetches the configuration the page was deployed with; a failure says in words what is missing. */
export async function loadRuntimeConfig(): Promise<LoadedConfig> {
  try {
    const response = await fetch('/config.json');
    const body: unknown = await response.json();
    const config = parseRuntimeConfig(body);
    if (response.ok && config !== undefined) return { kind: 'loaded', config };
    return {
      kind: 'failed',
      reason: textOf(body, 'error_description') ?? 'The page got no usable /config.json.',
    };
  } catch {
    return { kind: 'failed', reason: 'The server of this page does not answer at /config.json.' };
  }
}

function parseRuntimeConfig(body: unknown): RuntimeConfig | undefined {
  const issuer = textOf(body, 'issuer');
  const clientId = textOf(body, 'clientId');
  const apiUrl = textOf(body, 'apiUrl');
  const projectId = textOf(body, 'projectId');
  if (issuer === undefined || clientId === undefined || apiUrl === undefined) return undefined;
  const dpop = !isRecord(body) || body.dpop !== false;
  return { issuer, clientId, apiUrl, dpop, ...(projectId === undefined ? {} : { projectId }) };
}

function textOf(body: unknown, name: string): string | undefined {
  const value = isRecord(body) ? body[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
