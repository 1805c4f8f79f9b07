import { expect, test } from 'vitest';
import { frontchannelLogoutUrl } from './frontchannel-logout.ts';

test.each([
  ['https://app.example/out', 'https://app.example/out?'],
  ['https://app.example/out?a=b%20c', 'https://app.example/out?a=b%20c&'],
  ['https://app.example/out?', 'https://app.example/out?'],
  ['https://app.example/out?a=b&', 'https://app.example/out?a=b&'],
  ['https://app.example/out#part', 'https://app.example/out?'],
])(
  'Front-Channel Logout §2: iss and sid are added to the registered address and its query is kept (%s)',
  (uri, start) => {
    expect(frontchannelLogoutUrl(uri, 'https://id.example', 's 1')).toBe(
      `${start}iss=https%3A%2F%2Fid.example&sid=s+1`,
    );
  },
);
