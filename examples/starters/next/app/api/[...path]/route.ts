import { auth } from '@/lib/auth';

// Forwards to the API with the access token of the user.
export const { GET, POST, PUT, PATCH, DELETE } = auth.handlers;
