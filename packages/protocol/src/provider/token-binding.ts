import type { ClientMetadata } from '../wire/client-metadata.ts';
import type { Confirmation } from './access-token.ts';
import type { ApplicationFacts } from './facts.ts';

/** What says whether the access tokens of an application must be bound. */
export type BindingRules = Pick<
  ApplicationFacts,
  'isDpopRequired' | 'isCertificateBound' | 'securityProfile'
>;

/**
 * Whether every access token of an application must be bound to a key that the application holds.
 * @see RFC 9449 §5.2; RFC 8705 §3.4; FAPI 2.0 Security Profile §5.3.2.1
 */
export function needsBoundTokens(application: BindingRules): boolean {
  return (
    application.isDpopRequired || application.isCertificateBound || application.securityProfile !== 'standard'
  );
}

/** What a developer is told when a response type is refused because its access token would be unbound. */
export const unboundResponseDetail =
  'the access tokens of this application must be bound to a key, which the authorization endpoint cannot do; use response_type=code';

/**
 * Whether an application would get an unbound access token by a response type, although its tokens must be bound: an
 * access token in an authorization response is always a bearer token, since only the token endpoint sees a key.
 * @see RFC 9449 §5; RFC 9700 §2.1.2
 */
export function isUnboundResponse(application: BindingRules, responseType: string): boolean {
  return needsBoundTokens(application) && responseType.split(' ').includes('token');
}

/**
 * Whether a client would register response types that yield an unbound access token although it wants bound ones.
 * @see RFC 9449 §5.2; RFC 8705 §3.4
 */
export function isUnboundRegistration(
  metadata: Pick<ClientMetadata, 'isDpopBound' | 'isCertificateBound'>,
  responseTypes: readonly string[],
): boolean {
  const rules = {
    isDpopRequired: metadata.isDpopBound ?? false,
    isCertificateBound: metadata.isCertificateBound ?? false,
    securityProfile: 'standard',
  } as const;
  return responseTypes.some((type) => isUnboundResponse(rules, type));
}

/**
 * The key an exchanged token is bound to: the one proved in this request, else the one that a token shown was bound to,
 * so that an exchange never turns a bound token into a bearer token.
 * @see RFC 9700 §2.2.1; RFC 8693 §2.1
 */
export function exchangedConfirmation(
  proven: Confirmation | undefined,
  shown: readonly (Confirmation | undefined)[],
): Confirmation | undefined {
  return proven ?? shown.find((confirmation) => confirmation !== undefined);
}
