import { setTimeout as delay } from 'node:timers/promises';
import { FhirError } from '@chartledger/platform';
import { sentView } from '../deidentify/deidentification.js';
import { readLibraries } from '../live/libraries.js';
import { type PopulationProjector } from '../live/projector.js';
import { viewSource } from '../live/view-source.js';
import { type PopulationStore } from '../store/population-store.js';
import { findSubject, type Artifact, type Artifacts } from './artifacts.js';
import { type SqlQuestion } from './population.js';
import { bindParameters } from './sql-library.js';
import { type Subject } from './sql-request.js';
import { projectTables, tableGraph } from './table-graph.js';

/** How long a question waits for views that are being filled before it is answered by what there is. */
const FILL_PATIENCE_MS = 3_000;

/** What a question is about, as it was found. */
export interface Found {
  artifacts: Artifacts;
  /** In the order of the question's subjects. */
  found: Artifact[];
}

/** Finds the subjects and checks them; a view that was registered a moment ago is waited for. @throws FhirError. */
export async function findSubjects(
  { projector, store }: { projector: PopulationProjector; store: PopulationStore },
  question: SqlQuestion,
): Promise<Found> {
  await projector.reached(new Map(question.until));
  const find = async (): Promise<Found> => {
    const libraries = await store.read((connection) => readLibraries(connection));
    return findIn({ live: projector.live, unready: projector.unready, libraries }, question);
  };
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof FhirError) || error.status !== 503 || !projector.isFilling) throw error;
    await Promise.race([projector.filled(), delay(FILL_PATIENCE_MS, undefined, { ref: false })]);
    return find();
  }
}

function findIn(artifacts: Artifacts, question: SqlQuestion): Found {
  const found = question.request.subjects.map((subject) => {
    const artifact = findSubject(artifacts, subject);
    checkSubject(artifacts, artifact, subject, question);
    return artifact;
  });
  return { artifacts, found };
}

/** What can be wrong with a question before it runs. @throws FhirError. */
function checkSubject(artifacts: Artifacts, artifact: Artifact, subject: Subject, question: SqlQuestion): void {
  const { request, project } = question;
  if (artifact.kind === 'sql') {
    if (request.resources.length > 0) {
      throw FhirError.of(400, 'invalid', 'resources can be sent for a ViewDefinition only', 'resource');
    }
    bindParameters(artifact.library, subject.parameters ?? []);
    projectTables(tableGraph(artifacts, [artifact.library], request.context), project);
    return;
  }
  if (subject.parameters) {
    throw FhirError.of(400, 'invalid', 'a ViewDefinition declares no parameters', 'parameters');
  }
  if (request.context.length > 0) {
    throw FhirError.of(400, 'invalid', 'a ViewDefinition depends on nothing: take the context out', 'context');
  }
  if (artifact.kind !== 'definition') return;
  const source = viewSource(artifact.definition);
  if (project) sentView(source, artifact.definition, project);
}
