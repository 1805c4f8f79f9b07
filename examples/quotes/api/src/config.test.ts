import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const complete = { ISSUER: 'http://localhost:8080', CLIENT_ID: '123', CLIENT_SECRET: 'secret' };

test('issuer and credentials are enough; the rest has defaults', () => {
  expect(parseConfig(complete)).toEqual({
    kind: 'valid',
    config: {
      issuer: 'http://localhost:8080',
      credentials: { kind: 'basic', clientId: '123', clientSecret: 'secret' },
      webOrigin: 'http://localhost:3000',
      port: 5000,
      host: 'localhost',
    },
  });
});

test('a key file stands in for client id and secret', () => {
  const parsed = parseConfig({ ISSUER: 'https://id.example', KEY_FILE: 'key.json', CLIENT_SECRET: '  ' });
  expect(parsed).toMatchObject({
    kind: 'valid',
    config: { credentials: { kind: 'private_key_jwt', keyFile: 'key.json' } },
  });
});

test('a project id is taken where one is set', () => {
  expect(parseConfig({ ...complete, PROJECT_ID: '42' })).toMatchObject({ config: { projectId: '42' } });
});

test('a web origin written with a trailing slash is the same origin', () => {
  expect(parseConfig({ ...complete, WEB_ORIGIN: 'https://quotes.example/' })).toMatchObject({
    config: { webOrigin: 'https://quotes.example' },
  });
});

test('an empty environment names everything that is missing at once', () => {
  const parsed = parseConfig({});
  expect(parsed).toMatchObject({ kind: 'invalid' });
  expect(parsed.kind === 'invalid' && parsed.problems.join(' ')).toMatch(/ISSUER.*CLIENT_ID/s);
});

describe('a bad value is named in the message', () => {
  test.each([
    ['ISSUER', { ISSUER: 'localhost:8080' }],
    ['CLIENT_SECRET', { CLIENT_SECRET: '' }],
    ['KEY_FILE', { KEY_FILE: 'key.json' }],
    ['WEB_ORIGIN', { WEB_ORIGIN: 'http://localhost:3000/app' }],
    ['WEB_ORIGIN', { WEB_ORIGIN: '*' }],
    ['PORT', { PORT: '70000' }],
    ['PORT', { PORT: 'http' }],
  ])('%s: %o', (name, changed) => {
    const parsed = parseConfig({ ...complete, ...changed });
    expect(parsed.kind === 'invalid' && parsed.problems).toEqual([expect.stringContaining(name)]);
  });
});
