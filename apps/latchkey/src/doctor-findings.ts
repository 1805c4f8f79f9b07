import { isLoopback } from './configuration.ts';

/** Something doctor looked at. */
export interface Finding {
  readonly check: string;
  readonly outcome: 'good' | 'warning' | 'broken';
  readonly detail: string;
  readonly fix?: string;
}

const dayMs = 86_400_000;
const skewWarningMs = 30_000;
const certificateWarningMs = 21 * dayMs;
// Keys rotate every 90 days; a few more are the time the next one is published ahead.
const oldKeyMs = 97 * dayMs;

/** Judges the scheme and host of an issuer. */
export function judgeIssuer(issuer: string, use: 'development' | 'production'): Finding {
  const check = 'issuer';
  const isLocal = isLoopback(issuer);
  if (issuer.startsWith('http://') && !isLocal)
    return {
      ...{
        check,
        outcome: 'broken',
        detail: `${issuer} is plain http: passwords and tokens can be read on the way.`,
      },
      fix: 'Put TLS in front (or set LATCHKEY_TLS_KEY and LATCHKEY_TLS_CERT) and set LATCHKEY_ISSUER to the https address.',
    };
  if (isLocal && use === 'production')
    return {
      ...{
        check,
        outcome: 'warning',
        detail: `${issuer} is an address of this machine alone; nobody else reaches it.`,
      },
      fix: 'Set LATCHKEY_ISSUER to the public https address.',
    };
  return { check, outcome: 'good', detail: `${issuer} is a sound address.` };
}

/** Judges how far the clock of the server is from the one here; positive is ahead. */
export function judgeClock(skewMs: number): Finding {
  if (Number.isNaN(skewMs) || Math.abs(skewMs) < skewWarningMs)
    return { check: 'clock', outcome: 'good', detail: 'The clocks of server and this computer agree.' };
  const seconds = Math.round(skewMs / 1000);
  return {
    check: 'clock',
    outcome: 'broken',
    detail: `The server's clock differs from this computer's by ${seconds} seconds; tokens look expired or not yet valid.`,
    fix: 'Switch time synchronisation (NTP) on, on both.',
  };
}

/** A certificate as a connection presented it. */
export interface SeenCertificate {
  readonly validToMs: number;
  /** Why it is not trusted; `undefined` when it is. */
  readonly distrust: string | undefined;
}

/** Judges the certificate of an https issuer. */
export function judgeCertificate({ validToMs, distrust }: SeenCertificate, nowMs: number): Finding {
  const check = 'tls';
  const days = Math.floor((validToMs - nowMs) / dayMs);
  const renew = 'Renew the certificate where TLS ends; look why the renewal does not happen by itself.';
  if (validToMs <= nowMs)
    return { check, outcome: 'broken', detail: `The certificate expired ${-days} days ago.`, fix: renew };
  if (distrust !== undefined)
    return {
      ...{ check, outcome: 'broken', detail: `The certificate is not trusted here: ${distrust}.` },
      fix: 'Serve the whole chain, for this host name; for an authority of your own set NODE_EXTRA_CA_CERTS.',
    };
  if (validToMs - nowMs < certificateWarningMs)
    return { check, outcome: 'warning', detail: `The certificate expires in ${days} days.`, fix: renew };
  return { check, outcome: 'good', detail: `The certificate is trusted and counts for ${days} days.` };
}

/** Judges a key set as clients see it (RFC 7517). */
export function judgeKeySet(
  keys: readonly Readonly<Record<string, unknown>>[],
  cacheControl: string | null,
): Finding {
  const check = 'key set';
  const fix = 'Look at `latchkey keys list`; `latchkey keys create` publishes a key.';
  const signing = keys.filter(({ use, kid }) => use !== 'enc' && typeof kid === 'string');
  if (signing.length === 0)
    return { check, outcome: 'broken', detail: 'The key set has no signing key with a kid.', fix };
  if (keys.some((key) => 'd' in key))
    return {
      ...{ check, outcome: 'broken', detail: 'The key set gives private keys away.' },
      fix: 'Something before the server answers in its place; end that, and revoke the keys.',
    };
  const seconds = /max-age=(\d+)/.exec(cacheControl ?? '')?.[1];
  if (seconds !== undefined && Number(seconds) > 86_400)
    return {
      ...{
        check,
        outcome: 'warning',
        detail: `Caches keep the key set for ${seconds} seconds; a new key is known late.`,
      },
      fix: 'Let the proxy pass the Cache-Control header of the server on.',
    };
  return { check, outcome: 'good', detail: `${signing.length} signing keys are published.` };
}

