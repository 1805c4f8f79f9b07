import { ApiProblem } from '@latchkey/contract/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { useText } from '../i18n/text.ts';
import { kitMessages } from './messages.ts';

/** Something a button does: afterwards what is shown is read again, and what went wrong is told with what to do next. */
export function useAction<Input = void>(
  run: (input: Input) => Promise<unknown>,
  refreshes: readonly string[],
) {
  const t = useText(kitMessages);
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async () => {
      await Promise.all(refreshes.map((name) => client.invalidateQueries({ queryKey: [name] })));
      toast.success(t('saved'));
    },
    onError: (error) => {
      const text =
        error instanceof ApiProblem ? `${error.problem.detail} ${error.problem.next}` : error.message;
      toast.error(text);
    },
  });
}
