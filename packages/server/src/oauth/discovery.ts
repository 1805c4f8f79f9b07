import { supportedLocales } from '@latchkey/login-ui';
import { buildMetadata, signingAlgorithms } from '@latchkey/protocol';
import { type Answer, json, type RequestContext } from '../platform/http.ts';

/** How long a key set may be kept; keys are published far longer than this before they sign. */
const keysMaxAgeSeconds = 300;

/** GET /.well-known/openid-configuration and /.well-known/oauth-authorization-server (Discovery §4, RFC 8414 §3). */
export function discovery(context: RequestContext): Answer {
  const { origin, settings, signingKeys } = context.instance;
  const active = signingKeys.filter((key) => key.state === 'active').map((key) => key.algorithm);
  const metadata = buildMetadata({
    issuer: origin,
    uiLocales: supportedLocales,
    signingAlgorithms: [...new Set(active)].sort(
      (a, b) => signingAlgorithms.indexOf(a) - signingAlgorithms.indexOf(b),
    ),
    dynamicRegistration: settings.dynamicRegistration === 'off' ? 'off' : 'on',
    clientIdMetadata: settings.isClientIdMetadataEnabled ? 'on' : 'off',
    selfRegistration: settings.isSelfRegistrationEnabled ? 'on' : 'off',
    clientCertificates: context.deps.clientCertificates.arrive,
  });
  return json(200, metadata, {
    'cache-control': 'public, max-age=300',
  });
}

/** GET /oauth/v2/keys: the public signing keys (RFC 7517 §5). */
export function keys(context: RequestContext): Answer {
  const keySet = { keys: context.instance.signingKeys.map((key) => key.publicJwk) };
  return json(200, keySet, { 'cache-control': `public, max-age=${keysMaxAgeSeconds}, must-revalidate` });
}
