import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { AuthProvider, SignedIn, SignedOut, UserButton, useAuth } from './index.ts';

function Status() {
  return <p>{useAuth().status}</p>;
}

test('on a server without a window the packages load and the provider renders loading', () => {
  expect(typeof window).toBe('undefined');
  const html = renderToString(
    <AuthProvider issuer="https://issuer.example" clientId="1" apiOrigins={['https://api.example']}>
      <Status />
      <SignedIn>in</SignedIn>
      <SignedOut>out</SignedOut>
      <UserButton />
    </AuthProvider>,
  );
  expect(html).toBe('<p>loading</p>');
});
