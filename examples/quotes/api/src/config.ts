/** How this API proves who it is when it asks the issuer about a token. */
export type ClientCredentials =
  | { readonly kind: 'basic'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'private_key_jwt'; readonly keyFile: string };

/** Everything the API needs to run; comes from the environment through `parseConfig`. */
export interface Config {
  readonly issuer: string;
  readonly credentials: ClientCredentials;
  /** The project a token must be for, checked here in addition to the issuer's own check. */
  readonly projectId?: string;
  readonly webOrigin: string;
  readonly port: number;
  readonly host: string;
}

export type ParsedConfig =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;
type Problem = { readonly kind: 'problem'; readonly text: string };

/** Reads the configuration, or says in one sentence per problem what to set. An empty value counts as not set. */
export function parseConfig(env: Environment): ParsedConfig {
  const issuer = parseIssuer(read(env, 'ISSUER'));
  const credentials = parseCredentials(env);
  const webOrigin = parseOrigin(read(env, 'WEB_ORIGIN') ?? 'http://localhost:3000');
  const port = parsePort(read(env, 'PORT') ?? '5000');
  if (
    typeof issuer !== 'string' ||
    credentials.kind === 'problem' ||
    typeof webOrigin !== 'string' ||
    typeof port !== 'number'
  ) {
    const found = [issuer, credentials, webOrigin, port];
    return { kind: 'invalid', problems: found.flatMap((part) => (isProblem(part) ? [part.text] : [])) };
  }
  const host = read(env, 'HOST') ?? 'localhost';
  const projectId = read(env, 'PROJECT_ID');
  const config = { issuer, credentials, webOrigin, port, host };
  return { kind: 'valid', config: projectId === undefined ? config : { ...config, projectId } };
}

function isProblem(part: string | number | ClientCredentials | Problem): part is Problem {
  return typeof part === 'object' && part.kind === 'problem';
}

function read(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function problem(text: string): Problem {
  return { kind: 'problem', text };
}

function parseIssuer(text: string | undefined): string | Problem {
  if (text === undefined) {
    return problem('ISSUER is not set. Set it to the address of your Latchkey, e.g. http://localhost:8080');
  }
  const url = safeUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return problem(`ISSUER is "${text}", which is not an http(s) address without query and fragment.`);
  }
  return text;
}

function parseCredentials(env: Environment): ClientCredentials | Problem {
  const keyFile = read(env, 'KEY_FILE');
  const clientId = read(env, 'CLIENT_ID');
  const clientSecret = read(env, 'CLIENT_SECRET');
  if (keyFile !== undefined && clientSecret !== undefined) {
    return problem(
      'Both KEY_FILE and CLIENT_SECRET are set. Keep the one your API application was created with.',
    );
  }
  if (keyFile !== undefined) return { kind: 'private_key_jwt', keyFile };
  if (clientId !== undefined && clientSecret !== undefined) return { kind: 'basic', clientId, clientSecret };
  if (clientId === undefined && clientSecret === undefined) {
    return problem(
      'The API has no credentials. Create an application of type API and set CLIENT_ID and CLIENT_SECRET, or KEY_FILE to its downloaded key.',
    );
  }
  const missing = clientId === undefined ? 'CLIENT_ID' : 'CLIENT_SECRET';
  return problem(`${missing} is not set; CLIENT_ID and CLIENT_SECRET go together.`);
}

function parseOrigin(text: string): string | Problem {
  const url = safeUrl(text);
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    (text !== url.origin && text !== `${url.origin}/`)
  ) {
    return problem(
      `WEB_ORIGIN is "${text}", which is not an origin such as http://localhost:3000 (no path).`,
    );
  }
  return url.origin;
}

function parsePort(text: string): number | Problem {
  const port = Number(text);
  // 0 asks the operating system for a free port, which tests use.
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    return problem(`PORT is "${text}", which is not a number from 0 to 65535.`);
  }
  return port;
}

function safeUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
