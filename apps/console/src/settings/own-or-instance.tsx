import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { Button } from '../kit/button.tsx';
import { settingsMessages } from './messages.ts';
import type { GroupValues, OverridableGroup } from './setting-fields.ts';
import type { SettingsBody, SettingsScope } from './settings-state.ts';

interface OwnOrInstanceProps {
  readonly scope: SettingsScope;
  readonly group: OverridableGroup;
  readonly isOwn: boolean;
  readonly values: GroupValues;
  readonly save: (body: SettingsBody, onSaved: () => void) => void;
}

/**
 * Says whether a group is an organization's own, and lets it become that or follow the instance again; for the instance it
 * goes back to what Latchkey ships with. Taking back can be undone.
 */
export function OwnOrInstance({ scope, group, isOwn, values, save }: OwnOrInstanceProps) {
  const t = useText(settingsMessages);
  const isInstance = scope.kind === 'instance';
  const takeBack = (): void =>
    save({ [group]: null }, () =>
      toast(t(isInstance ? 'wasReset' : 'takenBack'), {
        action: { label: t('undo'), onClick: () => save({ [group]: values }, () => undefined) },
      }),
    );
  if (!isOwn) {
    return (
      <div className="settings-own">
        <span>{t('fromInstance')}</span>
        <Button size="small" onClick={() => save({ [group]: {} }, () => undefined)}>
          {t('customize')}
        </Button>
      </div>
    );
  }
  return (
    <div className="settings-own">
      {!isInstance && <span>{t('ownSettings')}</span>}
      <Button size="small" variant="quiet" onClick={takeBack}>
        {t(isInstance ? 'resetGroup' : 'takeBack')}
      </Button>
    </div>
  );
}
