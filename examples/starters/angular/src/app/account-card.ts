import { Component, inject, signal } from '@angular/core';
import { AuthService } from './auth.service';

@Component({
  selector: 'app-account-card',
  template: `
    <h1>Hello, {{ auth.user()?.name }}</h1>
    <p>You are signed in as {{ auth.user()?.email ?? auth.user()?.loginName }}.</p>
    <div class="actions">
      <button type="button" (click)="callApi()">Call the API</button>
      <button type="button" class="secondary" (click)="auth.signOut()">Sign out</button>
    </div>
    <output>{{ answer() }}</output>
  `,
})
export class AccountCard {
  protected readonly auth = inject(AuthService);
  protected readonly answer = signal('');

  protected async callApi(): Promise<void> {
    try {
      const response = await this.auth.fetch('/api/me');
      const text = response.ok
        ? JSON.stringify(await response.json(), null, 2)
        : `The API answered ${response.status}.`;
      this.answer.set(text);
    } catch (error) {
      this.answer.set(String(error));
    }
  }
}
