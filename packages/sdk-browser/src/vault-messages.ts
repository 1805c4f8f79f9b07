import type { PackedError } from './pack-error.ts';
import type { TraceKind } from './trace.ts';
import type { Vault, VaultConfig } from './vault-contract.ts';

/** What a page posts to its worker. */
export type VaultCall =
  | { readonly type: 'ping' }
  | {
      readonly type: 'call';
      readonly id: number;
      readonly config: VaultConfig;
      readonly method: keyof Vault;
      readonly request: unknown;
    };

/** What a worker posts back. */
export type VaultMessage =
  | { readonly type: 'pong' }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly error: PackedError }
  | {
      readonly type: 'trace';
      readonly kind: TraceKind;
      readonly detail: Readonly<Record<string, unknown>>;
    };
