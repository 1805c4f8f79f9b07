import './globals.css';
import { AuthProvider } from '@latchkey/next/client';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { auth } from '@/lib/auth';

export const metadata: Metadata = { title: 'Latchkey starter' };

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <AuthProvider session={await auth()}>
          <main>{children}</main>
        </AuthProvider>
      </body>
    </html>
  );
}
