import { useAuth, useAuthFetch } from '@latchkey/react';
import { useState } from 'react';

export function Account() {
  const { user, signOut } = useAuth();
  const authFetch = useAuthFetch();
  const [answer, setAnswer] = useState('');

  async function callApi() {
    try {
      const response = await authFetch('/api/me');
      setAnswer(
        response.ok ? JSON.stringify(await response.json(), null, 2) : `The API answered ${response.status}.`,
      );
    } catch (error) {
      setAnswer(String(error));
    }
  }

  return (
    <>
      <h1>Hello, {user?.name}</h1>
      <p>You are signed in as {user?.email ?? user?.loginName}.</p>
      <div className="actions">
        <button type="button" onClick={callApi}>
          Call the API
        </button>
        <button type="button" className="secondary" onClick={() => signOut()}>
          Sign out
        </button>
      </div>
      <output>{answer}</output>
    </>
  );
}
