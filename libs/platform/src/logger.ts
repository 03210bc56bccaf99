import { type LoggerService } from '@nestjs/common';
import { destination, pino, type Logger } from 'pino';
import { type LogLevel } from './config.js';

/**
 * JSON lines on standard error: standard output belongs to what a command prints. Callers MUST NOT pass protected health
 * information: positions, pseudonyms, counts and durations only.
 */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null }, destination({ fd: 2, sync: true }));
}

export type { Logger };

/** Nest's own messages (module loading, unhandled errors) in the same log. */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'info' | 'error' | 'warn' | 'debug') =>
    (message: unknown, ...context: unknown[]) =>
      logger[level](
        { stage: 'nest', context: context.filter((part) => typeof part === 'string').join(' ') },
        String(message),
      );
  return {
    log: write('debug'),
    error: write('error'),
    warn: write('warn'),
    debug: write('debug'),
    verbose: write('debug'),
  };
}
