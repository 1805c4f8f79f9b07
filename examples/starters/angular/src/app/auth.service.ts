import { computed, Injectable, signal } from '@angular/core';
import { type AuthClient, type AuthState, createAuthClient, createAuthFetch } from '@latchkey/browser';

/** The session: signals that follow it, and what to do with it. */
@Injectable({ providedIn: 'root' })
export class AuthService {
  private client: AuthClient | undefined;
  private readonly current = signal<AuthState>({ status: 'loading' });

  readonly status = computed(() => this.current().status);
  readonly user = computed(() => this.current().user);
  readonly error = computed(() => this.current().error);

  /** Reads the settings, then handles the redirect URI or restores the session. */
  async start(): Promise<void> {
    const response = await fetch('/config.json');
    const client = createAuthClient(await response.json());
    this.client = client;
    client.subscribe(() => this.current.set(client.getSnapshot()));
    // Not awaited: the page shows that it is loading meanwhile.
    void client.start();
  }

  signIn(): Promise<void> {
    return this.started().signIn();
  }

  signOut(): Promise<void> {
    return this.started().signOut();
  }

  /** A `fetch` that carries the access token to this origin. */
  fetch(input: string, init?: RequestInit): Promise<Response> {
    return createAuthFetch(this.started())(input, init);
  }

  private started(): AuthClient {
    if (this.client === undefined) throw new Error('Call start() first.');
    return this.client;
  }
}
