import {
  type ClientFacts,
  type Confirmation,
  type EpochMs,
  type Params,
  refreshBinding,
} from '@latchkey/protocol';
import type { NewGrant } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { InstanceContext } from '../../platform/instances.ts';

/** What decides whether a grant begins with a refresh token, and how long it lives. */
export interface FamilyQuestion {
  readonly client: ClientFacts;
  readonly scopes: readonly string[];
  readonly issuedAtMs: EpochMs;
  /** The key that was shown: the family is bound to it. */
  readonly confirmation: Confirmation | undefined;
}

/** A refresh-token family, if the application and the scopes ask for one (OpenID Connect Core §11, RFC 9449 §5). */
export function refreshFamily(
  instance: Pick<InstanceContext, 'settings'>,
  { client, scopes, issuedAtMs, confirmation }: FamilyQuestion,
): Pick<NewGrant, 'refresh' | 'dpopJkt'> {
  const { application } = client;
  const { settings } = instance;
  if (!scopes.includes('offline_access') || !application.grantTypes.includes('refresh_token')) return {};
  const absoluteSeconds = application.refreshAbsoluteSeconds ?? settings.refreshAbsoluteSeconds;
  const idleSeconds = application.refreshIdleSeconds ?? settings.refreshIdleSeconds;
  const absoluteExpiresAtMs = issuedAtMs + absoluteSeconds * 1000;
  const idleExpiresAtMs = Math.min(issuedAtMs + idleSeconds * 1000, absoluteExpiresAtMs);
  const bound = refreshBinding(confirmation);
  return {
    refresh: { idleExpiresAtMs, absoluteExpiresAtMs },
    ...(bound === null ? {} : { dpopJkt: bound }),
  };
}

/** The resources a token is for: those of the authorization, or fewer where the request names them (RFC 8707 §2.2). */
export function narrowedResources(params: Params, granted: readonly string[]): readonly string[] {
  const asked = (params.get('resource') ?? '').split(' ').filter((uri) => uri !== '');
  if (asked.length === 0) return granted;
  if (!asked.every((uri) => granted.includes(uri)))
    throw new OAuthError('invalid_target', 'resource names one the authorization request did not');
  return asked;
}
