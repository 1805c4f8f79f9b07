import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';

/** Options that stand beside so many commands that they are told once. */
const shared: ReadonlySet<string> = new Set([
  '--issuer',
  '--profile',
  '--key-file',
  '--json',
  '--config',
  '--folder',
  '--local',
]);

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('<', '&lt;').trim();
}

function optionLines(command: Command): readonly string[] {
  return command.options
    .filter(({ long }) => !shared.has(long ?? ''))
    .map(({ flags, description, argChoices, mandatory }) => {
      const choices = argChoices === undefined ? '' : ` One of ${argChoices.join(', ')}.`;
      return `- \`${flags}\`${mandatory ? ' (needed)' : ''}: ${oneLine(description)}${choices}`;
    });
}

function entry(path: string, command: Command): readonly string[] {
  const usage = command.usage().replace(/^\[options\] ?/, '');
  const options = optionLines(command);
  return [
    `### ${[path, usage].join(' ').trim().replaceAll('<', '&lt;')}`,
    `${oneLine(command.description())}.`,
    ...(options.length === 0 ? [] : [options.join('\n')]),
  ];
}

/** Every command with its options as the page `docs/command-reference.md`. */
export function commandReference(program: Command): string {
  const groups = program.commands.toSorted((left, right) => left.name().localeCompare(right.name()));
  const single = groups.filter(({ commands }) => commands.length === 0);
  const several = groups.filter(({ commands }) => commands.length > 0);
  const codes = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const parts = [
    '# Command reference',
    'Made from the program itself. What to know first stands in [command line](command-line.md).',
    'Commands that call the management API also take `--issuer <url>`, `--profile <name>` and `--key-file <file>` (whom to call as) and `--json`. Commands that work on the machine of the server take `--config <file>` and `--folder <folder>`; those that can do either take `--local`.',
    ['| exit code | meaning |', '|---|---|', ...codes].join('\n'),
    '## On their own',
    ...single.flatMap((command) => entry(`latchkey ${command.name()}`, command)),
    ...several.flatMap((group) => [
      `## ${group.name()}`,
      `${oneLine(group.description())}.`,
      ...group.commands.flatMap((command) => entry(`latchkey ${group.name()} ${command.name()}`, command)),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}
