import { isAbsolute, resolve } from 'node:path';
import { ConfigurationError } from './errors.js';

/* Readers of single variables. An empty value is none. Each @throws ConfigurationError that names the variable. */

const DIGITS = /^\d{1,15}$/;

export function text(env: NodeJS.ProcessEnv, name: string, fallback: string): string {
  return env[name] || fallback;
}

export function integer(env: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const value = env[name];
  if (!value) return fallback;
  const number = Number(value);
  if (!DIGITS.test(value) || number < min || number > max) {
    throw new ConfigurationError(`${name} is ${value}: it must be a whole number from ${min} to ${max}`);
  }
  return number;
}

export function oneOf<T extends string>(env: NodeJS.ProcessEnv, name: string, allowed: readonly T[], fallback: T): T {
  const value = env[name];
  if (!value) return fallback;
  if (!allowed.includes(value as T))
    throw new ConfigurationError(`${name} is ${value}: it must be one of ${allowed.join(', ')}`);
  return value as T;
}

export function path(cwd: string, value: string): string {
  return isAbsolute(value) ? value : resolve(cwd, value);
}
