import { type ReactNode, useEffect, useRef } from 'react';
import { useBlocker } from 'react-router';
import { ConfirmDialog } from '../frame/confirm-dialog.tsx';

/** Asks before changes are lost: by a dialog inside the app, by the browser's own when the page is closed. */
export function useLeaveGuard(isDirty: boolean): {
  readonly dialog: ReactNode;
  readonly allowLeaving: () => void;
} {
  const mayLeave = useRef(false);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty && !mayLeave.current && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isDirty) return;
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!mayLeave.current) event.preventDefault();
    };
    window.addEventListener('beforeunload', onUnload);
    return () => window.removeEventListener('beforeunload', onUnload);
  }, [isDirty]);
  const dialog =
    blocker.state === 'blocked' ? (
      <ConfirmDialog
        title="Leave without saving?"
        confirm="Leave"
        cancel="Keep editing"
        isDangerous
        onConfirm={() => blocker.proceed()}
        onCancel={() => blocker.reset()}
      >
        <p>Your changes to this article are not saved.</p>
      </ConfirmDialog>
    ) : null;
  return {
    dialog,
    allowLeaving: () => {
      mayLeave.current = true;
    },
  };
}
