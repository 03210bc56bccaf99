import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { raw, type NextFunction, type Request, type Response } from 'express';
import { type AddressInfo } from 'node:net';
import {
  createLogger,
  ErrorFilter,
  nestLogger,
  observeRequests,
  requestId,
  startTracing,
  type Config,
} from '@chartledger/platform';
import { assemble, type Role } from './assembly.js';
import { type Base } from './base.js';
import { type Assembly } from './parts.js';
import { ServerModule } from './server.module.js';

/** An idle connection of a client is kept as long: shorter makes a feed connect anew for every request. */
const KEEP_ALIVE_MS = 65_000;

/** How long requests in flight may take when the server stops. What is cut off then was not acknowledged. */
const DRAIN_MS = 10_000;
const IDLE_CHECK_MS = 50;

export interface RunningServer {
  url: string;
  assembly: Assembly;
  /** Finishes what is in flight, then stops every part and the embedded PostgreSQL. */
  stop(): Promise<void>;
}

/** Starts a process of a role and resolves when it serves. @param onFatal told when it must end. */
export async function startServer(
  config: Config,
  role: Role = 'all-in-one',
  onFatal: Base['onFatal'] = endNow,
): Promise<RunningServer> {
  const logger = createLogger(config.logLevel);
  const service = role === 'all-in-one' ? 'chartledger' : `chartledger-${role}`;
  const stopTracing = await startTracing(config.tracing, service, logger);
  const assembly = await assemble(config, logger, role, onFatal);
  try {
    const app = await NestFactory.create<NestExpressApplication>(ServerModule.of(assembly), {
      bodyParser: false,
      logger: nestLogger(logger),
      abortOnError: false,
    });
    app.set('etag', false);
    app.set('query parser', 'simple');
    app.disable('x-powered-by');
    // A proxy on this machine says whether the client came by https (X-Forwarded-Proto): links begin with it.
    app.set('trust proxy', 'loopback');
    let isStopping = false;
    // A client that keeps its connection would go on sending on it.
    app.use((_request: Request, response: Response, next: NextFunction) => {
      if (isStopping) response.setHeader('Connection', 'close');
      next();
    });
    app.use(requestId);
    app.use(observeRequests(assembly.metrics));
    // The limit counts decompressed bytes; an unknown Content-Encoding is 415.
    app.use(raw({ type: () => true, limit: config.maxBodyBytes, inflate: true }));
    app.useGlobalFilters(new ErrorFilter(logger));
    const server = app.getHttpServer();
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    await app.listen(config.port, config.host);
    const { port } = server.address() as AddressInfo;
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    const url = `http://${host}:${port}`;
    assembly.onListening?.(url);
    return {
      url,
      assembly,
      stop: async () => {
        isStopping = true;
        // A connection becomes idle when its request in flight is answered.
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
        const drained = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
        await app.close();
        clearInterval(idle);
        clearTimeout(drained);
        await assembly.stop();
        await stopTracing();
      },
    };
  } catch (error) {
    await assembly.stop();
    throw error;
  }
}

/** The ledger is not what was acknowledged: nothing may be papered over, not even by an orderly stop. */
function endNow(error: Error): never {
  process.stderr.write(`chartledger: ${error.message}\n`);
  process.exit(1);
}
