import { type ValueSet } from '../../measure/resources.js';
import { ICD_10_CM_CODES } from './icd-10-cm.data.js';
import { ICD_10_CM, SNOMED, valueSet } from './value-set.js';

/** For registries. Of SNOMED CT the general concepts that are on problem lists: what is below a concept must be added to be found. */
// prettier-ignore
export const CONDITION_VALUE_SETS: readonly (ValueSet & Record<string, unknown>)[] = [
  valueSet('diabetes', 'Diabetes', 'Diabetes mellitus', {
    [SNOMED]: [
      ['73211009', 'Diabetes mellitus'],
      ['44054006', 'Type 2 diabetes mellitus'],
      ['46635009', 'Type 1 diabetes mellitus'],
      ['127013003', 'Disorder of kidney due to diabetes mellitus'],
      ['4855003', 'Retinopathy due to diabetes mellitus'],
      ['230572002', 'Neuropathy due to diabetes mellitus'],
      ['422034002', 'Retinopathy due to type 2 diabetes mellitus'],
      ['368581000119106', 'Neuropathy due to type 2 diabetes mellitus'],
      ['1551000119108', 'Nonproliferative retinopathy due to type 2 diabetes mellitus'],
      ['97331000119101', 'Macular edema and retinopathy due to type 2 diabetes mellitus'],
    ],
    [ICD_10_CM]: ICD_10_CM_CODES.diabetes,
  }),
  valueSet('hypertension', 'Hypertension', 'Hypertension', {
    [SNOMED]: [['38341003', 'Hypertensive disorder'], ['59621000', 'Essential hypertension']],
    [ICD_10_CM]: ICD_10_CM_CODES.hypertension,
  }),
  valueSet('chronic-kidney-disease', 'ChronicKidneyDisease', 'Chronic kidney disease', {
    [SNOMED]: [
      ['709044004', 'Chronic kidney disease'],
      ['431855005', 'Chronic kidney disease stage 1'],
      ['431856006', 'Chronic kidney disease stage 2'],
      ['433144002', 'Chronic kidney disease stage 3'],
      ['431857002', 'Chronic kidney disease stage 4'],
      ['433146000', 'Chronic kidney disease stage 5'],
      ['46177005', 'End-stage renal disease'],
    ],
    [ICD_10_CM]: ICD_10_CM_CODES.chronicKidneyDisease,
  }),
  valueSet('heart-failure', 'HeartFailure', 'Heart failure', {
    [SNOMED]: [
      ['84114007', 'Heart failure'],
      ['42343007', 'Congestive heart failure'],
      ['88805009', 'Chronic congestive heart failure'],
      ['85232009', 'Left heart failure'],
    ],
    [ICD_10_CM]: ICD_10_CM_CODES.heartFailure,
  }),
  valueSet('copd', 'Copd', 'Chronic obstructive lung disease', {
    [SNOMED]: [
      ['13645005', 'Chronic obstructive lung disease'],
      ['185086009', 'Chronic obstructive bronchitis'],
      ['63480004', 'Chronic bronchitis'],
      ['87433001', 'Pulmonary emphysema'],
    ],
    [ICD_10_CM]: ICD_10_CM_CODES.copd,
  }),
  valueSet('asthma', 'Asthma', 'Asthma', {
    [SNOMED]: [['195967001', 'Asthma'], ['233678006', 'Childhood asthma']],
    [ICD_10_CM]: ICD_10_CM_CODES.asthma,
  }),
];
