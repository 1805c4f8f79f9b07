import { useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import type { FlowLog } from './flow-log.ts';
import { FlowStepItem } from './flow-step-item.tsx';

/** The panel “What just happened”: every message of the sign-in and of the API call, in order, as it travels. */
export function FlowPanel({ log }: { readonly log: FlowLog }) {
  const steps = useSyncExternalStore(log.subscribe, log.getSnapshot, log.getSnapshot);
  const [open, setOpen] = useState(true);
  const contentId = useId();
  const panel = useRef<HTMLElement>(null);
  const newest = steps.at(-1);
  useEffect(() => {
    // The sign-in is read from its start; a call of the API shall be seen when it happens. This moves the panel only
    // where it scrolls by itself, beside the stage.
    if (newest?.to !== 'Quotes API' && newest?.from !== 'Quotes API') return;
    panel.current?.scrollTo({ top: panel.current.scrollHeight });
  }, [newest]);
  return (
    <section
      ref={panel}
      className="flow-panel"
      data-testid="flow-panel"
      data-open={open}
      aria-label="What just happened"
    >
      <h2>
        <button
          type="button"
          className="flow-toggle"
          aria-expanded={open}
          aria-controls={contentId}
          onClick={() => setOpen(!open)}
        >
          <span>What just happened</span>
          <span className="flow-count">{countText(steps.length)}</span>
          <svg className="flow-chevron" viewBox="0 0 16 16" aria-hidden="true">
            <path d="m4 6 4 4 4-4" />
          </svg>
        </button>
      </h2>
      <div id={contentId} hidden={!open} className="flow-content">
        {steps.length === 0 ? (
          <p className="flow-empty">
            Nothing yet. Sign in, and every message between your browser, Latchkey and the Quotes API is
            written down here as it travels, with its secrets masked.
          </p>
        ) : (
          <ol className="flow-steps">
            {steps.map((step, index) => (
              <FlowStepItem key={step.key} step={step} number={index + 1} />
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}

function countText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '1 step' : `${count} steps`;
}
