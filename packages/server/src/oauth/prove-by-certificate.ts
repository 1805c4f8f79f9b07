import { type ClientFacts, isCertificateOf, parseCertificateNames } from '@latchkey/protocol';
import { type ClientCertificate, clientCertificateOf } from '../platform/client-certificate.ts';
import { fingerprintOf } from '../platform/client-key.ts';
import { listClientKeys } from '../platform/client-keys.ts';
import type { RequestContext } from '../platform/http.ts';
import { clientRefusal } from './client-refusal.ts';

function isNamed({ application }: ClientFacts, certificate: ClientCertificate): boolean {
  if (certificate.vouchedBy !== 'authority' || application.tlsClientAuth === null) return false;
  const names = parseCertificateNames(certificate.x509.raw);
  return names !== undefined && isCertificateOf(application.tlsClientAuth, names);
}

/** RFC 8705 §2.2: one of the client's keys; where a certificate was registered with the key, that certificate exactly. */
async function isRegistered(
  context: RequestContext,
  { application }: ClientFacts,
  { x509 }: ClientCertificate,
): Promise<boolean> {
  const shown = fingerprintOf(x509.publicKey);
  const keys = await listClientKeys(context, application, { fingerprint: shown });
  return keys.some(
    (key) =>
      key.fingerprint === shown &&
      key.uses.includes('sig') &&
      (key.certificateDer === undefined || key.certificateDer.equals(x509.raw)),
  );
}

/**
 * Lets an application that is registered for it prove itself by the certificate of its TLS connection: one that an
 * authority vouches for and that names it, or one it registered. Throws `OAuthError` `invalid_client` otherwise.
 * Source: RFC 8705 §2.1, §2.2.
 */
export async function proveByCertificate(
  context: RequestContext,
  client: ClientFacts,
  method: 'tls_client_auth' | 'self_signed_tls_client_auth',
): Promise<void> {
  const { clientId } = client.application;
  const certificate = clientCertificateOf(context);
  if (certificate === undefined)
    throw clientRefusal(
      'this application authenticates by a client certificate; send it on the TLS connection',
      `no certificate of ${clientId}`,
    );
  const isProven =
    method === 'tls_client_auth'
      ? isNamed(client, certificate)
      : await isRegistered(context, client, certificate);
  if (isProven) return;
  throw clientRefusal(
    method === 'tls_client_auth'
      ? 'the client certificate does not bear the registered name, or no accepted authority issued it'
      : 'the client certificate is not one of the keys registered for this application',
    `certificate ${certificate.thumbprint} of ${clientId}`,
  );
}
