import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  fillSettings,
  findStarter,
  holdsSecret,
  type SettingValues,
  type Starter,
  withPorts,
} from './starters.ts';

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

test('a file of settings that is not there begins as .env.example', () => {
  const settings = { '.env.local': { CLIENT_SECRET: 'clientSecret', NEW: 'origin' } } as const;
  const server: Starter = { ...starter, settings, files: { '.env.example': '# mine\nCLIENT_SECRET=' } };
  expect(fillSettings(server, { ...values, clientSecret: 's' })['.env.local']).toBe(
    '# mine\nCLIENT_SECRET=s\nNEW=http://localhost:5173\n',
  );
  expect(fillSettings({ ...server, files: {} }, values)['.env.local']).toBe(
    'CLIENT_SECRET=\nNEW=http://localhost:5173\n',
  );
  expect([holdsSecret(server, '.env.local'), holdsSecret(starter, '.env')]).toEqual([true, false]);
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

test('what starters of single-page apps share is the same in each', () => {
  const folder = join(import.meta.dirname, '../../../../examples/starters');
  const copies = (names: readonly string[], path: string) =>
    new Set(names.map((name) => readFileSync(join(folder, name, path), 'utf8')));
  const built = ['react', 'vue', 'svelte', 'angular'];
  const styles = new Set([...copies(built, 'src/styles.css'), ...copies(['plain'], 'public/styles.css')]);
  expect(styles.size).toBe(1);
  expect(copies(built, 'api/server.mjs').size).toBe(1);
});
