import {
  epochSeconds,
  grantableScopes,
  interpretScopes,
  packAccessToken,
  toSeconds,
} from '@latchkey/protocol';
import { type Actor, findSubject, insertPersonalAccessToken, type Store } from '@latchkey/store';
import type { Clock } from '../platform/clock.ts';
import type { InstanceContext } from '../platform/instances.ts';
import { newId } from '../platform/random.ts';

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
  const { scope, sealer } = instance;
  const now = clock.now();
  const subject = await findSubject(store.db, scope, wish.userId);
  if (subject?.user.kind !== 'machine') return { kind: 'no-such-machine' };
  const expiresAt = epochSeconds(Math.floor(wish.expiresAtMs / 1000));
  if (expiresAt <= toSeconds(now)) return { kind: 'expires-in-the-past' };
  const id = newId(now);
  const usable = wish.scopes.filter((one) => one !== 'offline_access');
  const scopes = grantableScopes(usable, interpretScopes(usable).roleKeys);
  const token = sealer.seal(
    'personal-access-token',
    packAccessToken({
      tokenId: id,
      issuedAtMs: now,
      expiresAt,
      userId: subject.user.id,
      organizationId: subject.organization.id,
      clientId: subject.user.loginName,
      scopes,
      audience: [],
      amr: [],
      personal: true,
    }),
  );
  await store.change({ scope, actor: wish.actor, nowMs: now }, (change) =>
    insertPersonalAccessToken(change, {
      id,
      userId: subject.user.id,
      scopes,
      expiresAtMs: expiresAt * 1000,
    }),
  );
  return { kind: 'issued', id, token };
}
