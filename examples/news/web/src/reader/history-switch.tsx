import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { ConfirmDialog } from '../frame/confirm-dialog.tsx';
import type { Reader } from './reader-context.tsx';

interface HistorySwitchProps {
  readonly isOn: boolean;
  readonly reader: Reader;
  readonly onChange: (isOn: boolean) => void;
}

/** Switches the reading history on and off. Switching it off also clears it, so that asks first. */
export function HistorySwitch({ isOn, reader, onChange }: HistorySwitchProps) {
  const { cache } = useApi();
  const [isAsking, setAsking] = useState(false);
  return (
    <section className="preference-group" id="history" aria-labelledby="history-title">
      <h2 className="section-title" id="history-title">
        Reading history
      </h2>
      <label className="switch">
        <input
          type="checkbox"
          checked={isOn}
          aria-describedby="history-hint"
          data-testid="history-switch"
          onChange={() => (isOn ? setAsking(true) : onChange(true))}
        />
        <span>Record the articles I read</span>
      </label>
      <p id="history-hint" className="hint">
        Your feed leaves out what you have read. Only you see your history. Switching it off also clears it.
      </p>
      {isAsking ? (
        <ConfirmDialog
          title="Switch off and clear your history?"
          confirm="Switch off"
          isDangerous
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            cache.drop(reader.key('history'));
            onChange(false);
          }}
        >
          <p>The list of articles you have read is deleted, and nothing new is recorded.</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
