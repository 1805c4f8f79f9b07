import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CommandProblem } from './exit-codes.ts';

/** The client id of the command line on every instance. */
export const cliClientId = 'latchkey-cli';

/** What a token for the management API is asked for with. */
export const apiScope = 'openid profile offline_access urn:zitadel:iam:org:project:id:zitadel:aud';

const metadata = z.object({
  issuer: z.string(),
  token_endpoint: z.url(),
  device_authorization_endpoint: z.url().optional(),
  revocation_endpoint: z.url().optional(),
});

const tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  expires_in: z.number().default(300),
});

const oauthError = z.object({ error: z.string(), error_description: z.string().optional() });

/** Where an issuer answers (RFC 8414). */
export type IssuerMetadata = z.infer<typeof metadata>;

/** What the token endpoint gave. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresAtMs: number;
}

/** An answer of an OAuth endpoint. */
export type OAuthAnswer =
  | { readonly kind: 'done'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly error: string; readonly description: string };

/** Looks up where an issuer answers. Throws `CommandProblem` when the address is none of an issuer. */
export async function discover(issuer: string): Promise<IssuerMetadata> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, { signal: AbortSignal.timeout(15_000) });
  const parsed = metadata.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !parsed.success)
    throw new CommandProblem(
      'unreachable',
      `${address} answered with status ${response.status} and is none of an issuer. Check the address.`,
    );
  if (parsed.data.issuer.replace(/\/$/, '') !== issuer.replace(/\/$/, ''))
    throw new CommandProblem(
      'unreachable',
      `${issuer} says that its issuer is ${parsed.data.issuer}. Use that address; a proxy may hide the real one.`,
    );
  return parsed.data;
}

/** Sends a form to an OAuth endpoint. */
export async function sendForm(url: string, form: Readonly<Record<string, string>>): Promise<OAuthAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  if (response.ok) return { kind: 'done', body };
  const refused = oauthError.safeParse(body);
  return refused.success
    ? { kind: 'refused', error: refused.data.error, description: refused.data.error_description ?? '' }
    : { kind: 'refused', error: `status ${response.status}`, description: 'The answer is not one of OAuth.' };
}

/** Reads an answer of the token endpoint. */
export function tokensOf(body: unknown): Tokens {
  const parsed = tokens.parse(body);
  return {
    accessToken: parsed.access_token,
    ...(parsed.refresh_token === undefined ? {} : { refreshToken: parsed.refresh_token }),
    expiresAtMs: Date.now() + parsed.expires_in * 1000,
  };
}

const keyFile = z.object({ keyId: z.string(), key: z.string(), userId: z.string() });

/** Gets a token for a key file of a machine (RFC 7523). Throws `CommandProblem` when the file or the key does not count. */
export async function tokensForKeyFile(issuer: string, path: string): Promise<Tokens> {
  const parsed = keyFile.safeParse(readKeyFile(path));
  if (!parsed.success)
    throw new CommandProblem('usage', `${path} is no key file of a machine: it needs keyId, key and userId.`);
  const { token_endpoint } = await discover(issuer);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { keyId, key, userId } = parsed.data;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: userId, sub: userId, aud: issuer, iat: nowSeconds, exp: nowSeconds + 300 };
  const unsigned = `${part({ alg: 'RS256', kid: keyId })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(unsigned), createPrivateKey(key)).toString('base64url');
  const answer = await sendForm(token_endpoint, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${unsigned}.${signature}`,
    scope: apiScope.replace(' offline_access', ''),
  });
  if (answer.kind === 'done') return tokensOf(answer.body);
  throw new CommandProblem(
    'notLoggedIn',
    `The key of ${path} was refused: ${answer.error} ${answer.description} Check that key and machine still exist, and this computer's clock.`,
  );
}

function readKeyFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new CommandProblem('usage', `${path} cannot be read as JSON.`, { cause });
  }
}
