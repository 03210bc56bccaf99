import { type Finding } from '@chartledger/fhir';
import { type Issue } from '@chartledger/platform';

export function toIssue({ severity, code, expression, message }: Finding): Issue {
  return { severity, code, diagnostics: message, ...(expression ? { expression: [expression] } : {}) };
}
