import { limits } from '@latchkey/protocol';
import { OAuthError } from '../platform/errors.ts';
import { type InstanceContext, publicUrl } from '../platform/instances.ts';
import { type OwnJwtType, type SigningKey, signJwt } from '../platform/signing-keys.ts';

type Claims = Readonly<Record<string, unknown>>;

/** Claims that grow with what a person is given; userinfo and introspection tell them, too. */
const leftOutWhenTooLong = /^urn:zitadel:iam:(org:project(:[0-9]+)?:roles|user:metadata)$/;

/** The claims without those that can be fetched, and where to fetch them, in the manner of OpenID Connect Core §5.6.2. */
function withoutLongClaims(claims: Claims, endpoint: string): Claims {
  const entries = Object.entries(claims);
  const left = entries.filter(([name]) => leftOutWhenTooLong.test(name)).map(([name]) => name);
  return {
    ...Object.fromEntries(entries.filter(([name]) => !left.includes(name))),
    _claim_names: Object.fromEntries(left.map((name) => [name, 'userinfo'])),
    _claim_sources: { userinfo: { endpoint } },
  };
}

/** Throws `invalid_request` for a token that is longer than we would take back: only a request can have made it so. */
function checkTokenLength(text: string): string {
  if (text.length > limits.issuedText)
    throw new OAuthError(
      'invalid_request',
      `the token would be longer than ${limits.issuedText} characters; ask for fewer scopes, claims or resources`,
    );
  return text;
}

/** Longer payloads are deflated; for the usual ones that would cost more than the rest of issuing. */
const compactFrom = 1000;

/** Seals an opaque access token. */
export function sealToken({ sealer }: Pick<InstanceContext, 'sealer'>, packed: string): string {
  const text =
    packed.length > compactFrom
      ? sealer.sealCompact('access-token', packed)
      : sealer.seal('access-token', packed);
  return checkTokenLength(text);
}

/**
 * Signs the claims of a token that comes back to us: no longer than `limits.issuedText`, else roles and metadata of the
 * person are left out and `_claim_names` says so.
 */
export async function signToken(
  instance: InstanceContext,
  key: SigningKey,
  claims: Claims,
  type: OwnJwtType,
): Promise<string> {
  const text = await signJwt(key, claims, type);
  if (text.length <= limits.issuedText) return text;
  const shorter = withoutLongClaims(claims, publicUrl(instance, '/oidc/v1/userinfo'));
  return checkTokenLength(await signJwt(key, shorter, type));
}
