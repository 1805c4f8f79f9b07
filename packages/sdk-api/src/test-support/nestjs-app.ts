import 'reflect-metadata';
import {
  All,
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  Module,
  Req,
  UseGuards,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Request } from 'express';
import {
  Auth,
  getAuth,
  optionalAuth,
  Public,
  RequireAcr,
  RequirePermission,
  RequireRole,
  RequireScope,
  requireAuth,
  serveResourceMetadata,
} from '../nestjs.ts';
import type { Principal } from '../principal.ts';
import type { Verifier } from '../verifier.ts';
import { authOptions, behindProxy, metadata, type RunningApp, type StartApp } from './running-app.ts';

function moduleFor(verifier: Verifier) {
  @Controller()
  @Public()
  class OpenRoutes {
    @Get('scope-first')
    @RequireScope('x')
    scopeFirst() {
      return {};
    }
  }

  @Controller()
  @UseGuards(optionalAuth(verifier))
  class OptionalRoutes {
    @Get('open')
    open(@Auth() auth: Principal | undefined) {
      return { who: auth?.subject ?? null };
    }

    @Get('open-scope')
    @RequireScope('x')
    openScope() {
      return {};
    }

    @Get('open-get')
    openGet(@Req() request: Request) {
      return { who: getAuth(request).subject };
    }
  }

  @Controller()
  @UseGuards(requireAuth(verifier, authOptions))
  class ClosedRoutes {
    @All('me')
    me(@Auth() auth: Principal, @Req() request: Request) {
      return { who: auth.subject, same: request.auth === auth && getAuth(request) === auth };
    }

    @Get('news')
    @RequireScope('news:read news:list')
    news() {
      return {};
    }

    @Get('edit')
    @RequireRole('editor')
    edit() {
      return {};
    }

    @Get('edit-org')
    @RequireRole('editor', { organization: 'org-2' })
    editOrganization() {
      return {};
    }

    @Get('permit')
    @RequirePermission('p')
    permit() {
      return {};
    }

    @Get('strong')
    @RequireAcr('mfa')
    strong() {
      return {};
    }

    /** Stays open although its controller is closed. */
    @Get('health')
    @Public()
    health() {
      return { status: 'ok' };
    }
  }

  @Controller()
  @UseGuards(requireAuth(verifier, behindProxy))
  class ProxiedRoutes {
    @Get('proxied')
    proxied() {
      return {};
    }
  }

  @Module({ controllers: [OpenRoutes, OptionalRoutes, ClosedRoutes, ProxiedRoutes] })
  class AppModule {}
  return AppModule;
}

/** What the responses of Express and Fastify have in common. */
interface PlatformResponse {
  status(code: number): { send(body: unknown): unknown };
}

@Catch()
class BugFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<PlatformResponse>();
    if (error instanceof HttpException) response.status(error.getStatus()).send(error.getResponse());
    else response.status(500).send({ bug: true });
  }
}

async function start(verifier: Verifier, adapter: AbstractHttpAdapter): Promise<RunningApp> {
  const app = await NestFactory.create(moduleFor(verifier), adapter, { logger: false });
  app.useGlobalFilters(new BugFilter());
  app.use(serveResourceMetadata(metadata));
  await app.listen(0, '127.0.0.1');
  const origin = await app.getUrl();
  return {
    origin,
    close: async () => {
      app.getHttpServer().closeAllConnections();
      await app.close();
    },
  };
}

export const startNestjsOnExpress: StartApp = (verifier) => start(verifier, new ExpressAdapter());
export const startNestjsOnFastify: StartApp = (verifier) => start(verifier, new FastifyAdapter());
