import { type RawBuilder, sql } from 'kysely';
import type { Actor, Scope } from './scope.ts';

/** A grant that begins. `refresh` is absent when no refresh token is given out, so there is no family to keep. */
export interface NewGrant {
  readonly grantId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly applicationId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly authTimeMs: number;
  readonly amr: readonly string[];
  readonly refresh?: { readonly idleExpiresAtMs: number; readonly absoluteExpiresAtMs: number };
  /** The DPoP key every refresh must prove to hold (RFC 9449 §5). */
  readonly dpopJkt?: string;
  readonly resources?: readonly string[];
  /** Claims asked for one by one, repeated in refreshed tokens. */
  readonly claims?: unknown;
}

/**
 * The parts of a statement that begin a grant and log it, for each row of its part `used`: what may be used once has been
 * taken there, so the grant begins with it or not at all.
 */
export function grantFromUsed(
  scope: Scope,
  actor: Actor,
  input: NewGrant,
  nowMs: number,
): RawBuilder<unknown> {
  const { instanceId } = scope;
  const { refresh } = input;
  return sql`
    family as (
      insert into grants (instance_id, id, organization_id, user_id, session_id, application_id, client_id, scopes,
        auth_time_ms, amr, rotated_at_ms, idle_expires_at_ms, absolute_expires_at_ms, created_at_ms, dpop_jkt, resources, claims)
      select ${instanceId}, ${input.grantId}, ${input.organizationId}, ${input.userId}, ${input.sessionId}, ${input.applicationId},
        ${input.clientId}, ${[...input.scopes]}::text[], ${input.authTimeMs}::bigint, ${[...input.amr]}::text[], ${nowMs}::bigint,
        ${refresh?.idleExpiresAtMs ?? 0}::bigint, ${refresh?.absoluteExpiresAtMs ?? 0}::bigint, ${nowMs}::bigint,
        ${input.dpopJkt ?? null}::text, ${[...(input.resources ?? [])]}::text[],
        ${input.claims === undefined ? null : JSON.stringify(input.claims)}::jsonb
      from used where ${refresh !== undefined}::boolean),
    logged as (
      insert into events (instance_id, at_ms, type, object_kind, object_id, organization_id, actor_kind, actor_id, ip, detail, is_waking)
      select ${instanceId}, ${nowMs}::bigint, 'grant.started', 'grant', ${input.grantId}, ${input.organizationId}, ${actor.kind}, ${actor.id},
        ${actor.ip ?? null}, jsonb_build_object('userId', ${input.userId}::text, 'clientId', ${input.clientId}::text,
          'sessionId', ${input.sessionId}::text, 'scopes', to_jsonb(${[...input.scopes]}::text[])), false
      from used)`;
}
