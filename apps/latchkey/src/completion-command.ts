import { Argument, type Command } from 'commander';
import { exitCodeLines } from './exit-codes.ts';

function wordsOf(command: Command): readonly string[] {
  return [
    ...command.commands.map((each) => each.name()),
    ...command.options.map((option) => option.long ?? option.short ?? ''),
  ].filter((word) => word !== '');
}

function rows(program: Command): readonly (readonly [string, readonly string[]])[] {
  return [
    ['', wordsOf(program)],
    ...program.commands.flatMap((group) => [
      [group.name(), wordsOf(group)] as const,
      ...group.commands.map((each) => [`${group.name()} ${each.name()}`, wordsOf(each)] as const),
    ]),
  ];
}

function bashText(program: Command): string {
  const cases = rows(program).map(([path, words]) => `    '${path}') words='${words.join(' ')}' ;;`);
  return [
    '_latchkey() {',
    '  local path="" word words="" index',
    '  for ((index = 1; index < COMP_CWORD && index < 3; index++)); do',
    '    word="$' + '{COMP_WORDS[index]}"',
    '    [[ "$word" == -* ]] && break',
    '    path="$' + '{path:+$path }$word"',
    '  done',
    '  case "$path" in',
    ...cases,
    '    *) words="" ;;',
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$' + '{COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _latchkey latchkey',
  ].join('\n');
}

/** A text between single quotes of fish. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
}

function fishOf(path: string, command: Command): readonly string[] {
  const when = `-n ${quoted(`__latchkey_at ${path}`.trim())}`;
  const words = command.commands.map(
    (each) => `complete -c latchkey -f ${when} -a ${each.name()} -d ${quoted(each.description())}`,
  );
  const options = command.options.flatMap(({ long, description }) =>
    long == null ? [] : [`complete -c latchkey ${when} -l ${long.slice(2)} -d ${quoted(description)}`],
  );
  const below = command.commands.flatMap((each) => fishOf(`${path} ${each.name()}`.trim(), each));
  return [...words, ...options, ...below];
}

function fishText(program: Command): string {
  return [
    'function __latchkey_at',
    '  set -l path',
    '  for word in (commandline -opc)[2..3]',
    "    string match -q -- '-*' $word; and break",
    '    set -a path $word',
    '  end',
    '  test "$path" = "$argv"',
    'end',
    ...fishOf('', program),
  ].join('\n');
}

/** `latchkey completion` and `exit-codes`. */
export function addCompletionCommand(program: Command): void {
  program
    .command('exit-codes')
    .description('say what the exit codes mean')
    .action(() => console.log(exitCodeLines().join('\n')));
  program
    .command('completion')
    .description('print what lets a shell complete commands; source it in your profile')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action((shell: string) => {
      const zsh = 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';
      console.log(shell === 'fish' ? fishText(program) : `${shell === 'zsh' ? zsh : ''}${bashText(program)}`);
    });
}
