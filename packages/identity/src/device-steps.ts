/** How far a person has come with approving a device. */
export interface DeviceProgress {
  /** What the code they typed stands for; `gone` when it was decided, redeemed or has expired meanwhile. */
  readonly code: 'none' | 'waiting' | 'gone';
  /** Sessions of this browser. */
  readonly sessionIds: readonly string[];
  /** The one they chose, or just began. */
  readonly chosenSessionId?: string;
}

/** The page that comes next. */
export type DeviceStep =
  | { readonly kind: 'code' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'accounts' }
  | { readonly kind: 'confirm'; readonly sessionId: string };

/**
 * Says what approving a device needs next. Nobody is asked to confirm who is not signed in, and with several accounts
 * nobody approves as one they did not choose.
 */
export function nextDeviceStep({ code, sessionIds, chosenSessionId }: DeviceProgress): DeviceStep {
  if (code === 'none') return { kind: 'code' };
  if (code === 'gone') return { kind: 'gone' };
  if (chosenSessionId !== undefined && sessionIds.includes(chosenSessionId))
    return { kind: 'confirm', sessionId: chosenSessionId };
  const [only, ...others] = sessionIds;
  if (only === undefined) return { kind: 'sign-in' };
  return others.length === 0 ? { kind: 'confirm', sessionId: only } : { kind: 'accounts' };
}
