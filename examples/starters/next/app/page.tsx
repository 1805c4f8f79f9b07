import Link from 'next/link';
import { auth } from '@/lib/auth';
import { CallApi, SignIn, SignOut } from './buttons';

export default async function Home() {
  const session = await auth();
  if (session === null)
    return (
      <>
        <h1>Welcome</h1>
        <p>Sign in to see your name and to call the API.</p>
        <SignIn />
      </>
    );
  const { user } = session;
  return (
    <>
      <h1>Hello, {user.name}</h1>
      <p>
        You are signed in as {user.email ?? user.loginName}. <Link href="/account">Your account</Link>
      </p>
      <CallApi>
        <SignOut />
      </CallApi>
    </>
  );
}
