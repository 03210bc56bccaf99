import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { LedgerAudit, LedgerController } from '@chartledger/audit';
import { FhirWritesController, IngestService, SourceRegistrar, SourcesController } from '@chartledger/ingest';
import { LineageController, LineageService } from '@chartledger/lineage';
import {
  FhirMatchingController,
  ModelAdoption,
  ModelController,
  ModelStatus,
  ModelStatusController,
  PatientMatching,
  PersonOperations,
  PersonsController,
  PersonsService,
  StewardController,
  Stewarding,
} from '@chartledger/matching';
import {
  CountsController,
  CountsService,
  MeasureController,
  MeasureService,
  PopulationController,
  SqlOnFhir,
  SqlOnFhirController,
} from '@chartledger/population';
import { FhirReads, FhirReadsController, SourceDirectory } from '@chartledger/records';
import { SEQUENCERS, SubmissionsController } from '@chartledger/sequence';
import { type Assembly } from './parts.js';
import { HealthController } from './health.controller.js';
import { ASSEMBLY } from './tokens.js';

/** The HTTP side of a process. The parts are made by its role; here they only meet their controllers. */
@Module({})
export class ServerModule {
  static of(assembly: Assembly): DynamicModule {
    const { ingest, query, sequencers } = assembly;
    const reads = ingest?.reads ?? query?.reads;
    const providers: Provider[] = [
      ...(reads ? [{ provide: FhirReads, useValue: reads }] : []),
      { provide: ASSEMBLY, useValue: assembly },
      { provide: SEQUENCERS, useValue: sequencers },
    ];
    const controllers: Type[] = [HealthController];
    if (query) {
      // Operations come before what reads and writes any record: the first that takes a URL answers it.
      providers.push({ provide: SqlOnFhir, useValue: query.sql });
      providers.push({ provide: MeasureService, useValue: query.measures });
      providers.push({ provide: CountsService, useValue: query.counts });
      controllers.push(SqlOnFhirController, PopulationController, MeasureController, CountsController);
    }
    if (ingest) {
      providers.push({ provide: IngestService, useValue: ingest.ingest });
      providers.push({ provide: SourceRegistrar, useValue: ingest.registrar });
      providers.push({ provide: SourceDirectory, useValue: ingest.sources });
      providers.push({ provide: Stewarding, useValue: ingest.stewarding });
      providers.push({ provide: ModelAdoption, useValue: ingest.adoption });
      controllers.push(SourcesController, FhirWritesController, StewardController, ModelController);
    }
    if (query) {
      providers.push({ provide: LineageService, useValue: query.lineage });
      providers.push({ provide: LedgerAudit, useValue: query.audit });
      providers.push({ provide: PersonsService, useValue: query.asking.persons });
      providers.push({ provide: PersonOperations, useValue: query.asking.operations });
      providers.push({ provide: PatientMatching, useValue: query.asking.matching });
      providers.push({ provide: ModelStatus, useValue: query.asking.models });
      // What takes every id is after what takes one word, and what takes every URL under /fhir is last.
      controllers.push(ModelStatusController);
      controllers.push(LedgerController, LineageController, PersonsController, FhirMatchingController);
      controllers.push(FhirReadsController);
    }
    // A process with all stages hands submissions over by a call.
    if (!ingest && !query) controllers.push(SubmissionsController);
    return { module: ServerModule, controllers, providers };
  }
}
