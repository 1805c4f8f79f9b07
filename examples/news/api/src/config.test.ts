import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const complete = { ISSUER: 'http://localhost:8080', KEY_FILE: 'key.json', PROJECT_ID: '42' };

test('issuer, key file and project are enough; the rest has defaults', () => {
  expect(parseConfig(complete)).toEqual({
    kind: 'valid',
    config: {
      issuer: 'http://localhost:8080',
      keyFile: 'key.json',
      projectId: '42',
      accountCredentials: undefined,
      webOrigin: 'http://localhost:3001',
      port: 5001,
      host: 'localhost',
      database: { kind: 'folder', folder: '.latchkey/news' },
    },
  });
});

test('a PostgreSQL URL replaces the folder', () => {
  const url = 'postgres://news@localhost/news';
  expect(parseConfig({ ...complete, NEWS_DATABASE_URL: url })).toMatchObject({
    config: { database: { kind: 'postgresql', url } },
  });
});

test('an empty environment names everything that is missing at once', () => {
  const parsed = parseConfig({});
  expect(parsed.kind === 'invalid' && parsed.problems.join(' ')).toMatch(/ISSUER.*KEY_FILE.*PROJECT_ID/s);
});

describe('a bad value is named, and no other', () => {
  test.each([
    ['ISSUER', { ISSUER: 'localhost:8080' }],
    ['KEY_FILE', { KEY_FILE: ' ' }],
    ['PROJECT_ID', { PROJECT_ID: '' }],
    ['WEB_ORIGIN', { WEB_ORIGIN: 'http://localhost:3001/app' }],
    ['PORT', { PORT: '70000' }],
    ['ACCOUNTS_CLIENT_SECRET', { ACCOUNTS_CLIENT_ID: 'robot' }],
    ['NEWS_DATABASE_URL', { NEWS_DATABASE_URL: 'mysql://root:geheim@localhost' }],
  ])('%s: %o', (name, changed) => {
    const parsed = parseConfig({ ...complete, ...changed });
    expect(parsed.kind === 'invalid' && parsed.problems).toEqual([expect.stringContaining(name)]);
    expect(JSON.stringify(parsed)).not.toContain('geheim');
  });
});
