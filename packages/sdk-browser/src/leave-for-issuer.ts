import { ConfigurationError } from './auth-error.ts';
import { buildAuthorizeRequest, type SignInOptions } from './authorize-request.ts';
import type { ClientParts } from './client-parts.ts';
import { toAuthError } from './to-auth-error.ts';
import { saveTransaction } from './transaction.ts';

/** Sends the browser to the issuer. Throws `AuthError` when it cannot leave. */
export async function leaveForIssuer(parts: ClientParts, options: SignInOptions): Promise<void> {
  const callbackOrigin = URL.canParse(parts.redirectUri) ? new URL(parts.redirectUri).origin : undefined;
  if (callbackOrigin !== parts.page.origin) {
    throw new ConfigurationError(
      'redirect_uri_elsewhere',
      `This page is at ${parts.page.origin}, but the redirect URI is ${parts.redirectUri}. Open the app at the origin of the redirect URI (localhost and 127.0.0.1 differ), or change redirectUri and register the new one for client "${parts.settings.clientId}".`,
    );
  }
  try {
    const { url, transaction } = await buildAuthorizeRequest(parts, options);
    saveTransaction(parts.page, transaction);
    parts.page.navigate(url);
  } catch (thrown) {
    throw toAuthError(thrown);
  }
}
