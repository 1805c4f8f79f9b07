const modes = ['spa', 'bff'];

/**
 * Takes `--news-mode=spa|bff` out of the arguments of `npm start`: how the news portal signs people in, from the page or behind its
 * web server. The last one counts. A refusal says what to type.
 * @param {readonly string[]} argv
 * @returns {{ kind: 'chosen', mode: string, rest: readonly string[] } | { kind: 'refused', message: string }}
 */
export function chooseNewsMode(argv) {
  const given = argv.filter((argument) => /^--news-mode\b/.test(argument));
  const wanted = given.map((argument) => argument.slice('--news-mode='.length));
  const wrong = given.find((_, index) => !modes.includes(wanted[index] ?? ''));
  if (wrong !== undefined)
    return {
      kind: 'refused',
      message: `npm start does not know "${wrong}". Use npm start -- --news-mode=spa (the default) or --news-mode=bff.`,
    };
  const rest = argv.filter((argument) => !given.includes(argument));
  return { kind: 'chosen', mode: wanted.at(-1) ?? 'spa', rest };
}
