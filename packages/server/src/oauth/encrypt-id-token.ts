import type { ApplicationFacts } from '@latchkey/protocol';
import { CompactEncrypt } from 'jose';
import { findClientKeys } from '../platform/client-keys.ts';
import { OAuthError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/http.ts';

/**
 * Wraps a signed ID token for the application's key (OpenID Connect Core §16.14, RFC 7516 §7.1). Throws `OAuthError`
 * `invalid_client` when the application publishes no key that fits.
 */
export async function encryptIdToken(
  context: Pick<RequestContext, 'instance' | 'deps'>,
  application: ApplicationFacts,
  signed: string,
): Promise<string> {
  const alg = application.idTokenEncryptedResponseAlg ?? '';
  const [key] = await findClientKeys(context, application, { use: 'enc', alg });
  if (key === undefined)
    throw new OAuthError(
      'invalid_client',
      `the application publishes no key that ${alg} can encrypt ID tokens for; add one to its jwks`,
    );
  return await new CompactEncrypt(Buffer.from(signed))
    .setProtectedHeader({
      alg,
      enc: application.idTokenEncryptedResponseEnc ?? 'A128CBC-HS256',
      cty: 'JWT',
      typ: 'JWT',
      ...(key.keyId === undefined ? {} : { kid: key.keyId }),
    })
    .encrypt(key.key);
}
