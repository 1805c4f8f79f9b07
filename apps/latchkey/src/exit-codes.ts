import { ApiProblem, type ProblemBody } from '@latchkey/contract/client';

/** What the command line exits with, and what each code means to a script. */
export const exitCodes = {
  done: { code: 0, meaning: 'done' },
  unexpected: { code: 1, meaning: 'something unexpected, or a local command that failed' },
  usage: { code: 2, meaning: 'the command was called wrongly' },
  notLoggedIn: { code: 3, meaning: 'not logged in, or the login has ended' },
  forbidden: { code: 4, meaning: 'the manager roles of the caller do not allow it' },
  notFound: { code: 5, meaning: 'there is no such thing, or not for the caller' },
  conflict: { code: 6, meaning: 'the state of things does not allow it, or it was changed meanwhile' },
  invalidInput: { code: 7, meaning: 'the input is not as the operation describes it' },
  unreachable: { code: 8, meaning: 'the server cannot be reached or cannot answer now' },
  findings: { code: 9, meaning: 'doctor found something broken' },
} as const;

/** A reason to exit with something else than 0. */
export type ExitReason = Exclude<keyof typeof exitCodes, 'done'>;

/** A command that could not be carried out; the message is for people and says what to do next. */
export class CommandProblem extends Error {
  override readonly name = 'CommandProblem';
  readonly reason: ExitReason;

  constructor(reason: ExitReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const reasonsByStatus: Readonly<Record<number, ExitReason>> = {
  400: 'invalidInput',
  401: 'notLoggedIn',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  412: 'conflict',
  413: 'invalidInput',
  415: 'invalidInput',
  422: 'conflict',
  429: 'unreachable',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
};

/** Whether `fetch` gave up because nobody answered. */
export function isUnreachable(error: unknown): error is TypeError {
  return error instanceof TypeError && error.message === 'fetch failed';
}

function causeOf(error: TypeError): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return 'nobody answered';
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}

/** The code to exit with after an error; `undefined` for one nobody has thought of. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof CommandProblem) return exitCodes[error.reason].code;
  if (error instanceof ApiProblem)
    return exitCodes[reasonsByStatus[error.problem.status] ?? 'unexpected'].code;
  return isUnreachable(error) ? exitCodes.unreachable.code : undefined;
}

function problemLines(problem: ProblemBody): string {
  const errors = problem.errors?.map(({ pointer, detail }) => `  ${pointer || '(body)'}: ${detail}`) ?? [];
  const dependents =
    problem.dependents?.map(
      ({ kind, count, names = [] }) =>
        `  ${count} ${kind}${names.length === 0 ? '' : `: ${names.join(', ')}`}`,
    ) ?? [];
  const request = problem.instance === '' ? [] : [`Request: ${problem.instance} (${problem.code})`];
  return [`${problem.title}: ${problem.detail}`, ...errors, ...dependents, problem.next, ...request].join(
    '\n',
  );
}

/** What people are told about an error that was thought of. */
export function sentenceOf(error: Error): string {
  const { message } = error;
  if (error instanceof ApiProblem) return problemLines(error.problem);
  if (isUnreachable(error))
    return `The server cannot be reached: ${causeOf(error)}. Check the address, and that it runs.`;
  return message;
}

/** The same as JSON for scripts: the API's own problem where there is one. */
export function problemJsonOf(error: Error): string {
  if (error instanceof ApiProblem) return JSON.stringify(error.problem);
  const code = error instanceof CommandProblem ? error.reason : 'unreachable';
  return JSON.stringify({
    type: 'about:blank',
    title: 'The command was not carried out',
    code,
    detail: sentenceOf(error),
  });
}

/** The table of exit codes. */
export function exitCodeLines(): readonly string[] {
  return Object.values(exitCodes).map(({ code, meaning }) => `${code}  ${meaning}`);
}
