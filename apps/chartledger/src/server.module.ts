import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { LedgerAudit, LedgerController } from '@chartledger/audit';
import { FhirWritesController, IngestService, SourceRegistrar, SourcesController } from '@chartledger/ingest';
import { LineageController, LineageService } from '@chartledger/lineage';
import { FhirReads, FhirReadsController, SourceDirectory } from '@chartledger/records';
import { type Assembly } from './assembly.js';
import { HealthController } from './health.controller.js';
import { ASSEMBLY } from './tokens.js';

/** The HTTP side of everything in one process. The parts are made by `assemble`; here they only meet their controllers. */
@Module({})
export class ServerModule {
  static of(assembly: Assembly): DynamicModule {
    const providers: Provider[] = [
      { provide: ASSEMBLY, useValue: assembly },
      { provide: IngestService, useValue: assembly.ingest },
      { provide: FhirReads, useValue: assembly.reads },
      { provide: SourceDirectory, useValue: assembly.sources },
      { provide: SourceRegistrar, useValue: assembly.registrar },
      { provide: LineageService, useValue: assembly.lineage },
      { provide: LedgerAudit, useValue: assembly.audit },
    ];
    return {
      module: ServerModule,
      controllers: [
        HealthController,
        SourcesController,
        LedgerController,
        LineageController,
        FhirWritesController,
        FhirReadsController,
      ],
      providers,
    };
  }
}
