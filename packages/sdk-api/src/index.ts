export type {
  AuthError,
  InvalidToken,
  IssuerUnavailable,
  RequestRefusal,
  TokenRefusal,
  VerifierMisconfigured,
} from './auth-error.ts';
export { type BearerToken, parseBearerToken, type TokenCarrier } from './bearer-token.ts';
export { buildErrorResponse, type ChallengeOptions, type ErrorResponse } from './error-response.ts';
export type { Fetch } from './issuer-request.ts';
export type { KeyFile } from './key-file.ts';
export type { VerifyRequest } from './possession.ts';
export type { Principal, RoleQuery } from './principal.ts';
export {
  type ProtectedResource,
  protectedResourceMetadata,
  type ResourceMetadata,
} from './resource-metadata.ts';
export { createVerifier, type Verifier } from './verifier.ts';
export type { VerifierOptions } from './verifier-options.ts';
