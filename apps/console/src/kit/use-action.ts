import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { kitMessages } from './messages.ts';
import { errorText } from './problem-text.ts';

interface ActionOptions<Input> {
  /** What takes it back; the message that it is done offers it. */
  readonly undo?: (input: Input) => Promise<unknown>;
}

/** Something a button does: afterwards what is shown is read again, and what went wrong is told with what to do next. */
export function useAction<Input = void>(
  run: (input: Input) => Promise<unknown>,
  refreshes: readonly string[],
  { undo }: ActionOptions<Input> = {},
) {
  const t = useText(kitMessages);
  const client = useQueryClient();
  const refresh = () => Promise.all(refreshes.map((name) => client.invalidateQueries({ queryKey: [name] })));
  const tell = (error: Error): void => {
    toast.error(errorText(error));
  };
  const takeBack = async (input: Input): Promise<void> => {
    try {
      await undo?.(input);
      toast.success(t('undone'));
    } catch (error) {
      tell(error instanceof Error ? error : new Error(String(error)));
    }
    await refresh();
  };
  return useMutation({
    mutationFn: run,
    onSuccess: async (_, input) => {
      await refresh();
      toast.success(
        t('saved'),
        undo === undefined ? {} : { action: { label: t('undo'), onClick: () => void takeBack(input) } },
      );
    },
    onError: tell,
  });
}
