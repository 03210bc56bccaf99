import { type Pool } from 'pg';
import { systemClock, type Logger } from '@chartledger/platform';
import { type EntryOpener, type Views } from '@chartledger/projection';
import { RecordReader, SourceDirectory } from '@chartledger/records';
import { ShreddedKeys, type DataKeys, type Tokens } from '@chartledger/security';
import { type PseudonymOf } from '../live/forget-rows.js';
import { type TimeQuestion } from '../population-metrics.js';
import { Definitions } from './definitions.js';
import { PopulationEvaluation } from './evaluation.js';
import { type Evaluator } from './evaluator.js';
import { EvaluatorThreads } from './evaluator-threads.js';
import { ForgetResults } from './forget-results.js';
import { KeptResults } from './kept-results.js';
import { MeasureService, type MeasureParts } from './measure.service.js';
import { PatientData } from './patient-data.js';
import { PatientRecords } from './patient-records.js';

/** What measures stand on. */
export interface MeasureGround {
  pool: Pool;
  views: Views;
  opener: EntryOpener;
  tokens: Tokens;
  logger: Logger;
  submit: MeasureParts['submit'];
  dataKeys: DataKeys;
  pseudonymOf: PseudonymOf;
  time?: TimeQuestion;
  /** Default: threads, as many as there are cores. */
  evaluator?: Evaluator;
}

/** Measures over the records that `views` show. `stop` ends the threads that evaluate. */
export function openMeasures(ground: MeasureGround): {
  measures: MeasureService;
  evaluation: PopulationEvaluation;
  stop(): Promise<void>;
} {
  const { pool, views, opener, tokens, logger, submit } = ground;
  const evaluator = ground.evaluator ?? new EvaluatorThreads(logger);
  const kept = new KeptResults(pool, tokens);
  const sources = new SourceDirectory(pool, views);
  const forgetting = new ForgetResults({ pool, views, sources, kept, pseudonymOf: ground.pseudonymOf });
  const failed = (error: Error): void =>
    logger.error(
      { stage: 'query', error: error.message },
      'kept results of a destroyed key stay until they are asked for',
    );
  const shredded = new ShreddedKeys(pool, ground.dataKeys, forgetting, failed);
  forgetting.listensTo(shredded);
  const started = shredded.start().catch(failed);
  const evaluation = new PopulationEvaluation(
    new PatientData(pool, views, tokens),
    new PatientRecords(pool, views, opener, tokens),
    kept,
    evaluator,
  );
  const measures = new MeasureService({
    definitions: new Definitions(pool, views, opener),
    evaluation,
    kept,
    reader: new RecordReader(pool, views, opener),
    sources,
    forgetting,
    ...(ground.time ? { time: ground.time } : {}),
    tokens,
    submit,
    clock: systemClock,
  });
  const stop = async (): Promise<void> => {
    await started;
    await shredded.stop();
    await evaluator.stop();
  };
  return { measures, evaluation, stop };
}
