import { createCipheriv, pbkdf2Sync, scryptSync } from 'node:crypto';
import { seedApplication, seedProject } from '@latchkey/testkit';
import { hashSync } from '@node-rs/argon2';
import bcrypt from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokensFor } from '../flows/flow-world.ts';
import { type ManagementWorld, startManagementWorld } from './management-world.ts';

const password = 'seven brave otters swim';
const salt = Buffer.from('0123456789abcdef');
const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
const passlib = (bytes: Buffer): string => plain(bytes).replaceAll('+', '.');

const hashes = {
  'bcrypt 2b': () => bcrypt.hashSync(password, 5),
  'bcrypt 2y': () => bcrypt.hashSync(password, 5).replace('$2b$', '$2y$'),
  'bcrypt 2a': () => bcrypt.hashSync(password, 5).replace('$2b$', '$2a$'),
  argon2id: () => hashSync(password, { memoryCost: 1024, timeCost: 1, parallelism: 1 }),
  argon2i: () => hashSync(password, { memoryCost: 1024, timeCost: 3, parallelism: 1, algorithm: 1 }),
  'scrypt, passlib': () =>
    `$scrypt$ln=10,r=8,p=1$${plain(salt)}$${plain(scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 }))}`,
  'scrypt, Django': () =>
    `scrypt$1024$${salt}$8$1$${scryptSync(password, salt, 64, { N: 1024, r: 8, p: 1 }).toString('base64')}`,
  'PBKDF2 SHA-256, passlib': () =>
    `$pbkdf2-sha256$2000$${passlib(salt)}$${passlib(pbkdf2Sync(password, salt, 2000, 32, 'sha256'))}`,
  'PBKDF2 SHA-512, PHC': () =>
    `$pbkdf2-sha512$i=2000$${plain(salt)}$${plain(pbkdf2Sync(password, salt, 2000, 64, 'sha512'))}`,
  'PBKDF2 SHA-1, passlib': () =>
    `$pbkdf2$2000$${passlib(salt)}$${passlib(pbkdf2Sync(password, salt, 2000, 20, 'sha1'))}`,
  'PBKDF2 SHA-256, Django': () =>
    `pbkdf2_sha256$2000$${salt}$${pbkdf2Sync(password, salt, 2000, 32, 'sha256').toString('base64')}`,
  'md5-crypt, openssl': () => '$1$Ab3dEf7h$6kb1fm4lC/EnPtEv6gqpv/',
  'md5-crypt, Apache': () => '$apr1$Ab3dEf7h$kSCaJkrs7T1Elmpph/v9V.',
  'sha-crypt 256': () => '$5$saltstring12$F6bFpiDwA0R5pkZMEYDu.pgWYhIzoo95beXvaWMP9O9',
  'sha-crypt 512': () =>
    '$6$saltstring12$.mulM4tkxzz.T9MeFPwzK0eGcfZU95V2B29dGy6l.6t8Nb4WuFU9qiBnPaFE3FzUZWNu/Z5DV3H/iqhuy9E4o1',
  'phpass, WordPress': () => '$P$BabcdefghlHFiZ8thMbXjhTh1JBKH51',
  'WordPress 6.8': () => '$wp$2y$05$8RTJ06fS.X/DytsFJwv9oeOGT5X9QcZRJNO.NWYeC5L8Ro8rIz2Ia',
  'Werkzeug scrypt': () =>
    'scrypt:1024:8:1$gM2wKjEAPRvvJDrC$918d282b5f2f9c12b341ea7e734f1dc6c1318ec7250c24a0459953afd95dd75227dadd28d36528b2e834336ffd38e1a610e89adfc7ad23f473610e660a0bf9e3',
  'Werkzeug PBKDF2': () =>
    'pbkdf2:sha256:1500$VfNtMabU2uBgEUyF$2b9e213d0591dc313340c20428cac8fe886afc008a404d13e54a83462b378803',
  'ASP.NET Identity 2': () => 'APDx8vP09fb3+Pn6+/z9/v/f1QxdFPn5fO36StSF77ynTzgS+oXzD9R1zqshsYo2kg==',
  'ASP.NET Identity 3': () =>
    'AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+mkqZpYdoWM+m2SgcZGP4X3UISxYKWi2lvIeNOL0JEnQ==',
  Firebase: () => firebaseHash(),
} as const;

