import { auth } from '@/lib/auth';

// Sign-in, callback, session and sign-out.
export const { GET, POST } = auth.handlers;
