import { expect, test } from 'vitest';
import { chooseQuotesApi } from './quotes-api.mjs';

/** @param {string} works the one program that has the packages */
const machineWith = (works) => async (/** @type {string} */ program) => ({
  code: program === works ? 0 : 1,
  output: '',
});

test('npm start runs the TypeScript API unless told otherwise, and asks for no Python', async () => {
  for (const argv of [[], ['--quotes-api=typescript']]) {
    const chosen = await chooseQuotesApi(argv, async () => {
      throw new Error('no program is needed');
    });
    expect(chosen).toMatchObject({ kind: 'chosen', program: process.execPath, dpop: 'on' });
  }
});

test('--quotes-api=flask takes the Python that has Flask and Authlib', async () => {
  for (const program of ['python3', '/usr/bin/python3']) {
    expect(await chooseQuotesApi(['--quotes-api=flask'], machineWith(program))).toMatchObject({
      kind: 'chosen',
      program,
      args: [expect.stringMatching(/api-flask.app\.py$/)],
      dpop: 'off',
    });
  }
});

test('without Flask the message says what to install', async () => {
  const refused = await chooseQuotesApi(['--quotes-api=flask'], machineWith('none'));
  expect(refused).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('apt-get install python3-flask python3-authlib python3-requests'),
  });
});

test.each(['--quotes-api=django', '--quotes-api', '--qutoes-api=flask', 'flask'])(
  '%s is refused with the arguments there are',
  async (argument) => {
    const refused = await chooseQuotesApi([argument], machineWith('python3'));
    expect(refused).toMatchObject({ kind: 'refused', message: expect.stringContaining(`"${argument}"`) });
    expect(refused).toMatchObject({ message: expect.stringContaining('--quotes-api=flask') });
  },
);
