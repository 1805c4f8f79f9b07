/** Where the news database is. */
export type DatabaseLocation =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'postgresql';
      readonly url: string;
      /** A statement is cut off after this; 5 seconds by default. */
      readonly statementTimeoutMs?: number;
    }
  | { readonly kind: 'memory' };

/** Credentials of a machine user, for its own access tokens. */
export interface AccountCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Everything the API needs to run; comes from the environment through `parseConfig`. */
export interface Config {
  readonly issuer: string;
  /** Key file of the API application; its assertions authenticate the introspection requests (private-key JWT). */
  readonly keyFile: string;
  /** Of a machine user who may read events, to forget deleted readers; without it nobody is forgotten. */
  readonly accountCredentials: AccountCredentials | undefined;
  /** The project whose tokens and roles count. */
  readonly projectId: string;
  readonly webOrigin: string;
  readonly port: number;
  readonly host: string;
  readonly database: DatabaseLocation;
}

export type ParsedConfig =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the configuration, or says in one sentence per problem what to set. An empty value counts as not set. */
export function parseConfig(env: Environment): ParsedConfig {
  const problems: string[] = [];
  const refuse = (problem: string): undefined => void problems.push(problem);
  const issuer = parseIssuer(read(env, 'ISSUER'), refuse);
  const keyFile =
    read(env, 'KEY_FILE') ??
    refuse('KEY_FILE is not set. Set it to the key file of an application of type API (private key JWT).');
  const projectId =
    read(env, 'PROJECT_ID') ?? refuse('PROJECT_ID is not set. Set it to the ID of the project of this API.');
  const webOrigin = parseOrigin(read(env, 'WEB_ORIGIN') ?? 'http://localhost:3001', refuse);
  const port = parsePort(read(env, 'PORT') ?? '5001', refuse);
  const database = parseDatabase(env, refuse);
  const accounts = parseAccounts(env, refuse);
  if (
    problems.length > 0 ||
    issuer === undefined ||
    keyFile === undefined ||
    projectId === undefined ||
    webOrigin === undefined ||
    port === undefined ||
    database === undefined
  ) {
    return { kind: 'invalid', problems };
  }
  return {
    kind: 'valid',
    config: {
      issuer,
      keyFile,
      accountCredentials: accounts,
      projectId,
      webOrigin,
      port,
      host: read(env, 'HOST') ?? 'localhost',
      database,
    },
  };
}

type Refuse = (problem: string) => undefined;

/** Reads where the database is: `NEWS_DATABASE_URL`, or else the folder `NEWS_DATA_DIR`. */
export function parseDatabase(env: Environment, refuse: Refuse): DatabaseLocation | undefined {
  const url = read(env, 'NEWS_DATABASE_URL');
  if (url === undefined) return { kind: 'folder', folder: read(env, 'NEWS_DATA_DIR') ?? '.latchkey/news' };
  if (!/^postgres(ql)?:\/\//.test(url)) {
    // The value may hold a password, so it is not repeated.
    return refuse(
      'NEWS_DATABASE_URL does not begin with postgres://. Set it to the URL of a PostgreSQL database.',
    );
  }
  return { kind: 'postgresql', url };
}

function parseAccounts(env: Environment, refuse: Refuse): AccountCredentials | undefined {
  const clientId = read(env, 'ACCOUNTS_CLIENT_ID');
  const clientSecret = read(env, 'ACCOUNTS_CLIENT_SECRET');
  if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
  if (clientId === undefined && clientSecret === undefined) return undefined;
  return refuse('Set both ACCOUNTS_CLIENT_ID and ACCOUNTS_CLIENT_SECRET, or neither.');
}

function read(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function parseIssuer(text: string | undefined, refuse: Refuse): string | undefined {
  if (text === undefined) {
    return refuse('ISSUER is not set. Set it to the address of your Latchkey, e.g. http://localhost:8080');
  }
  const url = safeUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return refuse(`ISSUER is "${text}", which is not an http(s) address without query and fragment.`);
  }
  return text;
}

function parseOrigin(text: string, refuse: Refuse): string | undefined {
  const url = safeUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
    return refuse(`WEB_ORIGIN is "${text}", which is not an origin such as http://localhost:3001`);
  }
  return url.origin;
}

function parsePort(text: string, refuse: Refuse): number | undefined {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    return refuse(`PORT is "${text}", which is not a number from 0 to 65535.`);
  }
  return port;
}

function safeUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
