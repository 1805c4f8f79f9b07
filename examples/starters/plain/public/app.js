import { createAuthClient, createAuthFetch } from '@latchkey/browser';

const config = await (await fetch('/config.json')).json();
const client = createAuthClient(config);
const authFetch = createAuthFetch(client);

const find = (id) => document.getElementById(id);

function showProblem(text) {
  find('problem').textContent = text;
  find('problem').hidden = text === '';
}

function showState() {
  const { status, user, error } = client.getSnapshot();
  const shown = status === 'error' ? 'signed-out' : status;
  for (const part of document.querySelectorAll('[data-show]')) part.hidden = part.dataset.show !== shown;
  find('name').textContent = user?.name ?? '';
  find('email').textContent = user?.email ?? user?.loginName ?? '';
  find('answer').textContent = '';
  showProblem(error?.message ?? '');
}

find('sign-in').addEventListener('click', () => {
  client.signIn().catch((error) => showProblem(error.message));
});
find('sign-out').addEventListener('click', () => client.signOut());
find('call-api').addEventListener('click', async () => {
  try {
    const response = await authFetch('/api/me');
    find('answer').textContent = response.ok
      ? JSON.stringify(await response.json(), null, 2)
      : `The API answered ${response.status}.`;
  } catch (error) {
    find('answer').textContent = error.message;
  }
});

client.subscribe(showState);
await client.start();
