import { type Bff, type BffOptions, ConfigurationError, createBff } from '@latchkey/bff';
import type { AuthOptions } from './auth-options.ts';
import { toOwnError } from './own-errors.ts';

/**
 * Next.js bundles pages, route handlers and proxy.ts apart, so that a module is evaluated several times in a process. They
 * share one backend for frontend: simultaneous requests of a session then share one refresh, and a memory store is one store.
 */
const KEY = Symbol.for('@latchkey/next');

const created = new WeakMap<AuthOptions, Bff>();

/** The backend for frontend with these options in this process. Throws `ConfigurationError` when one is missing or wrong. */
export function shareBff(options: AuthOptions): Bff {
  const known = created.get(options);
  if (known !== undefined) return known;
  const shared = sharedMap();
  // What cannot be written down is that of the module that asks first.
  const { store: _store, endedSessions: _ended, fetch: _fetch, now: _now, log: _log, ...written } = options;
  const key = JSON.stringify(written);
  const bff = shared.get(key) ?? createBff(checkPresent(options));
  shared.set(key, bff);
  const own = withOwnErrors(bff);
  created.set(options, own);
  return own;
}

function withOwnErrors(bff: Bff): Bff {
  const refuse = (error: unknown) => {
    throw toOwnError(error);
  };
  return {
    ...bff,
    getAccessToken: (...call) => bff.getAccessToken(...call).catch(refuse),
    fetch: (...call) => bff.fetch(...call).catch(refuse),
  };
}

function sharedMap(): Map<string, Bff> {
  const known: unknown = Reflect.get(globalThis, KEY);
  // cast: nobody else has the key
  if (known instanceof Map) return known as Map<string, Bff>;
  const shared = new Map<string, Bff>();
  Reflect.set(globalThis, KEY, shared);
  return shared;
}

function checkPresent(options: AuthOptions): BffOptions {
  const { issuer, clientId, baseUrl, cookieSecret } = options;
  const needed = { issuer, clientId, baseUrl, cookieSecret };
  const missing = Object.entries(needed).flatMap(([name, value]) =>
    value === undefined || value === '' ? [name] : [],
  );
  if (
    issuer === undefined ||
    clientId === undefined ||
    baseUrl === undefined ||
    cookieSecret === undefined ||
    missing.length > 0
  )
    throw new ConfigurationError(
      'missing_option',
      `createAuth lacks ${missing.join(', ')}. Set them in the environment of the running app (.env.local) or write them out.`,
    );
  return { ...options, issuer, clientId, baseUrl, cookieSecret };
}
