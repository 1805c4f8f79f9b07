/** What the page needs to know at run time; served as `/config.json`. Nothing in it is secret. */
export interface PublicConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly apiUrl: string;
  readonly projectId?: string;
  /** Whether access tokens may be bound to a key (RFC 9449); not where the API takes bearer tokens only. */
  readonly dpop: boolean;
}

/** Everything the web server needs to run. */
export interface WebConfig {
  readonly page: PublicConfig;
  readonly port: number;
  readonly host: string;
}

export type ParsedWebConfig =
  | { readonly kind: 'valid'; readonly config: WebConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `ISSUER`, `CLIENT_ID`, `API_URL`, `PROJECT_ID`, `DPOP`, `PORT` and `HOST`, or says what to set. Empty counts as not set. */
export function parseWebConfig(env: Environment): ParsedWebConfig {
  const read = (name: string) => env[name]?.trim() || undefined;
  const issuer = read('ISSUER');
  const clientId = read('CLIENT_ID');
  const apiUrl = read('API_URL') ?? 'http://localhost:5000';
  const projectId = read('PROJECT_ID');
  const port = read('PORT') ?? '3000';
  const dpop = read('DPOP') ?? 'on';

  const problems: string[] = [];
  if (issuer === undefined) {
    problems.push('ISSUER is not set. Set it to the address of your Latchkey, e.g. http://localhost:8080');
  } else if (!isHttpUrl(issuer)) {
    problems.push(`ISSUER is "${issuer}", which is not an http(s) address.`);
  }
  if (clientId === undefined) {
    problems.push('CLIENT_ID is not set. Create an application of type User Agent and set its client id.');
  }
  if (!isHttpUrl(apiUrl)) problems.push(`API_URL is "${apiUrl}", which is not an http(s) address.`);
  if (dpop !== 'on' && dpop !== 'off') problems.push(`DPOP is "${dpop}"; set it to on or off.`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    problems.push(`PORT is "${port}", which is not a number from 0 to 65535.`);
  }
  if (issuer === undefined || clientId === undefined || problems.length > 0)
    return { kind: 'invalid', problems };

  const page = {
    issuer,
    clientId,
    apiUrl: apiUrl.replace(/\/+$/, ''),
    dpop: dpop === 'on',
    ...(projectId === undefined ? {} : { projectId }),
  };
  return { kind: 'valid', config: { page, port: Number(port), host: read('HOST') ?? 'localhost' } };
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
