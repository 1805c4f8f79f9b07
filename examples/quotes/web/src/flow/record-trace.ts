import type { TraceEvent } from '@latchkey/react';
import { describeTrace } from './describe-trace.ts';
import type { FlowLog } from './flow-log.ts';
import type { FlowSection, FlowStep } from './flow-step.ts';

/**
 * Makes the `onTrace` listener that writes into the log. A sign-in begins a new journey. A silent attempt begins one
 * only when it succeeds, so that a failed one leaves the journey before it (a sign-out, say) to be read.
 */
export function createTraceRecorder(log: FlowLog): (event: TraceEvent) => void {
  let silentRequest: FlowStep | undefined;
  let addresses: FlowSection | undefined;
  const withAddresses = (step: FlowStep): FlowStep => {
    if (addresses === undefined || step.from !== 'Browser') return step;
    const sections = [...step.sections, addresses];
    addresses = undefined;
    return { ...step, sections };
  };
  return (event) => {
    if (event.kind === 'discovery') addresses = describeDiscovery(event);
    const described = describeTrace(event);
    if (described === undefined) return;
    const step = withAddresses(described);
    if (step.key === 'silent-request') {
      silentRequest = step;
      return;
    }
    if (step.key === 'silent-answer') {
      const isSignedIn = event.detail.outcome === 'code';
      if (isSignedIn) log.restart();
      // Other keys, so that a failed attempt leaves the steps of an earlier good one where they are.
      const keyOf = ({ key }: FlowStep) => (isSignedIn ? key : `${key}-failed`);
      if (silentRequest !== undefined) log.record({ ...silentRequest, key: keyOf(silentRequest) });
      log.record({ ...step, key: keyOf(step) });
      return;
    }
    // The refusal that came back in the address has been told as such.
    const last = log.getSnapshot().at(-1);
    if (step.key === 'error' && last?.key === 'callback' && last.outcome === 'problem') return;
    if (step.key === 'authorize-request') log.restart();
    log.record(step);
  };
}

// Reading the metadata is a request too, but it says nothing about anybody: it hangs on the step that needed it.
function describeDiscovery(event: TraceEvent): FlowSection {
  return {
    title: 'How it knew the addresses',
    rows: [
      {
        name: 'GET',
        value: String(event.detail.url),
        note: 'Latchkey’s public metadata (discovery) names its endpoints and keys. Only the issuer is configured.',
      },
      { name: 'issuer', value: String(event.detail.issuer) },
    ],
  };
}
