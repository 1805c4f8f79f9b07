import { describe, expect, test } from 'vitest';
import { readPasswordHash, verifyPasswordSync } from './password-formats.ts';

const otters = 'seven brave otters swim';
const long = 'we have a short salt string but not a short password';
const firebase = {
  password: 'user1password',
  hash: 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  salt: '42xEC+ixf3L2lw==',
  separator: 'Bw==',
  key: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
};

// Each with where it comes from: published with the scheme, or made by a tool that is not ours.
const vectors: readonly (readonly [source: string, password: string, hash: string])[] = [
  ['openssl passwd -1', otters, '$1$Ab3dEf7h$6kb1fm4lC/EnPtEv6gqpv/'],
  ['openssl passwd -apr1', otters, '$apr1$Ab3dEf7h$kSCaJkrs7T1Elmpph/v9V.'],
  ['glibc crypt, $5$', otters, '$5$saltstring12$F6bFpiDwA0R5pkZMEYDu.pgWYhIzoo95beXvaWMP9O9'],
  [
    'glibc crypt, $5$ with rounds',
    otters,
    '$5$rounds=1400$anotherlongsalts$qXGHmYwCEO0g0ZLtSKDUuMzyenNRbbrA92KakXpk6P0',
  ],
  [
    'openssl passwd -6',
    otters,
    '$6$saltstring12$.mulM4tkxzz.T9MeFPwzK0eGcfZU95V2B29dGy6l.6t8Nb4WuFU9qiBnPaFE3FzUZWNu/Z5DV3H/iqhuy9E4o1',
  ],
  [
    'glibc crypt, $6$ with rounds and 84 bytes of UTF-8',
    'zähne '.repeat(12),
    '$6$rounds=1234$0123456789abcdef$Hgmyk0knlpjRknwdI.IMF64GkybU5cyGbmPzdpw92UvwgLkWf6yrSC0gxqsnoU3S8Ab9pNEyXcqEbyaOGJYPz0',
  ],
  [
    'Drepper, sha-crypt',
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'Drepper, sha-crypt, 77777 rounds',
    long,
    '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
  ],
  ['passlib phpass, WordPress before 6.8', otters, '$P$BabcdefghlHFiZ8thMbXjhTh1JBKH51'],
  ['passlib phpass, phpBB', otters, '$H$712345678j5IJFAWf491ZO1xMYOXwx.'],
  ['ruby-drupal-hash', 'password1234', '$S$DeIZ1KTE.VzRvudZ5.xgOakipuMFrVyPmRdWTjAdYieWj27NMglI'],
  [
    'WordPress 6.8 by PHP hash_hmac and password_hash',
    otters,
    '$wp$2y$05$8RTJ06fS.X/DytsFJwv9oeOGT5X9QcZRJNO.NWYeC5L8Ro8rIz2Ia',
  ],
  [
    'Werkzeug, scrypt',
    otters,
    'scrypt:1024:8:1$gM2wKjEAPRvvJDrC$918d282b5f2f9c12b341ea7e734f1dc6c1318ec7250c24a0459953afd95dd75227dadd28d36528b2e834336ffd38e1a610e89adfc7ad23f473610e660a0bf9e3',
  ],
  [
    'Werkzeug, PBKDF2 SHA-256',
    otters,
    'pbkdf2:sha256:1500$VfNtMabU2uBgEUyF$2b9e213d0591dc313340c20428cac8fe886afc008a404d13e54a83462b378803',
  ],
  [
    'Werkzeug, PBKDF2 SHA-512',
    otters,
    'pbkdf2:sha512:1500$0XdrvmtPpbRvVf6y$30bb42bc1a3d36ee1d7f747076511474b923ba0d5bc7e1e5f5c01bce9ecb25fceb8e05afe7be56cc96d3486cd14a7ef3c0b112e2e7ec14c497f920df2debede7',
  ],
  [
    'ASP.NET Core Identity tests, version 2',
    'my password',
    'AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==',
  ],
  [
    'ASP.NET Core Identity tests, version 3, SHA-1',
    'my password',
    'AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M',
  ],
  [
    'ASP.NET Core Identity tests, version 3, SHA-512',
    'my password',
    'AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw',
  ],
  [
    'Python hashlib, ASP.NET version 3, SHA-256',
    otters,
    'AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+mkqZpYdoWM+m2SgcZGP4X3UISxYKWi2lvIeNOL0JEnQ==',
  ],
  [
    'Python hashlib, ASP.NET version 2',
    otters,
    'APDx8vP09fb3+Pn6+/z9/v/f1QxdFPn5fO36StSF77ynTzgS+oXzD9R1zqshsYo2kg==',
  ],
  [
    'firebase/scrypt, in the form of Ory',
    firebase.password,
    `$firescrypt$ln=14,r=8,p=1$${firebase.salt}$${firebase.hash}$${firebase.separator}$${firebase.key}`,
  ],
  [
    'firebase/scrypt, in the form of ZITADEL',
    firebase.password,
    `$firebasescrypt$ln=14,r=8$${firebase.salt}$${firebase.hash}$${firebase.separator}$${firebase.key}`,
  ],
  [
    'firebase/scrypt, in the form of Supabase',
    firebase.password,
    `$fbscrypt$v=1,n=14,r=8,p=1,ss=${firebase.separator},sk=${firebase.key}$${firebase.salt}$${firebase.hash}`,
  ],
];

