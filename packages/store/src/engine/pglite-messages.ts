/** What the worker is started with. */
export interface PgliteWorkerData {
  /** PostgreSQL's own folder, or undefined for a database in memory. */
  readonly postgresDir: string | undefined;
  readonly durable: 'fsync' | 'unsafe-no-fsync';
  /** One 32-bit counter, raised with each fsync call that has returned. */
  readonly fsyncCounter: SharedArrayBuffer;
}

/** To the worker: protocol bytes of a connection (whole messages up to a Sync or a simple query), or the end. */
export type ToPgliteWorker =
  | { readonly kind: 'bytes'; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

/** From the worker: started, not started, PostgreSQL's answer to a connection's bytes. */
export type FromPgliteWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'bytes'; readonly connection: number; readonly bytes: Uint8Array };
