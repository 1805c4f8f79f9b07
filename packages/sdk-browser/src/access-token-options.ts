/** Which access token is wanted. Nothing of it: the one of the session. */
export type AccessTokenOptions = {
  /** The API the token is for. RFC 8707 §2. */
  readonly resource?: string | undefined;
  /** Space-separated: at most what the session was granted. RFC 6749 §6. */
  readonly scope?: string | undefined;
  /** The ID of the organization to act in. */
  readonly organization?: string | undefined;
};

/** The same text for the same wishes, in whatever order scopes are named; undefined for the session's own token. */
export function keyOfOptions({ resource, scope, organization }: AccessTokenOptions): string | undefined {
  if (resource === undefined && scope === undefined && organization === undefined) return undefined;
  return JSON.stringify([resource, scope?.split(' ').filter(Boolean).sort(), organization]);
}

/** The scope that limits a sign-in to one organization, in ZITADEL's dialect. */
export function organizationScope(organization: string): string {
  return `urn:zitadel:iam:org:id:${organization}`;
}
