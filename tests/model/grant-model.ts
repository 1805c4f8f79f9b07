/** What the model says of a grant's life. It knows the rules (decision 0007, RFC 6749, RFC 9700) and nothing of the code. */

export const lifetimesMs = {
  code: 60_000,
  accessToken: 900_000,
  refreshIdle: 2_592_000_000,
  refreshAbsolute: 7_776_000_000,
  grace: 10_000,
  /** For how long after its use a refresh token is no sign of theft. */
  parting: 60_000,
  /** How long a second redemption of a code is no theft. */
  repeat: 10_000,
} as const;

export interface ModelSession {
  readonly startedAtMs: number;
  ended: boolean;
}

export interface ModelGrant {
  readonly app: 0 | 1;
  readonly session: ModelSession;
  readonly codeAtMs: number;
  /** When the code was redeemed; `undefined` while it has not been. */
  redeemedAtMs: number | undefined;
  generation: number;
  /** When each generation was followed by the next, by generation. */
  readonly replacedAtMs: Map<number, number>;
  idleEndsAtMs: number;
  absoluteEndsAtMs: number;
  ended: boolean;
}

export interface ModelAccessToken {
  readonly text: string;
  readonly grant: ModelGrant;
  readonly issuedAtMs: number;
  /** Once `true` it never becomes `false`: nothing dead comes back. */
  dead: boolean;
}

export interface ModelRefreshToken {
  readonly text: string;
  readonly grant: ModelGrant;
  readonly generation: number;
}

export interface Model {
  nowMs: number;
  isUserActive: boolean;
  readonly isAppActive: [boolean, boolean];
  isProjectActive: boolean;
  readonly sessions: ModelSession[];
  readonly grants: ModelGrant[];
  readonly accessTokens: ModelAccessToken[];
  readonly refreshTokens: ModelRefreshToken[];
}

/** A user, a project with two applications, and nothing issued yet. */
export function emptyModel(nowMs: number): Model {
  return {
    nowMs,
    isUserActive: true,
    isAppActive: [true, true],
    isProjectActive: true,
    sessions: [],
    grants: [],
    accessTokens: [],
    refreshTokens: [],
  };
}

export function mayAppAct(model: Model, app: 0 | 1): boolean {
  return model.isAppActive[app] && model.isProjectActive;
}

/** Ends every grant that matches, and all its tokens. */
export function endGrants(model: Model, matches: (grant: ModelGrant) => boolean): void {
  for (const grant of model.grants) if (matches(grant)) grant.ended = true;
  for (const token of model.accessTokens) if (matches(token.grant)) token.dead = true;
}

export function endSession(model: Model, session: ModelSession): void {
  session.ended = true;
  endGrants(model, (grant) => grant.session === session);
}

/** What redeeming a code by its own application does. */
export function redeemOutcome(
  model: Model,
  grant: ModelGrant,
): 'tokens' | 'invalid_client' | 'refused' | 'replay' {
  if (!mayAppAct(model, grant.app)) return 'invalid_client';
  // With its verifier, within seconds: a page that loaded twice (decision 0032).
  if (grant.redeemedAtMs !== undefined)
    return model.nowMs - grant.redeemedAtMs < lifetimesMs.repeat ? 'refused' : 'replay';
  if (grant.session.ended || model.nowMs >= grant.codeAtMs + lifetimesMs.code) return 'refused';
  return 'tokens';
}

/** What presenting a refresh token by its own application does (decision 0007, RFC 9700 §4.14.2). */
export function refreshOutcome(
  model: Model,
  { grant, generation }: ModelRefreshToken,
): 'rotate' | 'sibling' | 'invalid_client' | 'refused' | 'replay' {
  if (!mayAppAct(model, grant.app)) return 'invalid_client';
  if (grant.ended || model.nowMs >= Math.min(grant.idleEndsAtMs, grant.absoluteEndsAtMs)) return 'refused';
  if (generation === grant.generation) return 'rotate';
  const sinceMs = model.nowMs - (grant.replacedAtMs.get(generation) ?? 0);
  if (sinceMs < lifetimesMs.grace) return 'sibling';
  return sinceMs < lifetimesMs.parting ? 'refused' : 'replay';
}

/** Whether introspection must call a token active. */
export function isActive(model: Model, token: ModelAccessToken): boolean {
  // A token ends on a whole second, the one its lifetime after issue falls into.
  const endsAtMs = Math.floor((token.issuedAtMs + lifetimesMs.accessToken) / 1000) * 1000;
  return !token.dead && model.nowMs < endsAtMs;
}

/** A grant whose code has just been redeemed. */
export function beginFamily(model: Model, grant: ModelGrant): void {
  grant.redeemedAtMs = model.nowMs;
  grant.generation = 1;
  grant.idleEndsAtMs = model.nowMs + lifetimesMs.refreshIdle;
  grant.absoluteEndsAtMs = model.nowMs + lifetimesMs.refreshAbsolute;
}

/** A grant of which a refresh token has just been taken. */
export function advanceFamily(model: Model, grant: ModelGrant, step: 'rotate' | 'sibling'): void {
  if (step === 'rotate') {
    grant.replacedAtMs.set(grant.generation, model.nowMs);
    grant.generation += 1;
  }
  grant.idleEndsAtMs = Math.min(model.nowMs + lifetimesMs.refreshIdle, grant.absoluteEndsAtMs);
}
