import { z } from 'zod';
import type { ApiSession } from './api-session.ts';
import { CommandProblem } from './exit-codes.ts';
import type { OperatorAnswer, OperatorCommand } from './operator-commands.ts';
import { resolveId } from './resolve-name.ts';

const dayMs = 86_400_000;
const key = z.looseObject({ id: z.string(), expiresAt: z.string().nullable() });
const token = z.looseObject({ id: z.string(), expiresAt: z.string(), scopes: z.array(z.string()) });
const listOf = <T extends z.ZodType>(item: T) => z.looseObject({ items: z.array(item) });

/** The commands about credentials of machine users, which work beside the data folder and by the API. */
export type CredentialWish = Extract<
  OperatorCommand,
  { command: 'create-user-token' | 'add-user-key' | 'list-user-credentials' | 'remove-user-credential' }
>;

async function list(session: ApiSession, userId: string): Promise<OperatorAnswer> {
  const path = { userId };
  const keys = listOf(key).parse((await session.call('listUserKeys', { path })).data).items;
  const tokens = listOf(token).parse((await session.call('listPersonalAccessTokens', { path })).data).items;
  const lines = [
    ...keys.map(({ id, expiresAt }) => `key    ${id}  until ${expiresAt ?? 'for good'}`),
    ...tokens.map(({ id, expiresAt, scopes }) => `token  ${id}  until ${expiresAt}  ${scopes.join(' ')}`),
  ];
  return { kind: 'done', message: `${keys.length} keys, ${tokens.length} tokens.`, output: lines.join('\n') };
}

async function createToken(
  session: ApiSession,
  userId: string,
  wish: Extract<CredentialWish, { command: 'create-user-token' }>,
): Promise<OperatorAnswer> {
  const expiresAt = new Date(Date.now() + wish.days * dayMs).toISOString();
  const body = { expiresAt, ...(wish.scopes === undefined ? {} : { scopes: wish.scopes }) };
  const { data } = await session.call('createPersonalAccessToken', { path: { userId }, body });
  const made = token.extend({ token: z.string() }).parse(data);
  return {
    kind: 'done',
    message: `The token ${made.id} of ${wish.name} counts until ${made.expiresAt}. It is shown this once only; keep it.`,
    output: made.token,
  };
}

async function addKey(
  session: ApiSession,
  userId: string,
  wish: Extract<CredentialWish, { command: 'add-user-key' }>,
): Promise<OperatorAnswer> {
  const expirationDate = new Date(Date.now() + wish.days * dayMs).toISOString();
  const body = { publicKey: wish.publicKeyPem, expiresAt: expirationDate };
  const { id: keyId } = key.parse((await session.call('createUserKey', { path: { userId }, body })).data);
  return {
    kind: 'done',
    message: `The key ${keyId} of ${wish.name} counts until ${expirationDate}.`,
    output: JSON.stringify({ keyId, userId, expirationDate }),
  };
}

async function remove(
  session: ApiSession,
  userId: string,
  { kind, id }: Extract<CredentialWish, { command: 'remove-user-credential' }>,
): Promise<OperatorAnswer> {
  if (kind === 'key') await session.call('removeUserKey', { path: { userId, keyId: id } });
  else await session.call('removePersonalAccessToken', { path: { userId, tokenId: id } });
  return { kind: 'done', message: `The ${kind} ${id} is worth nothing any more.` };
}

/**
 * Carries out a command about the credentials of a machine user as whom a session says. `owner` names the user of a credential to
 * remove. Throws `CommandProblem`, and `ApiProblem` when it is refused.
 */
export async function carryOutByApi(
  session: ApiSession,
  wish: CredentialWish,
  owner?: string,
): Promise<OperatorAnswer> {
  const name = wish.command === 'remove-user-credential' ? owner : wish.name;
  if (name === undefined)
    throw new CommandProblem('usage', 'Say whose it is: --user NAME (not needed with --local).');
  const userId = await resolveId(session, 'userId', name);
  switch (wish.command) {
    case 'list-user-credentials':
      return await list(session, userId);
    case 'create-user-token':
      return await createToken(session, userId, wish);
    case 'add-user-key':
      return await addKey(session, userId, wish);
    case 'remove-user-credential':
      return await remove(session, userId, wish);
  }
}
