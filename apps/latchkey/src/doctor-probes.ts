import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createStore, isFolderHeld, openPglite, openPostgres } from '@latchkey/store';
import { z } from 'zod';
import type { DatabaseConfiguration } from './configuration.ts';
import {
  type Finding,
  judgeCertificate,
  judgeClock,
  judgeKeySet,
  judgeSchema,
  type SeenCertificate,
} from './doctor-findings.ts';

const timeoutMs = 15_000;

/** Looks the host of an issuer up. Rejects when it has no address. */
export async function probeDns(issuer: string): Promise<Finding> {
  const host = new URL(issuer).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0)
    return { check: 'dns', outcome: 'good', detail: `${host} is an address; no name is looked up.` };
  const found = await lookup(host, { all: true });
  const addresses = found.map(({ address }) => address).join(', ');
  return { check: 'dns', outcome: 'good', detail: `${host} is ${addresses}.` };
}

async function certificateOf(issuer: string): Promise<SeenCertificate> {
  const { hostname, port } = new URL(issuer);
  const host = hostname.replace(/^\[|\]$/g, '');
  return await new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host, port: Number(port || 443), rejectUnauthorized: false, timeout: timeoutMs },
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    socket.once('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate();
      const distrust = socket.authorized ? undefined : String(socket.authorizationError);
      socket.end();
      resolve({ validToMs: Date.parse(validTo), distrust });
    });
    socket.once('timeout', () => socket.destroy(new Error('no TLS answer came in time')));
    socket.once('error', reject);
  });
}

/** Looks at the certificate of an https issuer. Rejects when no TLS connection comes about. */
export async function probeTls(issuer: string, nowMs: number): Promise<Finding> {
  return judgeCertificate(await certificateOf(issuer), nowMs);
}

/** Asks the server whether it can serve. */
export async function probeReadiness(issuer: string): Promise<Finding> {
  const response = await fetch(`${issuer}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
  return response.ok
    ? { check: 'readiness', outcome: 'good', detail: 'The server reaches its database.' }
    : {
        check: 'readiness',
        outcome: 'broken',
        detail: `/readyz answers with status ${response.status}.`,
        fix: 'Look into the log of the server; its database is away, or it is starting or stopping.',
      };
}

/** Compares the clock of the server with the one here. */
export async function probeClock(issuer: string): Promise<Finding> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  return judgeClock(Date.parse(response.headers.get('date') ?? '') - Date.now());
}

const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });
const metadata = z.object({ jwks_uri: z.url() });

/** Fetches the key set as a client does. */
export async function probeKeySet(issuer: string): Promise<Finding> {
  const signal = AbortSignal.timeout(timeoutMs);
  const discovered = await fetch(`${issuer}/.well-known/openid-configuration`, { signal });
  const { jwks_uri: address } = metadata.parse(await discovered.json());
  const response = await fetch(address, { signal });
  const parsed = keySet.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !parsed.success)
    return {
      ...{
        check: 'key set',
        outcome: 'broken',
        detail: `${address} answers no key set (${response.status}).`,
      },
      fix: 'Let the proxy pass this address on to the server.',
    };
  return judgeKeySet(parsed.data.keys, response.headers.get('cache-control'));
}

/** Looks at the database of this machine's configuration, without changing it. Rejects when it cannot be opened. */
export async function probeDatabase(database: DatabaseConfiguration): Promise<readonly Finding[]> {
  if (database.kind === 'embedded') {
    const { dataDir } = database;
    if (!existsSync(join(dataDir, 'postgres')))
      return [{ check: 'database', outcome: 'good', detail: `${dataDir} has no data yet.` }];
    if (await isFolderHeld(dataDir))
      return [{ check: 'database', outcome: 'good', detail: `A running server holds ${dataDir}.` }];
  }
  const engine =
    database.kind === 'postgres'
      ? await openPostgres({ url: database.url, poolSize: 1 })
      : await openPglite({ dataDir: database.dataDir, durable: 'fsync' });
  const store = createStore(engine);
  try {
    return judgeSchema(await store.inspect());
  } finally {
    await store.close();
  }
}
