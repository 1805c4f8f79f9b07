import { describe, expect, test } from 'vitest';
import { parsePostgresHosts } from './postgres-hosts.ts';

describe('a database URL', () => {
  test('with one host is used as it is, without probing', () => {
    const url = 'postgres://user:p%40ss@db.example:6432/app?application_name=x';
    expect(parsePostgresHosts(url)).toMatchObject({
      hosts: [{ url, label: 'db.example:6432' }],
      probe: 'none',
    });
  });

  test('with several hosts becomes one URL each, with the credentials and the other parameters', () => {
    const { hosts, probe } = parsePostgresHosts(
      'postgresql://user:pa@ss@h1:5432,[::1]:5433,h3/app?target_session_attrs=read-write&application_name=x',
    );
    expect(probe).toBe('writable');
    expect(hosts.map(({ url }) => url)).toEqual([
      'postgresql://user:pa@ss@h1:5432/app?application_name=x',
      'postgresql://user:pa@ss@[::1]:5433/app?application_name=x',
      'postgresql://user:pa@ss@h3/app?application_name=x',
    ]);
    expect(hosts.map(({ label }) => label)).toEqual(['h1:5432', '[::1]:5433', 'h3']);
  });

  test('for a socket folder keeps its host parameter', () => {
    const [host] = parsePostgresHosts('postgres:///app?host=%2Fvar%2Frun%2Fpostgresql').hosts;
    expect(host?.label).toBe('/var/run/postgresql');
  });

  test.each([
    'mysql://user:secret@host/app',
    'postgres:/user:secret@host',
    'postgres://user:secret@host:port/app',
    'postgres://user:secret@h1,h2:123456/app',
    'postgres://user:secret@h1:65536/app',
    'postgres://user:secret@h1/app?target_session_attrs=standby',
    '',
  ])('that cannot be used is refused without repeating it: %s', (url) => {
    expect(() => parsePostgresHosts(url)).toThrow(TypeError);
    expect(() => parsePostgresHosts(url)).not.toThrow(/secret/);
  });
});
