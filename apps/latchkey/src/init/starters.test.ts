import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillSettings, findStarter, type SettingValues, type Starter, withPorts } from './starters.ts';

const starter: Starter = {
  name: 'react',
  description: 'React 19 and Vite',
  application: 'browser',
  ports: { web: 5173, api: 8787 },
  redirectPath: '/callback',
  postLogoutPath: '/',
  settings: {
    '.env': { VITE_ISSUER: 'issuer', VITE_CLIENT_ID: 'clientId', PROJECT: 'projectId' },
    'public/config.json': { issuer: 'issuer', clientId: 'clientId' },
  },
  files: {
    '.env': '# public\nVITE_ISSUER=http://localhost:8080\nVITE_CLIENT_ID=\n',
    'public/config.json': '{ "issuer": "", "theme": "dark" }',
    'vite.config.ts':
      "port: 5173, proxy: { '/api': 'http://localhost:8787' }, size: 15173, version: '8787.1'",
  },
};
const values: SettingValues = {
  issuer: 'https://id.example.com',
  origin: 'http://localhost:5173',
  clientId: '38$1',
  clientSecret: '',
  projectId: '12',
  apiKeyFile: 'api-key.json',
  randomSecret: 'r',
};

test('settings are filled into lines and JSON; what else is in the files stays', () => {
  const filled = fillSettings(starter, values);
  expect(filled['.env']).toBe(
    '# public\nVITE_ISSUER=https://id.example.com\nVITE_CLIENT_ID=38$1\nPROJECT=12\n',
  );
  expect(JSON.parse(filled['public/config.json'] ?? '')).toEqual({
    issuer: 'https://id.example.com',
    clientId: '38$1',
    theme: 'dark',
  });
});

test('other ports are put wherever the starter names its own, and into no other number', () => {
  const { files } = withPorts(starter, { web: 8787, api: 9000 });
  expect(files['vite.config.ts']).toBe(
    "port: 8787, proxy: { '/api': 'http://localhost:9000' }, size: 15173, version: '8787.1'",
  );
});

test('an unknown template, and none, list those there are', () => {
  for (const name of ['angularjs', undefined])
    expect(() => findStarter([starter], name)).toThrow('react    React 19 and Vite');
});

test('the files that starters share are the same in each', () => {
  const folder = join(import.meta.dirname, '../../../../examples/starters');
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const copies = (paths: readonly string[]) =>
    names.flatMap(({ name }) => {
      const found = paths.flatMap((path) => {
        try {
          return [readFileSync(join(folder, name, path), 'utf8')];
        } catch {
          return [];
        }
      });
      return found;
    });
  for (const paths of [['src/styles.css', 'public/styles.css'], ['api/server.mjs']]) {
    const found = copies(paths);
    expect(found.length).toBeGreaterThan(2);
    expect(new Set(found).size, paths[0]).toBe(1);
  }
});
