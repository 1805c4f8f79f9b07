import type { PublicConfig } from './web-config.ts';

/**
 * The headers of every answer. The policy names the two places the page talks to, issuer and API, and nothing else; behind
 * the web server the page talks to that alone.
 */
export function securityHeaders(page: PublicConfig): Readonly<Record<string, string>> {
  const [issuer, api] =
    page.mode === 'bff' ? ['', ''] : [` ${new URL(page.issuer).origin}`, ` ${new URL(page.apiUrl).origin}`];
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'font-src': "'self'",
    // Articles have their pictures at the API; the preview of an unsaved picture is a data: address.
    'img-src': `'self' data:${api}`,
    'connect-src': `'self'${issuer}${api}`,
    // A silent sign-in loads the issuer in a hidden frame, which ends on a page of this origin.
    'frame-src': `'self'${issuer}`,
    'frame-ancestors': "'self'",
    'form-action': `'self'${issuer}`,
    'base-uri': "'none'",
    'object-src': "'none'",
  };
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    // The address of the page carries the authorization code for a moment; it must not leak as a referrer.
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  };
}