/** A signing key as the management API tells it. */
export interface SeenKey {
  readonly keyId: string;
  readonly algorithm: string;
  readonly state: string;
  readonly since: string;
}

/** Judges how long keys have signed. */
export function judgeKeyAges(keys: readonly SeenKey[], nowMs: number): readonly Finding[] {
  const check = 'key age';
  const old = keys.filter(({ state, since }) => state === 'active' && nowMs - Date.parse(since) > oldKeyMs);
  if (old.length === 0)
    return [{ check, outcome: 'good', detail: 'No signing key is older than its rotation allows.' }];
  return old.map(({ algorithm, keyId, since }) => ({
    check,
    outcome: 'warning' as const,
    detail: `The ${algorithm} key ${keyId} has signed since ${since.slice(0, 10)}; keys rotate every 90 days.`,
    fix: 'Is the server running without a break? latchkey keys rotate begins a rotation now.',
  }));
}

/** Judges how recent a sign-in dangerous actions require. */
export function judgeRecentSignIn(maxAgeSeconds: number): Finding {
  const check = 'recent sign-in';
  if (maxAgeSeconds > 0)
    return {
      check,
      outcome: 'good',
      detail: `Dangerous actions require a sign-in of the last ${maxAgeSeconds} s.`,
    };
  return {
    check,
    outcome: 'warning',
    detail: 'Dangerous actions take a sign-in of any age: a stolen session can create secrets and managers.',
    fix: 'Set security.dangerousActionMaxAgeSeconds of the instance settings, for example to 900.',
  };
}

/** What is wrong with the redirect addresses of an application. */
export function judgeRedirects(app: Readonly<Record<string, unknown>>): readonly Finding[] {
  const uris = Array.isArray(app.redirectUris) ? app.redirectUris.map(String) : [];
  const check = `redirects of ${String(app.name)}`;
  const plain = uris.filter(
    (uri) => uri.startsWith('http://') && app.developmentMode !== true && app.type !== 'native',
  );
  const twins = uris.filter((uri) => uri.endsWith('/') && uris.includes(uri.slice(0, -1)));
  return [
    ...plain.map((uri) => ({
      ...{ check, outcome: 'broken' as const, detail: `${uri} is plain http outside of development mode.` },
      fix: 'Use https, or switch the development mode on while you develop.',
    })),
    ...twins.map((uri) => ({
      ...{
        check,
        outcome: 'warning' as const,
        detail: `${uri} is there with and without a slash at the end.`,
      },
      fix: 'Addresses are compared byte for byte; keep the one the application sends.',
    })),
  ];
}

/** Judges a database by its version and the migrations it lacks. */
export function judgeSchema({
  version,
  pending,
  mayCreate,
  mode,
}: {
  readonly version: string;
  readonly pending: readonly string[];
  readonly mayCreate: boolean;
  readonly mode: 'writable' | 'read-only';
}): readonly Finding[] {
  const major = Number.parseInt(version, 10);
  const schema: Finding =
    pending.length === 0
      ? { check: 'schema', outcome: 'good', detail: 'Every migration of this version was applied.' }
      : {
          ...{ check: 'schema', outcome: 'warning', detail: `Not applied yet: ${pending.join(', ')}.` },
          fix: 'latchkey migrate, or start the server, which does it first.',
        };
  const engine: Finding =
    major >= 15
      ? { check: 'database', outcome: 'good', detail: `PostgreSQL ${version} answers.` }
      : {
          ...{ check: 'database', outcome: 'broken', detail: `PostgreSQL ${version} is older than 15.` },
          fix: 'Move the data to PostgreSQL 15 or newer.',
        };
  return [engine, schema, ...judgeRights(pending, mayCreate, mode)];
}

function judgeRights(
  pending: readonly string[],
  mayCreate: boolean,
  mode: 'writable' | 'read-only',
): readonly Finding[] {
  const check = 'database';
  const outcome = 'broken' as const;
  if (mode === 'read-only')
    return [
      {
        ...{ check, outcome, detail: 'The database server is read-only (a standby).' },
        fix: 'Name the primary in DATABASE_URL, or all servers with commas between them.',
      },
    ];
  if (mayCreate || pending.length === 0) return [];
  return [
    {
      ...{ check, outcome, detail: 'The database user may not create tables in its schema.' },
      fix: 'As the owner of the schema run: grant create, usage on schema public to the user in DATABASE_URL.',
    },
  ];
}