describe('password hashes of other systems', () => {
  test.each(vectors)('%s: the password matches, one letter more or less does not', (_, password, hash) => {
    expect(verifyPasswordSync(hash, password)).toBe(true);
    expect(verifyPasswordSync(hash, `${password}!`)).toBe(false);
    expect(verifyPasswordSync(hash, password.slice(1))).toBe(false);
  });

  test('WordPress takes spaces off both ends, others do not', () => {
    const hashOf = (source: string): string => vectors.find(([name]) => name.startsWith(source))?.[2] ?? '';
    expect(verifyPasswordSync(hashOf('WordPress 6.8'), ` ${otters} `)).toBe(true);
    expect(verifyPasswordSync(hashOf('passlib phpass, WordPress'), ` ${otters} `)).toBe(true);
    expect(verifyPasswordSync(hashOf('passlib phpass, phpBB'), ` ${otters} `)).toBe(false);
    expect(verifyPasswordSync(hashOf('openssl passwd -6'), ` ${otters} `)).toBe(false);
  });

  test.each([
    ['sha-crypt', `$6$rounds=999999999$salt$${'a'.repeat(86)}`],
    ['phpass', `$P$Oabcdefgh${'a'.repeat(22)}`],
    ['WordPress', `$wp$2y$20$${'a'.repeat(53)}`],
    ['Werkzeug scrypt', `scrypt:33554432:8:1$salt$${'ab'.repeat(64)}`],
    ['Werkzeug PBKDF2', `pbkdf2:sha256:99999999$salt$${'ab'.repeat(32)}`],
    ['Firebase', `$firescrypt$ln=30,r=8,p=1$c2FsdA==$${firebase.hash}$Bw==$${firebase.key}`],
    [
      'ASP.NET Identity',
      Buffer.from(`01000000017fffffff00000010${'ab'.repeat(48)}`, 'hex').toString('base64'),
    ],
  ])('%s with a cost that would keep the server busy is refused before it is computed', (_, hash) => {
    expect(readPasswordHash(hash)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/too much/),
    });
    expect(() => verifyPasswordSync(hash, otters)).toThrow(/too much/);
  });

  test.each([
    ['md5-crypt', '$1$Ab3dEf7h$6kb1fm4lC'],
    ['sha-crypt', '$6$saltstring$svn8UoSVapNtMuq1'],
    ['phpass', '$P$Babcdefghshort'],
    ['Werkzeug', 'pbkdf2:sha256:1500$salt$abcd'],
    ['Werkzeug without rounds', `pbkdf2:sha256$salt$${'ab'.repeat(32)}`],
    ['Firebase', `$firescrypt$ln=14,r=8,p=1$c2FsdA==$c2hvcnQ=$Bw==$${firebase.key}`],
    ['ASP.NET version 2', Buffer.alloc(40).toString('base64')],
    [
      'ASP.NET version 3, an unknown function',
      Buffer.from(`0100000009${'00'.repeat(56)}`, 'hex').toString('base64'),
    ],
    [
      'ASP.NET version 3, a salt longer than the blob',
      Buffer.from(`0100000001000027100000ffff${'ab'.repeat(48)}`, 'hex').toString('base64'),
    ],
    ['plain MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['nothing', ''],
  ])('%s, cut off or in another form, is refused', (_, hash) => {
    expect(readPasswordHash(hash)).toMatchObject({ kind: 'refused' });
  });

  test('schemes that digest the password in each round are not tried with one of more than 256 bytes', () => {
    const tooLong = 'x'.repeat(257);
    for (const [, , hash] of vectors.filter(([, , text]) => /^\$(1|apr1|5|6|P|H|S)\$/.test(text)))
      expect(verifyPasswordSync(hash, tooLong)).toBe(false);
  });
});
