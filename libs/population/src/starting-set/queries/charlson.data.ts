/**
 * The Charlson index: what it is made of, by ICD-10 and by SNOMED CT. LICENSE-codes.md says where each is from.
 */
export interface CharlsonCategory {
  readonly id: string;
  readonly name: string;
  /** Charlson et al. 1987. */
  readonly weight: number;
  /** Quan et al. 2011. */
  readonly weight2011: number;
  /** The severe form: who has that has this one not counted. */
  readonly unless?: string;
  /** Beginnings of ICD-10 codes without the point, of three or four characters; A00-A03 is a range. */
  readonly icd10: string;
  /** Concepts, one by one, without those below them: `code|words`. */
  readonly snomed: readonly string[];
}

// prettier-ignore
export const CHARLSON: readonly CharlsonCategory[] = [
  { id: 'myocardial-infarction', name: 'Myocardial infarction', weight: 1, weight2011: 0,
    icd10: 'I21 I22 I252',
    snomed: ['22298006|Myocardial infarction', '57054005|Acute myocardial infarction', '1755008|Old myocardial infarction', '399211009|History of myocardial infarction', '401303003|Acute ST segment elevation myocardial infarction', '401314000|Acute non-ST segment elevation myocardial infarction'] },
  { id: 'heart-failure', name: 'Congestive heart failure', weight: 1, weight2011: 2,
    icd10: 'I099 I110 I130 I132 I255 I420 I425-I429 I43 I50 P290',
    snomed: ['84114007|Heart failure', '42343007|Congestive heart failure', '88805009|Chronic congestive heart failure', '85232009|Left heart failure'] },
  { id: 'peripheral-vascular-disease', name: 'Peripheral vascular disease', weight: 1, weight2011: 0,
    icd10: 'I70 I71 I731 I738 I739 I771 I790 I792 K551 K558 K559 Z958 Z959',
    snomed: ['400047006|Peripheral vascular disease', '399957001|Peripheral arterial occlusive disease', '233985008|Abdominal aortic aneurysm'] },
  { id: 'cerebrovascular-disease', name: 'Cerebrovascular disease', weight: 1, weight2011: 0,
    icd10: 'G45 G46 H340 I60-I69',
    snomed: ['62914000|Cerebrovascular disease', '230690007|Cerebrovascular accident', '422504002|Ischemic stroke', '266257000|Transient ischemic attack'] },
  { id: 'dementia', name: 'Dementia', weight: 1, weight2011: 2,
    icd10: 'F00-F03 F051 G30 G311',
    snomed: ['52448006|Dementia', "26929004|Alzheimer's disease", '429998004|Vascular dementia'] },
  { id: 'chronic-pulmonary-disease', name: 'Chronic pulmonary disease', weight: 1, weight2011: 1,
    icd10: 'I278 I279 J40-J47 J60-J67 J684 J701 J703',
    snomed: ['13645005|Chronic obstructive lung disease', '185086009|Chronic obstructive bronchitis', '63480004|Chronic bronchitis', '87433001|Pulmonary emphysema', '195967001|Asthma', '233678006|Childhood asthma', '12295008|Bronchiectasis'] },
  { id: 'rheumatic-disease', name: 'Rheumatic disease', weight: 1, weight2011: 1,
    icd10: 'M05 M06 M315 M32-M34 M351 M353 M360',
    snomed: ['69896004|Rheumatoid arthritis', '55464009|Systemic lupus erythematosus', '89155008|Systemic sclerosis', '65323003|Polymyalgia rheumatica'] },
  { id: 'peptic-ulcer-disease', name: 'Peptic ulcer disease', weight: 1, weight2011: 0,
    icd10: 'K25-K28',
    snomed: ['13200003|Peptic ulcer', '397825006|Gastric ulcer', '51868009|Duodenal ulcer'] },
  { id: 'mild-liver-disease', name: 'Mild liver disease', weight: 1, weight2011: 2, unless: 'severe-liver-disease',
    icd10: 'B18 K700-K703 K709 K713-K715 K717 K73 K74 K760 K762-K764 K768 K769 Z944',
    snomed: ['19943007|Cirrhosis of liver', '76783007|Chronic hepatitis', '61977001|Chronic viral hepatitis B', '128302006|Chronic hepatitis C', '197321007|Steatosis of liver'] },
  { id: 'diabetes', name: 'Diabetes without chronic complication', weight: 1, weight2011: 0, unless: 'diabetes-with-complication',
    icd10: 'E100 E101 E106 E108 E109 E110 E111 E116 E118 E119 E120 E121 E126 E128 E129 E130 E131 E136 E138 E139 E140 E141 E146 E148 E149',
    snomed: ['73211009|Diabetes mellitus', '44054006|Type 2 diabetes mellitus', '46635009|Type 1 diabetes mellitus'] },
  { id: 'diabetes-with-complication', name: 'Diabetes with chronic complication', weight: 2, weight2011: 1,
    icd10: 'E102-E105 E107 E112-E115 E117 E122-E125 E127 E132-E135 E137 E142-E145 E147',
    snomed: ['127013003|Disorder of kidney due to diabetes mellitus', '4855003|Retinopathy due to diabetes mellitus', '230572002|Neuropathy due to diabetes mellitus', '422034002|Retinopathy due to type 2 diabetes mellitus', '368581000119106|Neuropathy due to type 2 diabetes mellitus', '1551000119108|Nonproliferative retinopathy due to type 2 diabetes mellitus', '97331000119101|Macular edema and retinopathy due to type 2 diabetes mellitus'] },
  { id: 'hemiplegia-or-paraplegia', name: 'Hemiplegia or paraplegia', weight: 2, weight2011: 2,
    icd10: 'G041 G114 G801 G802 G81 G82 G830-G834 G839',
    snomed: ['50582007|Hemiplegia', '60389000|Paraplegia', '11538006|Quadriplegia'] },
  { id: 'renal-disease', name: 'Renal disease', weight: 2, weight2011: 1,
    icd10: 'I120 I131 N032-N037 N052-N057 N18 N19 N250 Z490-Z492 Z940 Z992',
    snomed: ['709044004|Chronic kidney disease', '431855005|Chronic kidney disease stage 1', '431856006|Chronic kidney disease stage 2', '433144002|Chronic kidney disease stage 3', '431857002|Chronic kidney disease stage 4', '433146000|Chronic kidney disease stage 5', '46177005|End-stage renal disease'] },
  { id: 'malignancy', name: 'Any malignancy, including lymphoma and leukemia, except of the skin', weight: 2, weight2011: 2, unless: 'metastatic-solid-tumor',
    icd10: 'C00-C26 C30-C34 C37-C41 C43 C45-C58 C60-C76 C81-C85 C88 C90-C97',
    snomed: ['363346000|Malignant neoplastic disease', '254837009|Malignant neoplasm of breast', '254637007|Non-small cell lung cancer', '254632001|Small cell carcinoma of lung', '363406005|Malignant neoplasm of colon', '399068003|Malignant neoplasm of prostate', '118600007|Malignant lymphoma', '93143009|Leukemia', '109989006|Multiple myeloma'] },
  { id: 'severe-liver-disease', name: 'Moderate or severe liver disease', weight: 3, weight2011: 4,
    icd10: 'I850 I859 I864 I982 K704 K711 K721 K729 K765 K766 K767',
    snomed: ['34742003|Portal hypertension', '28670008|Esophageal varices', '59927004|Hepatic failure', '51292008|Hepatorenal syndrome'] },
  { id: 'metastatic-solid-tumor', name: 'Metastatic solid tumor', weight: 6, weight2011: 6,
    icd10: 'C77-C80',
    snomed: ['128462008|Metastatic malignant neoplasm', '94222008|Metastatic malignant neoplasm to bone', '94381002|Metastatic malignant neoplasm to liver', '94391008|Metastatic malignant neoplasm to lung'] },
  { id: 'aids-hiv', name: 'AIDS or HIV', weight: 6, weight2011: 4,
    icd10: 'B20-B22 B24',
    snomed: ['62479008|Acquired immune deficiency syndrome', '86406008|Human immunodeficiency virus infection'] },
];

/** The beginnings one by one: `K70-K72` is K70, K71 and K72. */
export function beginnings(icd10: string): string[] {
  return icd10.split(' ').flatMap((part) => {
    const [from, to] = part.split('-');
    if (!to) return [from];
    const width = from.length - 1;
    const [first, last] = [Number(from.slice(1)), Number(to.slice(1))];
    return Array.from({ length: last - first + 1 }, (_, step) => from[0] + String(first + step).padStart(width, '0'));
  });
}
