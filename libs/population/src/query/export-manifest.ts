import { basename } from 'node:path';
import { type ExportState } from './population.js';
import { deidentifiedText } from './deidentified-header.js';
import { PSEUDONYMIZED } from './row-formats.js';
import { written } from './publish-parquet.js';

/** The manifest of an export that is done (SQL on FHIR 3.0, $sql-export), with the positions that all of it stands on. */
export function exportManifest(state: ExportState, url: string): object {
  const { id, clientTrackingId, format, startedMs, endedMs = startedMs, positions = [], outputs = [] } = state;
  const parameter: object[] = [
    { name: 'exportId', valueString: id },
    ...(clientTrackingId ? [{ name: 'clientTrackingId', valueString: clientTrackingId }] : []),
    { name: 'status', valueCode: 'completed' },
    { name: '_format', valueCode: format },
    { name: 'exportStartTime', valueInstant: new Date(startedMs).toISOString() },
    { name: 'exportEndTime', valueInstant: new Date(endedMs).toISOString() },
    { name: 'exportDuration', valueInteger: Math.round((endedMs - startedMs) / 1000) },
    { name: 'positions', valueString: written(positions) },
    ...outputs.map(({ name, file, deidentified }) => ({
      name: 'output',
      part: [
        { name: 'name', valueString: name },
        { name: 'location', valueUri: `${url}/files/${basename(file)}` },
        ...(deidentified ? [{ name: 'deidentified', valueString: deidentifiedText(deidentified) }] : []),
      ],
    })),
  ];
  const isDeidentified = outputs.some(({ deidentified }) => deidentified);
  return { resourceType: 'Parameters', ...(isDeidentified ? { meta: PSEUDONYMIZED } : {}), parameter };
}
