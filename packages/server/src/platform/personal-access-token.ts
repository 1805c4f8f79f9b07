import type { Subject } from '@latchkey/identity';
import {
  type EpochMs,
  epochSeconds,
  grantableScopes,
  interpretScopes,
  packAccessToken,
  toSeconds,
} from '@latchkey/protocol';
import { type Actor, findSubject, insertPersonalAccessToken, type Store } from '@latchkey/store';
import type { Clock } from './clock.ts';
import type { InstanceContext } from './instances.ts';
import { newId } from './random.ts';

/** Scopes of a personal access token when nobody names others (ZITADEL dialect). */
export const usualPersonalScopes: readonly string[] = [
  'openid',
  'profile',
  'urn:zitadel:iam:user:metadata',
  'urn:zitadel:iam:user:resourceowner',
];

/** What a personal access token shall be. */
export interface PersonalTokenWish {
  readonly actor: Actor;
  readonly userId: string;
  /** Those nobody defined are dropped. */
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** What came of the wish. The token is told here once only. */
export type PersonalTokenOutcome =
  | { readonly kind: 'issued'; readonly id: string; readonly token: string }
  | { readonly kind: 'no-such-machine' }
  | { readonly kind: 'expires-in-the-past' };

/** A personal access token before it is stored; it counts once its row is there. */
export interface MadePersonalToken {
  readonly id: string;
  readonly token: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** Makes a personal access token of a machine; scopes nobody defined are dropped. */
export function makePersonalAccessToken(
  instance: Pick<InstanceContext, 'sealer'>,
  { user, organization }: Subject,
  wish: Pick<PersonalTokenWish, 'scopes' | 'expiresAtMs'> & { readonly nowMs: EpochMs },
): MadePersonalToken {
  const id = newId(wish.nowMs);
  const expiresAt = epochSeconds(Math.floor(wish.expiresAtMs / 1000));
  const usable = wish.scopes.filter((one) => one !== 'offline_access');
  const scopes = grantableScopes(usable, interpretScopes(usable).roleKeys);
  const token = instance.sealer.seal(
    'personal-access-token',
    packAccessToken({
      tokenId: id,
      issuedAtMs: wish.nowMs,
      expiresAt,
      userId: user.id,
      organizationId: organization.id,
      clientId: user.loginName,
      scopes,
      audience: [],
      amr: [],
      personal: true,
    }),
  );
  return { id, token, scopes, expiresAtMs: expiresAt * 1000 };
}

/**
 * Makes a personal access token of a machine user. People sign in; a token that stands in for a person for years would pass
 * by every second factor (ZITADEL dialect, personal access tokens).
 */
export async function issuePersonalAccessToken(
  deps: { readonly store: Store; readonly clock: Clock },
  instance: Pick<InstanceContext, 'scope' | 'sealer'>,
  wish: PersonalTokenWish,
): Promise<PersonalTokenOutcome> {
  const { store, clock } = deps;
  const { scope } = instance;
  const nowMs = clock.now();
  const subject = await findSubject(store.db, scope, wish.userId);
  if (subject?.user.kind !== 'machine') return { kind: 'no-such-machine' };
  if (Math.floor(wish.expiresAtMs / 1000) <= toSeconds(nowMs)) return { kind: 'expires-in-the-past' };
  const { id, token, scopes, expiresAtMs } = makePersonalAccessToken(instance, subject, { ...wish, nowMs });
  await store.change({ scope, actor: wish.actor, nowMs }, (change) =>
    insertPersonalAccessToken(change, { id, userId: wish.userId, scopes, expiresAtMs }),
  );
  return { kind: 'issued', id, token };
}
