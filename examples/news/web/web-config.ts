/** What the page needs to know at run time; served as `/config.json`. Nothing in it is secret. */
export type PublicConfig =
  | {
      /** The page itself is the client and holds the tokens. */
      readonly mode: 'spa';
      readonly issuer: string;
      readonly clientId: string;
      readonly apiUrl: string;
      readonly projectId?: string;
    }
  | {
      /** The web server is the client. The page talks to nobody else. */
      readonly mode: 'bff';
    };

/** What the web server needs to be the client. */
export interface ServerClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly projectId?: string;
  readonly apiUrl: string;
  /** The address of the portal as browsers see it. */
  readonly baseUrl: string;
  readonly cookieSecret: string;
}

/** How the portal signs people in: from the page, or behind its web server. */
export type SignInMode =
  | { readonly mode: 'spa'; readonly page: Extract<PublicConfig, { mode: 'spa' }> }
  | { readonly mode: 'bff'; readonly client: ServerClient };

/** Everything the web server needs to run. */
export interface WebConfig {
  readonly signIn: SignInMode;
  readonly port: number;
  readonly host: string;
}

export type ParsedWebConfig =
  | { readonly kind: 'valid'; readonly config: WebConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `MODE`, `ISSUER`, `CLIENT_ID`, `API_URL`, `PROJECT_ID`, `PORT` and `HOST`, for `MODE=bff` also `CLIENT_SECRET`,
 * `COOKIE_SECRET` and `BASE_URL`, or says what to set. Empty counts as not set.
 */
export function parseWebConfig(env: Environment): ParsedWebConfig {
  const read = (name: string) => env[name]?.trim() || undefined;
  const problems: string[] = [];
  const mode = read('MODE') ?? 'spa';
  if (mode !== 'spa' && mode !== 'bff')
    problems.push(`MODE is "${mode}". Set it to spa (tokens in the page) or bff (tokens on the server).`);
  const need = (name: string, advice: string): string => {
    const value = read(name);
    if (value === undefined) problems.push(`${name} is not set. ${advice}`);
    return value ?? '';
  };
  const needUrl = (name: string, value: string): string => {
    if (value !== '' && !isHttpUrl(value))
      problems.push(`${name} is "${value}", which is not an http(s) address.`);
    return value.replace(/\/+$/, '');
  };
  const issuer = need('ISSUER', 'Set it to the address of your Latchkey, e.g. http://localhost:8080');
  needUrl('ISSUER', issuer);
  const clientId = need(
    'CLIENT_ID',
    `Create an application of type ${mode === 'bff' ? 'Web' : 'User Agent'} and set its client ID.`,
  );
  const apiUrl = needUrl('API_URL', read('API_URL') ?? 'http://localhost:5001');
  const projectId = read('PROJECT_ID');
  const port = read('PORT') ?? '3001';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    problems.push(`PORT is "${port}", which is not a number from 0 to 65535.`);
  const common = { issuer, clientId, apiUrl, ...(projectId === undefined ? {} : { projectId }) };
  const signIn: SignInMode =
    mode === 'bff'
      ? {
          mode,
          client: {
            ...common,
            clientSecret: need('CLIENT_SECRET', 'Set it to the secret of the Web application.'),
            cookieSecret: need('COOKIE_SECRET', 'Make one with: openssl rand -base64 32'),
            baseUrl: needUrl('BASE_URL', read('BASE_URL') ?? `http://localhost:${port}`),
          },
        }
      : { mode: 'spa', page: { mode: 'spa', ...common } };
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'valid', config: { signIn, port: Number(port), host: read('HOST') ?? 'localhost' } };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
