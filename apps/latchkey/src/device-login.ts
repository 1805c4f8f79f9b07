import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@latchkey/contract/client';
import { z } from 'zod';
import { CommandProblem } from './exit-codes.ts';
import { apiScope, cliClientId, discover, sendForm, type Tokens, tokensOf } from './oauth-client.ts';

const begun = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string().optional(),
  expires_in: z.number(),
  interval: z.number().default(5),
});

const meanings: Readonly<Record<string, string>> = {
  access_denied: 'The login was denied in the browser. Run the command again and choose to allow it.',
  expired_token: 'The code is too old. Run the command again and enter the new code in time.',
  invalid_client: 'The server does not know the command line; is it a Latchkey of this version?',
  unauthorized_client: 'The application latchkey-cli is switched off; ask an owner to activate it.',
  invalid_grant: 'The code does not count any more. Run the command again.',
};

function refusal(error: string, description: string): CommandProblem {
  const meaning = meanings[error] ?? description;
  return new CommandProblem('notLoggedIn', `The login was refused (${error}). ${meaning}`);
}

/** Asks until somebody has decided in the browser (RFC 8628 §3.5). */
async function pollForTokens(endpoint: string, device: z.infer<typeof begun>): Promise<Tokens> {
  const endsAtMs = Date.now() + device.expires_in * 1000;
  let intervalSeconds = device.interval;
  while (Date.now() < endsAtMs) {
    await wait(intervalSeconds * 1000);
    const answer = await sendForm(endpoint, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
      client_id: cliClientId,
    });
    if (answer.kind === 'done') return tokensOf(answer.body);
    if (answer.error === 'slow_down') intervalSeconds += 5;
    else if (answer.error !== 'authorization_pending') throw refusal(answer.error, answer.description);
  }
  throw refusal('expired_token', '');
}

/** A login by the browser, with the tokens it gave and whose they are. */
export interface DeviceLogin {
  readonly tokens: Tokens;
  readonly loginName: string;
}

/**
 * Logs in by a browser (RFC 8628). `maxAgeSeconds`: how old the sign-in there may be; 0 asks for a new one. Throws
 * `CommandProblem` when it was denied or took too long.
 */
export async function logInByDevice(
  issuer: string,
  options: { readonly maxAgeSeconds?: number } = {},
): Promise<DeviceLogin> {
  const { token_endpoint, device_authorization_endpoint: endpoint } = await discover(issuer);
  if (endpoint === undefined)
    throw new CommandProblem('unexpected', `${issuer} has no device sign-in; use LATCHKEY_TOKEN.`);
  const { maxAgeSeconds } = options;
  const answer = await sendForm(endpoint, {
    client_id: cliClientId,
    scope: apiScope,
    ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
  });
  if (answer.kind === 'refused') throw refusal(answer.error, answer.description);
  const device = begun.parse(answer.body);
  console.error(
    `Open ${device.verification_uri_complete ?? device.verification_uri}\nand compare the code: ${device.user_code}\nWaiting for you to sign in there …`,
  );
  const tokens = await pollForTokens(token_endpoint, device);
  const asMe: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${tokens.accessToken}`);
    return fetch(input, { ...init, headers });
  };
  const { data: me } = await createApiClient({ issuer, fetch: asMe }).call('getMe');
  return { tokens, loginName: me.loginName };
}
