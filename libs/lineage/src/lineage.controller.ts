import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { type Response } from 'express';
import { ANONYMOUS, NotFoundError, parameters, type Query as RequestQuery } from '@chartledger/platform';
import { renderGraph } from './graph-format.js';
import { type SubjectsPage } from './graph-reports.js';
import { parseAsOf, parseGraphQuestion, parseSubjectsQuestion } from './lineage.requests.js';
import { LineageService, type RecordPath } from './lineage.service.js';
import { type RecordLineage } from './record-lineage.js';

/** The positions that an answer stands on, `chain:seq`, separated by commas. */
const POSITION = 'Chartledger-Position';
const VERSION = /^[1-9]\d{0,8}$/;

@Controller('lineage')
export class LineageController {
  constructor(@Inject(LineageService) private readonly lineage: LineageService) {}

  @Get('records/:source/:type/:id')
  record(@Param() path: RecordPath, @Query() query: RequestQuery): Promise<RecordLineage> {
    return this.lineage.record(ANONYMOUS, path, parseAsOf(query));
  }

  @Get('records/:source/:type/:id/versions/:version/received')
  async received(
    @Param() path: RecordPath & { version: string },
    @Query() query: RequestQuery,
    @Res() response: Response,
  ): Promise<void> {
    parameters(query, []);
    if (!VERSION.test(path.version))
      throw new NotFoundError('there is no such version: versions are numbers from 1 on');
    const { bytes, position } = await this.lineage.received(ANONYMOUS, path, Number(path.version));
    response.set(POSITION, position).type('application/fhir+json; charset=utf-8').send(bytes);
  }

  @Get('reports/:id/subjects')
  subjects(@Param('id') id: string, @Query() query: RequestQuery): Promise<SubjectsPage> {
    return this.lineage.reportSubjects(ANONYMOUS, parseSubjectsQuestion(id, query));
  }

  @Get('graph')
  async graph(@Query() query: RequestQuery, @Res() response: Response): Promise<void> {
    const question = parseGraphQuestion(query);
    const graph = await this.lineage.graph(ANONYMOUS, question);
    const { contentType, body } = renderGraph(graph, question.format);
    const positions = [...graph.asOf].map(([chain, seq]) => `${chain}:${seq}`).join(',');
    // Formats of others have no place for these.
    response.set(POSITION, positions).set('Chartledger-Truncated', String(graph.truncated));
    response.type(contentType).send(body);
  }
}
