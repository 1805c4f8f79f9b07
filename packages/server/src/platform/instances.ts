import { type Instance, listInstances, listSigningKeys, type Scope, type Store } from '@latchkey/store';
import { type MasterKeyRing, unwrapDataKey } from './master-keys.ts';
import { createSealer, type DomainSealer, type Sealer, sealerOfDomain } from './seal.ts';
import { openSigningKey, type SigningKey } from './signing-keys.ts';

/** An instance as requests meet it: its address, settings, sealer and keys. */
export interface InstanceContext {
  readonly id: string;
  readonly scope: Scope;
  /**
   * Scheme, host and port of the domain that was called; also the issuer, since each domain of an instance is one (ZITADEL
   * dialect). Every link is built from it by `publicUrl`.
   */
  readonly origin: string;
  /** The origin of the first domain; tokens that name no issuer are of this one. */
  readonly primaryOrigin: string;
  readonly settings: Instance['settings'];
  readonly sealer: Sealer;
  readonly signingKeys: readonly SigningKey[];
}

/** The instances this process serves, by the host of the request. */
export interface Instances {
  readonly byHost: (host: string) => InstanceContext | undefined;
  /** Each instance once, at its first domain. */
  readonly all: () => readonly InstanceContext[];
  /** Reads everything again, after the log said that an instance or a key changed. */
  readonly reload: () => Promise<void>;
  /**
   * Settles once everything that was asked to be read again has been read; nothing at all when there is nothing to wait
   * for. What is read from here after that is as new as what this process has heard. Never rejects.
   */
  readonly settled: () => Promise<void> | undefined;
  /** Whether the instance has another sealer by now: texts that this one opened may be worth nothing any more. */
  readonly isSuperseded: (instance: InstanceContext) => boolean;
  /** Whether the last reading failed, so that what is here may be old. */
  readonly isBehind: () => boolean;
}

async function openInstance(
  store: Store,
  ring: MasterKeyRing,
  instance: Instance,
  sealers: Map<string, DomainSealer>,
): Promise<{ readonly context: InstanceContext; readonly sealer: DomainSealer } | undefined> {
  const primary = instance.domains.find((domain) => domain.isPrimary);
  if (primary === undefined) return undefined;
  const { id } = instance.settings;
  const { oldestAcceptedKeyVersion } = instance.settings;
  // The time, too: a backup restored a second time gives another key the version of one that this process knows.
  const versions = instance.dataKeys.map((key) => `${key.version}@${key.createdAtMs}`);
  const name = `${id}|${oldestAcceptedKeyVersion}|${versions.join()}`;
  const sealer =
    sealers.get(name) ??
    createSealer(
      id,
      instance.dataKeys.map((row) => ({ version: row.version, bytes: unwrapDataKey(ring, id, row) })),
      oldestAcceptedKeyVersion,
    );
  sealers.set(name, sealer);
  const rows = await listSigningKeys(store.db, { instanceId: id });
  const context = {
    id,
    scope: { instanceId: id },
    origin: primary.origin,
    primaryOrigin: primary.origin,
    settings: instance.settings,
    sealer,
    signingKeys: rows.map((row) => openSigningKey(row, sealer)),
  };
  return { context, sealer };
}

/** Loads the instances. Throws `MasterKeyProblem` when their data keys cannot be unwrapped. */
export async function loadInstances(store: Store, ring: MasterKeyRing): Promise<Instances> {
  const sealers = new Map<string, DomainSealer>();
  let hosts: ReadonlyMap<string, InstanceContext> = new Map();
  let all: readonly InstanceContext[] = [];
  const read = async (): Promise<void> => {
    const next = new Map<string, InstanceContext>();
    const firsts: InstanceContext[] = [];
    for (const instance of await listInstances(store.db)) {
      const opened = await openInstance(store, ring, instance, sealers);
      if (opened === undefined) continue;
      const { context, sealer } = opened;
      firsts.push(context);
      for (const { host, origin, isPrimary } of instance.domains)
        next.set(host, isPrimary ? context : { ...context, origin, sealer: sealerOfDomain(sealer, origin) });
    }
    hosts = next;
    all = firsts;
  };
  // One after the other, so that what was read earlier never takes the place of what was read later.
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  let unsettled: Promise<void> | undefined;
  let isBehind = false;
  const reload = (): Promise<void> => {
    if (waiting !== undefined) return waiting;
    const asked = running
      .then(undefined, () => undefined)
      .then(() => {
        waiting = undefined;
        running = read();
        return running;
      });
    waiting = asked;
    const settle = (failed: boolean): void => {
      isBehind = failed;
      if (unsettled === settling) unsettled = undefined;
    };
    const settling = asked.then(
      () => settle(false),
      () => settle(true),
    );
    unsettled = settling;
    return asked;
  };
  await reload();
  return {
    byHost: (host) => hosts.get(host),
    all: () => all,
    reload,
    settled: () => unsettled,
    isSuperseded: ({ id, sealer }) =>
      all.every((instance) => instance.id !== id || instance.sealer.serial !== sealer.serial),
    isBehind: () => isBehind,
  };
}

/**
 * The one door for addresses of ours: built from the instance's configured domain, never from a request header.
 * `path` begins with a slash.
 */
export function publicUrl(
  instance: Pick<InstanceContext, 'origin'>,
  path: string,
  query?: Readonly<Record<string, string>>,
): string {
  const search = query === undefined ? '' : new URLSearchParams(query).toString();
  return instance.origin + path + (search === '' ? '' : `?${search}`);
}
