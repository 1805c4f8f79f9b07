import { auth } from '@/lib/auth';

// Keeps sessions fresh, and sends people who are not signed in from /account to sign in and back.
export const proxy = auth.proxy({ protect: ['/account'] });

export const config = { matcher: ['/((?!_next/static|_next/image|icon.svg).*)'] };
