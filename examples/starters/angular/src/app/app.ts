import { Component, inject, signal } from '@angular/core';
import { AccountCard } from './account-card';
import { AuthService } from './auth.service';

@Component({
  selector: 'app-root',
  imports: [AccountCard],
  template: `
    <main>
      @switch (auth.status()) {
        @case ('loading') {
          <p role="status">Loading…</p>
        }
        @case ('signed-in') {
          <app-account-card />
        }
        @default {
          <h1>Welcome</h1>
          <p>Sign in to see your name and to call the API.</p>
          @if (problem() || auth.error()?.message; as message) {
            <p role="alert">{{ message }}</p>
          }
          <button type="button" (click)="signIn()">Sign in</button>
        }
      }
    </main>
  `,
})
export class App {
  protected readonly auth = inject(AuthService);
  protected readonly problem = signal('');

  protected async signIn(): Promise<void> {
    this.problem.set('');
    try {
      await this.auth.signIn();
    } catch (error) {
      this.problem.set(String(error));
    }
  }
}
