import {
  type ClientFacts,
  type Confirmation,
  type EpochMs,
  type Params,
  type ResourceFacts,
  refreshBinding,
} from '@latchkey/protocol';
import type { NewGrant } from '@latchkey/store';
import { OAuthError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/http.ts';
import type { InstanceContext } from '../../platform/instances.ts';
import { type Obtaining, obtainResources } from '../../platform/obtain.ts';

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
function narrowedResources(params: Params, granted: readonly string[]): readonly string[] {
  const asked = (params.get('resource') ?? '').split(' ').filter((uri) => uri !== '');
  if (asked.length === 0) return granted;
  if (!asked.every((uri) => granted.includes(uri)))
    throw new OAuthError('invalid_target', 'resource names one the authorization request did not');
  return asked;
}

/**
 * The resources a token is for, decided again: those of the authorization, or fewer where the request names them. Throws
 * `invalid_target` when one that is named, or all of them, may no longer be obtained: a token for resources never becomes
 * one for the whole project (RFC 8707 §2.2).
 */
export async function obtainNarrowed(
  context: RequestContext,
  obtaining: Obtaining,
  params: Params,
  granted: readonly string[],
): Promise<readonly ResourceFacts[]> {
  const wanted = narrowedResources(params, granted);
  const kept = await obtainResources(context, obtaining, wanted);
  const isMissing = params.has('resource') ? kept.length < wanted.length : kept.length === 0;
  if (wanted.length > 0 && isMissing)
    throw new OAuthError('invalid_target', 'resource is no longer available to this application');
  return kept;
}
