import { resolve } from 'node:path';
import { removeCluster } from './cluster.mjs';

/**
 * `node guard.mjs FOLDER`: removes the cluster in a folder when its standard input ends. The process that holds the
 * other end may be killed at any moment: its brokers do not outlive it.
 */
process.stdin.resume().once('close', () => void removeCluster(resolve(process.argv[2])));
