import { inject, provideAppInitializer, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app/app';
import { AuthService } from './app/auth.service';

bootstrapApplication(App, {
  providers: [provideZonelessChangeDetection(), provideAppInitializer(() => inject(AuthService).start())],
}).catch((error) => console.error(error));
