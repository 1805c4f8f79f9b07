import Link from 'next/link';
import { auth } from '@/lib/auth';

// proxy.ts lets only signed-in users come here; requireSession() makes sure of it and says who it is.
export default async function Account() {
  const { user } = await auth.requireSession();
  const response = await auth.fetch('/api/me');
  const answer = response.ok
    ? JSON.stringify(await response.json(), null, 2)
    : `The API answered ${response.status}.`;
  return (
    <>
      <h1>Account of {user.name}</h1>
      <p>What the API says about you, asked on the server:</p>
      <output>{answer}</output>
      <p className="back">
        <Link href="/">Back</Link>
      </p>
    </>
  );
}