// As firebase/scrypt describes it: scrypt makes a key, by which the signer key of the project is encrypted.
function firebaseHash(): string {
  const separator = Buffer.from('Bw==', 'base64');
  const signerKey = Buffer.alloc(64, 7);
  const key = scryptSync(password, Buffer.concat([salt, separator]), 32, { N: 1024, r: 8, p: 1 });
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const parts = [salt, Buffer.concat([cipher.update(signerKey), cipher.final()]), separator, signerKey];
  return `$firescrypt$ln=10,r=8,p=1$${parts.map((part) => part.toString('base64')).join('$')}`;
}

describe('import of users', () => {
  let world: ManagementWorld;
  beforeAll(async () => {
    world = await startManagementWorld('pglite');
  });
  afterAll(() => world.stop());

  const importUsers = async (...users: readonly object[]) =>
    (await world.owner.call('importUsers', { body: { users } })).data;

  test('importUsers: 200 people sign in with the passwords they had, and the hash becomes one of ours', async () => {
    const { server } = world;
    const project = await seedProject(server);
    const spa = await seedApplication(server, project, { type: 'user_agent' });
    const entries = Object.entries(hashes);
    const users = entries.map(([, hash], index) => ({
      id: String(7_000_000 + index),
      kind: 'human',
      loginName: `import-${index}@example.com`,
      passwordHash: hash(),
    }));
    expect(await importUsers(...users)).toMatchObject({ created: entries.length, refused: 0 });
    for (const [index, [name]] of entries.entries()) {
      const id = String(7_000_000 + index);
      const { organizationId } = server;
      const user = { id, organizationId, loginName: `import-${index}@example.com`, password };
      const { idToken } = await tokensFor(server, spa, user, 'openid');
      expect(idToken, name).not.toBe('');
      const { passwordHash } = await server.store.db
        .selectFrom('users')
        .select('passwordHash')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      expect(server.passwords.isOutdated(passwordHash ?? ''), name).toBe(false);
    }
  }, 240_000);

  test('a wrong password is refused whatever the form of the hash', async () => {
    for (const [name, hash] of Object.entries(hashes)) {
      const text = hash();
      expect(await world.server.passwords.verify(password, text), name).toBe(true);
      expect(await world.server.passwords.verify(`${password}!`, text), name).toBe(false);
    }
  }, 240_000);

  test('each user is refused by themselves: a name taken, a hash too dear, cut off or unknown, a short password', async () => {
    const body = (loginName: string, more: object = {}) => ({ kind: 'human', loginName, ...more });
    const outcome = await importUsers(
      body('first@example.com', { state: 'locked' }),
      body('FIRST@example.com'),
      body('second@example.com', { passwordHash: `$2b$20$${'a'.repeat(53)}` }),
      body('second@example.com', {
        passwordHash: '$scrypt$ln=30,r=8,p=1$MDEyMzQ1Njc$MDEyMzQ1Njc4OWFiY2RlZg',
      }),
      body('second@example.com', { passwordHash: `pbkdf2_sha256$99999999$salt$${salt.toString('base64')}` }),
      body('second@example.com', {
        passwordHash: `$argon2id$v=19$m=4194304,t=9,p=1$${plain(salt)}$${plain(salt)}`,
      }),
      body('second@example.com', { passwordHash: 'md5:5f4dcc3b5aa765d61d8327deb882cf99' }),
      body('second@example.com', { passwordHash: '$pbkdf2-sha256$2000$c2FsdA$' }),
      body('second@example.com', { password: 'short' }),
      body('second@example.com', { kind: 'machine', givenName: 'Robo' }),
      body('second@example.com'),
    );
    const items = outcome.items as { code: string | null }[]; // cast: the answer was cut to its schema
    expect(items.map(({ code }) => code)).toEqual([
      null,
      'already-exists',
      'invalid-input',
      'invalid-input',
      'invalid-input',
      'invalid-input',
      'invalid-input',
      'invalid-input',
      'password-refused',
      'invalid-input',
      null,
    ]);
    expect(outcome).toMatchObject({ created: 2, refused: 9 });
    const { data } = await world.owner.call('listUsers', { query: { search: 'first@' } });
    expect(data.items).toMatchObject([{ state: 'locked' }]);
  });

  test('importUsers: 400 invalid-input for more than 100 or an unknown field, 404 not-found for no organization', async () => {
    const code = async (body: object) => (await world.owner.refused('importUsers', { body })).code;
    const user = { kind: 'human', loginName: 'x@example.com' };
    expect(await code({ users: Array.from({ length: 101 }, () => user) })).toBe('invalid-input');
    expect(await code({ users: [{ ...user, shoeSize: 43 }] })).toBe('invalid-input');
    expect(await code({ organizationId: '404', users: [user] })).toBe('not-found');
  });
});
